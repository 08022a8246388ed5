"""Jobs of the books through the real wrapper: run twice, the rows are the same."""

from datetime import date
from typing import Any

from sqlalchemy import text

from shared.domain.reporting.events import CloseDueMonth, ComputeMonth, RollUpDays
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import new_item, new_sale
from tests.workers.conftest import ask
from workers.testing import drain

MONTH = date(2025, 6, 1)


def books(store: Tenant) -> dict[str, list[Any]]:
    """Read day and month rows."""
    tables = ("day_totals", "day_items", "months", "month_figures")
    with tenant_session(store) as session:
        return {
            table: sorted(session.execute(text(f"SELECT t::text FROM {table} t")).scalars())
            for table in tables
        }


def test_rolling_up_twice_gives_the_same_rows(store: Tenant) -> None:
    with tenant_session(store) as session:
        item = new_item(session, "F1")
        new_sale(session, (item.id, 200_00))
        session.commit()

    ask(store, RollUpDays())
    assert ("reporting.roll_up_days", "done") in drain(store)
    once = books(store)
    ask(store, RollUpDays())
    drain(store)

    assert once == books(store)
    assert len(once["day_totals"]) == 1


def test_a_month_with_an_open_cash_day_is_not_computed_and_not_dead(store: Tenant) -> None:
    with tenant_session(store) as session:
        new_sale(session, (new_item(session, "F1").id, 200_00))
        session.commit()

    ask(store, RollUpDays(), ComputeMonth(month=MONTH), CloseDueMonth(month=MONTH))
    outcomes = drain(store)

    assert {outcome for kind, outcome in outcomes if kind.startswith("reporting.")} == {"done"}
    with tenant_session(store) as session:
        assert session.scalars(text("SELECT state FROM months")).all() == ["OPEN"]
