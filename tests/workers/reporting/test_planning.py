"""The calendar's jobs of the plan, run twice: a month's comparison, next year's draft (J24)."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from shared.domain.reporting.events import BeginPlan, ComparePlan
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.service import approving, planning
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import reporting
from tests.factories.sales import MANAGER, NOW, new_item, new_sale
from tests.workers.conftest import ask
from workers.schedules import SCHEDULES, Calendar, next_after, requests_of
from workers.testing import drain

JUNE = date(2025, 6, 1)
NUMBERS = dict.fromkeys("RWEIHVNK", 12_000_00)


def _rows(store: Tenant, table: str) -> list[Any]:
    with tenant_session(store) as session:
        return list(session.execute(text(f"SELECT * FROM {table}")))


def _sold(store: Tenant) -> None:
    with tenant_session(store) as session:
        new = rules.NewPlan(prior=NUMBERS, plan=NUMBERS | {"N": 300})
        planning.save_draft(session, year=2025, new=new, actor_id=MANAGER, now=NOW)
        planning.submit_plan(session, year=2025, actor_id=MANAGER, now=NOW)
        approving.approve_plan(session, year=2025, actor_id=UUID(int=8), has_hq=False, now=NOW)
        new_sale(session, (new_item(session).id, 700_00))
        reporting.roll_up(session)
        session.commit()


def test_a_month_is_compared_once_however_often_it_is_asked(store: Tenant) -> None:
    _sold(store)

    ask(store, ComparePlan(month=JUNE))
    assert ("reporting.compare_plan", "done") in drain(store)
    ask(store, ComparePlan(month=JUNE))
    drain(store)

    ((month, _plan, plan_fen, actual_fen, revision, _at),) = _rows(store, "plan_variances")
    assert (month, plan_fen, actual_fen, revision) == (JUNE, 1_000_00, 700_00, 0)


def test_a_computed_month_is_compared_again(store: Tenant) -> None:
    _sold(store)
    ask(store, ComparePlan(month=JUNE))
    drain(store)

    with tenant_session(store) as session:
        reporting.computed(session)
        session.commit()
    drain(store)

    assert [row.revision for row in _rows(store, "plan_variances")] == [1]


def test_next_years_plan_is_begun_once(store: Tenant) -> None:
    _sold(store)

    for _ in range(2):
        ask(store, BeginPlan(year=2026))
        assert ("reporting.begin_plan", "done") in drain(store)

    begun = [row for row in _rows(store, "plans") if row.year == 2026]
    assert [(row.revision, row.state, row.made_by) for row in begun] == [(1, "DRAFT", None)]


def test_the_calendar_asks_on_the_second_and_in_december() -> None:
    shop = Calendar(kind="store", time_zone="Asia/Shanghai", day_change_hour=4)
    by_id = {schedule.id: schedule for schedule in SCHEDULES}

    second = next_after(by_id["J24"], shop, datetime(2025, 6, 15, tzinfo=UTC))
    december = next_after(by_id["J24-plan"], shop, datetime(2025, 6, 15, tzinfo=UTC))

    assert second.at == datetime(2025, 7, 1, 22, tzinfo=UTC)
    assert requests_of(by_id["J24"], second) == (ComparePlan(month=JUNE),)
    assert december.at == datetime(2025, 12, 14, 22, tzinfo=UTC)
    assert requests_of(by_id["J24-plan"], december) == (BeginPlan(year=2026),)
