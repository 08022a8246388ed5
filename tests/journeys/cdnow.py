"""The CDNOW purchases as a chain's file, and the chain they are told about.

The file lies in the package `lifetimes`, which is installed for it alone: read where it is,
never imported, never copied into this repository.
"""

import csv
import importlib.metadata
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.demo import headquarters
from shared import days
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import items as catalog
from shared.domain.franchise.rules.stores import StoreDetails, StoreKind
from shared.domain.franchise.service import stores as store_files
from shared.domain.reporting.rules.states import Actor, Authority
from shared.domain.reporting.service import closing
from tenants import provisioning
from tenants.provisioning import NewTenant
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction
from tests.factories.tenants import new_person
from workers.idle import work_until_idle

STORES = 8
PURCHASES = 69_659
FIRST_MONTH, LAST_MONTH = date(1997, 1, 1), date(1998, 6, 1)
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles")
HEADER = ("store", "date", "customer", "item", "quantity", "amount", "tender")
NOW = datetime.now(UTC)

_FILE = "lifetimes/datasets/CDNOW_master.txt"
_ALONE = Path(__file__).with_name("cdnow_independent.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A headquarters and its eight stores, by code; one person for each side."""

    hq: Tenant
    stores: dict[str, Tenant]
    manager: UUID
    analyst: UUID


def master_file() -> Path:
    """Find the file; skip at home, fail in CI, when the package is missing."""
    try:
        path = Path(str(importlib.metadata.distribution("lifetimes").locate_file(_FILE)))
    except importlib.metadata.PackageNotFoundError:
        if os.environ.get("CI"):
            pytest.fail("the package lifetimes is missing: pip install --no-deps lifetimes==0.11.3")
        pytest.skip("the package lifetimes is not installed")
    assert path.is_file()
    return path


def said_independently() -> dict[str, Any]:
    """Let the stand-alone script say what the file holds."""
    command = [sys.executable, "-I", str(_ALONE), str(master_file())]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def rows() -> list[list[str]]:
    """Write the purchases as rows of one file for the whole chain."""
    written = []
    for line in master_file().read_text(encoding="ascii").splitlines()[1:]:
        customer, day, discs, dollars = line.split()
        store = f"{int(customer) % STORES + 1:03d}"
        on = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        written.append([store, on, customer, "CD", discs, dollars, "BANKCARD"])
    return written


def write_csv(path: Path, lines: list[list[str]]) -> Path:
    """Write a file as a till would."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *lines])
    return path


def open_chain(mark: str, *, password_hash: str = "") -> Chain:
    """Make the chain: eight stores in three time zones, open every day, one item on sale.

    Slugs and logins begin with `mark`.
    """
    hq = provisioning.create_hq(_tenant(f"{mark}-hq", "CDNOW", "000", ZONES[0]))
    stores = {}
    for number in range(1, STORES + 1):
        code = f"{number:03d}"
        new = _tenant(f"{mark}-{code}", f"Store {code}", code, ZONES[number % len(ZONES)])
        stores[code] = provisioning.create_store(new, hq=hq, since=date(1996, 1, 1))
    item = catalog.NewItem(
        code="CD",
        name="Compact disc",
        category=Category.PRODUCT,
        price_fen=14_99,
        on_sale_from=date(1996, 1, 1),
    )
    for store in stores.values():
        with tenant_transaction(store) as session:
            catalog.add_item(session, new=item, now=NOW)
    _keep_files(hq, stores)
    manager = new_person(
        *((store, "MGR") for store in stores.values()),
        login=f"{mark}-manager",
        password_hash=password_hash,
    )
    analyst = new_person((hq, "HQN"), login=f"{mark}-analyst", password_hash=password_hash)
    return Chain(hq=hq, stores=stores, manager=manager, analyst=analyst)


def all_months() -> list[date]:
    """List the months of the file."""
    return days.months_between(FIRST_MONTH, LAST_MONTH)


def close_everything(chain: Chain) -> None:
    """Let managers compute and review, the headquarters accept, month after month."""
    for store in chain.stores.values():
        _review_all_months(store, chain)
    everybody = [chain.hq, *chain.stores.values()]
    work_until_idle(everybody)
    for month in all_months():
        accepted = headquarters.accept_month(
            chain.hq, month, by=(chain.analyst, "Analyst"), now=NOW
        )
        assert accepted == STORES
        work_until_idle(everybody)


def _review_all_months(store: Tenant, chain: Chain) -> None:
    manager = Actor(authority=Authority.STORE, id=chain.manager)
    today = days.business_day(NOW, zone=store.time_zone, change_hour=store.day_change_hour)
    for month in all_months():
        with tenant_transaction(store) as session:
            closing.compute_month(session, month=month, actor=manager, day=today, now=NOW)
            closing.review_month(
                session, month=month, actor=manager, now=NOW, acknowledged="no costs are known"
            )


def _tenant(slug: str, name: str, code: str, zone: str) -> NewTenant:
    return NewTenant(slug=slug, display_name=name, code=code, time_zone=zone, currency="USD")


def _keep_files(hq: Tenant, stores: dict[str, Tenant]) -> None:
    with tenant_transaction(hq) as session:
        for code, store in stores.items():
            details = StoreDetails(
                tenant=store.name,
                code=code,
                name=store.display_name,
                opened_on=date(1996, 1, 1),
                region=store.time_zone.rpartition("/")[2],
                kind=StoreKind.DIRECT,
            )
            store_files.register_store(session, details=details)
