"""The plan of a year: written, split, submitted, approved by another, revised, compared."""

from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.reporting.queries import plan_sheet, plans
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules import splits
from shared.domain.reporting.service import approving, comparing, planning
from tests.factories import reporting as books
from tests.factories.sales import MANAGER, NOW, new_item, new_sale

OWNER = UUID(int=8)
ANNA = UUID(int=41)
YEAR = 2025
JUNE = date(2025, 6, 1)
NUMBERS = {
    "R": 1_200_000_00, "W": 300_000_00, "E": 900_000_00, "I": 12_000_00,
    "H": 100, "V": 6000, "N": 300, "K": 400_000_00,
}  # fmt: skip


def _draft(session: Session, *, reason: str | None = None, **changed: int) -> None:
    new = rules.NewPlan(
        prior=NUMBERS, plan=NUMBERS | changed, reason=reason, consultants=(MANAGER, ANNA)
    )
    planning.save_draft(session, year=YEAR, new=new, actor_id=MANAGER, now=NOW)


def _approved(session: Session) -> None:
    planning.submit_plan(session, year=YEAR, actor_id=MANAGER, now=NOW)
    approving.approve_plan(session, year=YEAR, actor_id=OWNER, has_hq=False, now=NOW)


def _codes(error: errors.DomainError) -> set[tuple[str, str]]:
    return {(found.field, found.code) for found in error.problems}


def test_a_plan_is_split_submitted_and_approved_by_another(store_session: Session) -> None:
    _draft(store_session)
    with pytest.raises(planning.PlanNotThere):
        approving.approve_plan(store_session, year=YEAR, actor_id=OWNER, has_hq=False, now=NOW)
    planning.submit_plan(store_session, year=YEAR, actor_id=MANAGER, now=NOW)
    with pytest.raises(planning.PlanNotThere):
        _draft(store_session)  # it waits for its approval
    with pytest.raises(approving.SameAuthor):
        approving.approve_plan(store_session, year=YEAR, actor_id=MANAGER, has_hq=False, now=NOW)

    approving.approve_plan(store_session, year=YEAR, actor_id=OWNER, has_hq=False, now=NOW)

    sheet = plan_sheet.sheet(store_session, YEAR)
    assert (sheet.head.state, sheet.head.revision) == ("APPROVED", 1)
    assert sheet.cells[JUNE, "STORE", ""] == 100_000_00
    assert sheet.cells[JUNE, "CONSULTANT", str(ANNA)] == 50_000_00
    assert splits.misfits(sheet.cells, revenue_fen=NUMBERS["R"]) == []
    lines = {line.code: line for line in sheet.lines}
    assert lines["P12"].plan == 1_200_000 - 900_000 - 12_000
    assert lines["P12"].actual is None  # no month is closed yet


def test_an_approved_plan_changes_by_a_revision_with_a_reason(store_session: Session) -> None:
    _draft(store_session)
    _approved(store_session)
    with pytest.raises(errors.FormInvalid) as refused:
        _draft(store_session, R=900_000_00)
    assert _codes(refused.value) == {("reason", "REQUIRED")}

    _draft(store_session, R=900_000_00, W=200_000_00, reason="商场装修两个月")
    assert plans.shown(store_session, YEAR).revision == 1  # still the approved one
    _approved(store_session)

    assert [(one.revision, one.state) for one in plans.revisions(store_session, YEAR)] == [
        (2, "APPROVED"),
        (1, "REPLACED"),
    ]
    sheet = plan_sheet.sheet(store_session, YEAR)
    assert sheet.cells[JUNE, "STORE", ""] == 75_000_00
    assert plan_sheet.sheet(store_session, YEAR, revision=1).cells[JUNE, "STORE", ""] == 100_000_00


def test_wages_are_part_of_the_expense(store_session: Session) -> None:
    with pytest.raises(errors.FormInvalid) as refused:
        _draft(store_session, W=900_000_01)
    assert _codes(refused.value) == {("plan.wages_fen", "RANGE")}


