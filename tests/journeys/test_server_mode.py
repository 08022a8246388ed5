"""The main journey in server mode: import, roll up, review, close, the headquarters' page.

PostgreSQL by TCP with a SCRAM login per tenant, RabbitMQ, and web, dispatcher, clock and worker as
processes of their own, talked to by HTTP alone. Skipped at home without a RabbitMQ, failing in CI.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from shared import days
from tenants import provisioning
from tenants.logins import connect
from tenants.people import api_tokens
from tenants.provisioning import NewTenant
from tenants.registry import Tenant
from tests.factories.franchise import register
from tests.factories.tenants import new_person
from tests.journeys.server import Client, Server, database, running, until
from tests.workers.conftest import need_amqp

ZONES = ("Asia/Shanghai", "America/Los_Angeles")
HEADER = "日期,顾客编号,姓名,项目,数量,金额,支付方式"
COSTS = ("WAGES", "RENT", "MATERIALS", "UTILITIES", "MARKETING", "OTHER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The tokens of the people who take part."""

    managers: list[Client]
    analyst: Client
    server: Server
    month: date


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    need_amqp()
    folder = tmp_path_factory.mktemp("server")
    with database(folder):
        hq, stores = _make_chain()
        tokens = [_token(hq, "HQN"), *(_token(store, "MGR") for store in stores)]
        with running(folder) as server:
            analyst, *managers = (
                Client(address=server.address, slug=tenant.slug, token=token)
                for tenant, token in zip([hq, *stores], tokens, strict=True)
            )
            # over everywhere, whatever the hour and the zone
            month = days.previous_month(days.previous_month(datetime.now(UTC).date()))
            yield Chain(managers=managers, analyst=analyst, server=server, month=month)


def test_a_months_sales_go_from_a_file_to_the_headquarters_page(chain: Chain) -> None:
    month = f"{chain.month:%Y-%m}"
    for number, manager in enumerate(chain.managers, start=1):
        _import_a_file(chain, manager, price=number * 100)
        _review(chain, manager, month)
    for number, manager in enumerate(chain.managers, start=1):
        _accept(chain, manager, f"{number:03d}", month)

    def all_closed() -> Any:
        page = chain.analyst.get(f"dashboard?first={month}&last={month}")
        return page if page["months"][0]["coverage"]["counted"] == 2 else None

    page = until(all_closed, chain.server)
    (column,) = page["months"]
    # 20 days x 3 receipts of 100.00 in one store and of 200.00 in the other
    assert column["turnover_fen"] == column["closed_turnover_fen"] == 60 * (100_00 + 200_00)
    assert column["visits"] == 2 * 60
    assert column["new_customers"] == 2 * 3
    assert {row["code"]: row["total_fen"] for row in page["stores"]} == {
        "001": 60 * 100_00,
        "002": 60 * 200_00,
    }
    drilled = chain.analyst.get(f"stores/002/months/{month}")
    assert drilled["total_fen"] == 60 * 200_00
    closed = chain.managers[0].get(f"months/{month}")
    assert closed["state"] == "CLOSED"


def test_every_process_is_alive_and_nothing_died(chain: Chain) -> None:
    for process in chain.server.processes.values():
        assert process.poll() is None
    with connect("app_dispatch") as connection:
        dead = connection.execute("SELECT kind FROM ops.job WHERE state = 'dead'")
        assert dead.fetchall() == []
        clocks = connection.execute("SELECT count(DISTINCT tenant) FROM ops.clock")
        assert clocks.fetchall() == [(3,)]


def test_a_login_needs_its_own_password(chain: Chain) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect("app_auth", password="not the derived one")


def _make_chain() -> tuple[Tenant, list[Tenant]]:
    hq = provisioning.create_hq(NewTenant(slug="chain", display_name="丽影总部", code="000"))
    stores = []
    for number, zone in enumerate(ZONES, start=1):
        code = f"{number:03d}"
        new = NewTenant(slug=f"store-{code}", display_name=code, code=code, time_zone=zone)
        stores.append(provisioning.create_store(new, hq=hq))
        register(hq, stores[-1], code=code)
    return hq, stores


def _token(tenant: Tenant, role: provisioning.Role) -> str:
    person = new_person((tenant, role))
    return api_tokens.make_api_token(person, tenant, label="journey", now=datetime.now(UTC))


def _import_a_file(chain: Chain, manager: Client, *, price: int) -> None:
    item = {"code": "F01", "name": "补水护理", "category": "FACIAL", "price_fen": price * 100}
    manager.send("POST", "items", {**item, "on_sale_from": "2020-01-01"})
    lines = [
        f"{chain.month.replace(day=day)},{guest},王{guest},F01,1,{price}.00,微信"
        for day in range(1, 21)
        for guest in ("A1", "A2", "A3")
    ]
    content = "\n".join([HEADER, *lines]).encode()
    run = manager.upload("imports", "june.csv", content)

    def imported() -> Any:
        now = manager.get(f"imports/{run['id']}")
        return now if now["state"] == "DONE" else None

    done = until(imported, chain.server)
    assert (done["rows_saved"], done["rows_bad"]) == (60, 0)


def _review(chain: Chain, manager: Client, month: str) -> None:
    manager.send("PUT", f"months/{month}/costs", dict.fromkeys(COSTS, 100_00))
    computed = manager.send("POST", f"months/{month}/computation")
    assert computed["state"] == "COMPUTED"
    reviewed = manager.send("POST", f"months/{month}/review", {})
    assert reviewed["state"] == "REVIEWED"


def _accept(chain: Chain, manager: Client, code: str, month: str) -> None:
    def reported() -> Any:
        rows = chain.analyst.get(f"stores/{code}/months")["items"]
        ready = [row for row in rows if row["month"] == month and row["state"] == "REVIEWED"]
        return ready[0] if ready else None

    row = until(reported, chain.server)
    decision = {"decision": "accept", "revision": row["revision"]}
    chain.analyst.send("POST", f"stores/{code}/months/{month}/decisions", decision)
