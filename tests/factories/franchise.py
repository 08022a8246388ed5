"""A chain of stores with a headquarters, and the post between them, for tests."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.franchise.queries import stores as queries
from shared.domain.franchise.rules.stores import StoreDetails
from shared.domain.franchise.service import aggregation, plan_sending, reading, sending, stores
from shared.domain.franchise.service.reading import Reader
from shared.domain.reporting.rules.plan import NewPlan
from shared.domain.reporting.service import planning
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.reporting import JUNE, NOW, TODAY
from tests.factories.sales import MANAGER, new_item, new_sale
from tests.factories.tenants import new_hq, new_store

NUMBERS = {
    "R": 1_200_000_00, "W": 300_000_00, "E": 900_000_00, "I": 12_000_00,
    "H": 100, "V": 6000, "N": 300, "K": 400_000_00,
}  # fmt: skip


def register(
    hq: Tenant, store: Tenant, *, code: str, region: str = "", opened_on: date = date(2024, 1, 1)
) -> None:
    """Write a store's file in its headquarters."""
    details = StoreDetails(
        tenant=store.name,
        code=code,
        name=f"门店{code}",
        region=region,
        opened_on=opened_on,
    )
    with tenant_session(hq) as session:
        stores.register_store(session, details=details)
        session.commit()


def new_chain(*regions: str) -> tuple[Tenant, list[Tenant]]:
    """Make a headquarters with one registered store per region named."""
    hq = new_hq()
    made = [new_store(hq=hq) for _ in regions]
    for number, (store, region) in enumerate(zip(made, regions, strict=True), start=1):
        register(hq, store, code=f"{number:03d}", region=region)
    return hq, made


def send(store: Tenant, *, now: datetime = NOW, day: date = TODAY) -> int:
    """Let a store report whatever changed."""
    with tenant_session(store) as session:
        sent = sending.send_snapshots(session, hq=store.hq, day=day, now=now)
        session.commit()
        return sent


def hand_in_plan(store: Tenant, *, reason: str | None = None, **changed: int) -> None:
    """Write a store's plan of 2025, `NUMBERS` but for what is changed, and hand it in."""
    new = NewPlan(prior=NUMBERS, plan=NUMBERS | changed, reason=reason)
    with tenant_session(store) as session:
        planning.save_draft(session, year=2025, new=new, actor_id=MANAGER, now=NOW)
        planning.submit_plan(session, year=2025, actor_id=MANAGER, now=NOW)
        session.commit()


def send_plans(store: Tenant) -> int:
    """Let a store report its plans that moved."""
    with tenant_session(store) as session:
        sent = plan_sending.send_plans(session, hq=store.hq, day=TODAY, now=NOW)
        session.commit()
        return sent


def arrived(session: Session, own: Tenant) -> list[UUID]:
    """List all letters ever addressed to a tenant, as the database lets it see them."""
    ids = session.scalars(
        text("SELECT id FROM ops.letter WHERE receiver = :own ORDER BY sent_at, revision"),
        {"own": own.name},
    )
    return list(ids)


def read_all(own: Tenant, *, now: datetime = NOW) -> None:
    """Let a tenant read every letter addressed to it, also those it has read before."""
    with tenant_session(own) as session:
        reading.read_letters(session, letters=arrived(session, own), reader=reader(own), now=now)
        session.commit()


def aggregate(hq: Tenant, *months: date, now: datetime = NOW) -> None:
    """Let a headquarters sum some months."""
    with tenant_session(hq) as session:
        for month in months:
            aggregation.aggregate_month(session, month=month, now=now)
        session.commit()


def reader(own: Tenant) -> Reader:
    """Say who reads, as the job does."""
    return Reader(name=own.name, is_hq=own.kind == "hq", hq=own.hq)


def sell(store: Tenant, fen: int, *, day: date) -> None:
    """Record one sale in a store."""
    with tenant_session(store) as session:
        new_sale(session, (new_item(session).id, fen), day=day)
        session.commit()


def in_store(store: Tenant, work: Callable[[Session], object]) -> None:
    """Do something in a store and keep it."""
    with tenant_session(store) as session:
        work(session)
        session.commit()


def reported(hq: Tenant, store: Tenant, month: date = JUNE) -> queries.ReportedMonth:
    """Give a store's month as its headquarters has it."""
    with tenant_session(hq) as session:
        return queries.store_month(session, store.name, month)
