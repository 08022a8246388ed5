"""The cash day over the API: payments, deposit, count, and a second person's signature."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from shared import days
from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller, fields_of, signature
from tests.api.counting import counted
from tests.api.sales.test_sales import furnish, receipt
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]


def today_of(store: Tenant) -> date:
    """The store's business day now."""
    return days.business_day(
        datetime.now(UTC), zone=store.time_zone, change_hour=store.day_change_hour
    )


def _payment(fen: int) -> dict[str, Any]:
    return {"key": str(uuid4()), "purpose": "PURCHASE", "payee": "文具店", "amount_fen": fen}


def test_a_day_is_counted_by_one_and_closed_by_another(as_role: AsRole, store: Tenant) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")
    sale = desk.post("/sales", receipt(furnish(as_role, store), 30000)).json
    assert sale is not None
    day = f"/cash-days/{sale['business_date']}"

    paid = _payment(1000)
    assert desk.post(f"{day}/payments", paid).json == desk.post(f"{day}/payments", paid).json
    desk.call("PUT", f"{day}/deposit", json={"total_fen": 9000})
    counted_now = desk.call("PUT", f"{day}/count", json={"counted_fen": 20000})
    assert counted_now.status_code == 200
    report = manager.get(day).json
    assert report is not None
    assert report["figures"]["closing_fen"] == 20000
    assert report["figures"]["variance_fen"] == 0
    assert report["figures"]["fund_use_rate"] == "0.0333"
    assert [payment["amount_fen"] for payment in report["payments"]] == [1000]

    assert desk.post(f"{day}/closure", {}).status_code == 403  # may not approve at all
    both = as_role(store, "MGR")
    closed = both.post(f"{day}/closure", {"counted_fen": 20000})
    assert closed.status_code == 201
    assert closed.json is not None
    assert closed.json["state"] == "CLOSED"
    late = desk.post(f"{day}/payments", _payment(1))
    assert late.status_code == 409
    assert desk.post("/sales", receipt(1, 1)).status_code == 409


def test_a_large_payment_names_its_approver(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")
    path = f"/cash-days/{today_of(store)}/payments"

    assert "LIMIT" in fields_of(desk.post(path, _payment(50_000))).values()
    signed = {**_payment(50_000), **signature((store, "MGR"))}
    assert desk.post(path, signed).status_code == 201


def test_tomorrow_has_no_drawer(as_role: AsRole, store: Tenant) -> None:
    tomorrow = f"/cash-days/{today_of(store) + timedelta(days=1)}"
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")

    refused = [
        desk.call("PUT", f"{tomorrow}/opening", json={"opening_fen": 1}),
        desk.post(f"{tomorrow}/payments", _payment(1)),
        desk.call("PUT", f"{tomorrow}/deposit", json={"total_fen": 0}),
        desk.call("PUT", f"{tomorrow}/count", json={"counted_fen": 0}),
        manager.post(f"{tomorrow}/closure", {}),
    ]

    assert [fields_of(answer) for answer in refused] == [{"day": "FUTURE"}] * 5
    assert desk.get("/cash-days/2025-02-30").status_code == 404


def test_a_day_of_another_tenant_shows_nothing(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    theirs = as_role(other, "FD")
    sale = theirs.post("/sales", receipt(furnish(as_role, other))).json
    assert sale is not None
    mine = as_role(store, "FD")
    day = f"/cash-days/{sale['business_date']}"
    before = theirs.get(day).data

    mine.call("PUT", f"{day}/opening", json={"opening_fen": 5})
    report = mine.get(day).json

    assert report is not None
    assert report["drawer"]["receipts_fen"] == {}
    assert theirs.get(day).data == before


def test_the_report_costs_a_handful_of_statements(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")

    with counted(desk.app) as sent:
        desk.get(f"/cash-days/{today_of(store)}")

    assert len(sent) <= 11