def test_a_split_adds_up_or_its_rest_is_spread(store_session: Session) -> None:
    _draft(store_session)
    cells: dict[rules.Cell, int | None] = {
        (date(YEAR, number, 1), "STORE", ""): None for number in range(1, 13)
    }
    cells[JUNE, "STORE", ""] = 210_000_00
    cells |= {(JUNE, "CATEGORY", "FACIAL"): 200_000_00, (JUNE, "CATEGORY", "BODY"): None}

    with pytest.raises(errors.FormInvalid) as refused:
        planning.save_split(store_session, year=YEAR, cells=cells, is_spread=False)
    assert _codes(refused.value) == {
        ("split.STORE", "SUM_MISMATCH"),
        ("split.CATEGORY.2025-06", "SUM_MISMATCH"),
    }
    planning.save_split(store_session, year=YEAR, cells=cells, is_spread=True)

    made = plan_sheet.sheet(store_session, YEAR).cells
    assert made[JUNE, "STORE", ""] == 210_000_00
    assert made[date(YEAR, 1, 1), "STORE", ""] == 90_000_00
    assert made[JUNE, "CATEGORY", "BODY"] == 10_000_00
    with pytest.raises(errors.FormInvalid) as refused:
        planning.save_split(
            store_session, year=YEAR, cells={(JUNE, "CATEGORY", "X"): 1}, is_spread=True
        )
    assert _codes(refused.value) == {("cells.0.part", "ENUM")}


def test_closed_months_stand_beside_their_part_of_the_plan(store_session: Session) -> None:
    _draft(store_session)
    _approved(store_session)
    item = new_item(store_session)
    new_sale(store_session, (item.id, 80_000_00))
    planning.enter_inputs(store_session, month=JUNE, amounts={"H": 95, "I": 900_00})
    books.roll_up(store_session)
    books.closed(store_session)

    assert comparing.compare_month(store_session, month=JUNE, now=NOW)

    sheet = plan_sheet.sheet(store_session, YEAR)
    lines = {line.code: line for line in sheet.lines}
    assert sheet.actuals.months == (JUNE,)
    assert sheet.actuals.missing == ()
    assert (lines["R"].span, lines["R"].actual) == (100_000, 80_000)
    assert (lines["R"].variance.rate, lines["R"].variance.is_good) == (Fraction(-1, 5), False)
    assert (lines["H"].actual, lines["I"].span) == (Fraction(19, 2), 1000)
    assert lines["E"].actual == 600  # six cost lines of 100
    assert lines["E"].variance.is_good is True
    (june,) = [month for month in sheet.months if month.month == JUNE]
    assert (june.actual_fen, june.needs_solution) == (80_000_00, True)
    assert plan_sheet.unsolved(store_session) == [JUNE]

    planning.write_solution(
        store_session, month=JUNE, text="暑期活动提前", actor_id=MANAGER, now=NOW
    )
    assert plan_sheet.unsolved(store_session) == []
    assert plan_sheet.sheet(store_session, YEAR).months[5].solution == "暑期活动提前"


def test_a_month_without_a_plan_is_not_compared(store_session: Session) -> None:
    assert not comparing.compare_month(store_session, month=JUNE, now=NOW)
    with pytest.raises(plans.NoSuchPlan):
        plan_sheet.sheet(store_session, YEAR)


def test_december_begins_next_years_plan_once(store_session: Session) -> None:
    assert not comparing.begin_next_year(store_session, year=2026, now=NOW)
    new_sale(store_session, (new_item(store_session).id, 10_000_00))
    books.roll_up(store_session)

    assert comparing.begin_next_year(store_session, year=2026, now=NOW)
    assert not comparing.begin_next_year(store_session, year=2026, now=NOW)

    sheet = plan_sheet.sheet(store_session, 2026)
    assert (sheet.head.state, sheet.head.made_by) == ("DRAFT", None)
    assert sheet.numbers["PLAN"]["R"] == 120_000_00
