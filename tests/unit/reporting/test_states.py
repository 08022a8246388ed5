"""Who may move a month from where to where (W9)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import Actor, Authority, CostKind, MonthState

MONTH = date(2025, 6, 1)
MANAGER = Actor(authority=Authority.STORE, name="店长")
HQ = Actor(authority=Authority.HQ, name="总部")

STEPS = [
    (MonthState.OPEN, MonthState.COMPUTED, {Authority.JOB, Authority.STORE}),
    (MonthState.COMPUTED, MonthState.REVIEWED, {Authority.STORE}),
    (MonthState.REVIEWED, MonthState.COMPUTED, {Authority.JOB, Authority.STORE, Authority.HQ}),
    (MonthState.REVIEWED, MonthState.CLOSED, {Authority.JOB, Authority.HQ}),
    (MonthState.CLOSED, MonthState.REOPENED, {Authority.HQ}),
    (MonthState.REOPENED, MonthState.COMPUTED, {Authority.JOB, Authority.STORE}),
]


@pytest.mark.parametrize(("start", "to", "who"), STEPS)
@pytest.mark.parametrize("authority", list(Authority))
def test_each_step_is_open_to_those_named_and_nobody_else(
    start: MonthState, to: MonthState, who: set[Authority], authority: Authority
) -> None:
    actor = Actor(authority=authority)
    if authority in who:
        states.check_move(month=MONTH, now_in=start, to=to, actor=actor, has_hq=True)
    else:
        with pytest.raises(states.HeadquartersDecides):
            states.check_move(month=MONTH, now_in=start, to=to, actor=actor, has_hq=True)


def test_steps_that_do_not_exist_are_refused_to_everybody() -> None:
    real = {(start, to) for start, to, _ in STEPS} | {(MonthState.COMPUTED, MonthState.COMPUTED)}
    for start in MonthState:
        for to in MonthState:
            if (start, to) not in real:
                with pytest.raises(states.MonthNotThere):
                    states.check_move(month=MONTH, now_in=start, to=to, actor=HQ, has_hq=False)


@pytest.mark.parametrize(
    ("start", "to"),
    [(MonthState.REVIEWED, MonthState.CLOSED), (MonthState.CLOSED, MonthState.REOPENED)],
)
def test_a_manager_decides_where_there_is_no_headquarters(
    start: MonthState, to: MonthState
) -> None:
    states.check_move(month=MONTH, now_in=start, to=to, actor=MANAGER, has_hq=False)


def test_a_reason_is_trimmed_and_must_be_there() -> None:
    assert states.reason_given("  漏记一笔 ") == "漏记一笔"
    for nothing in (None, "", "   "):
        with pytest.raises(states.ReasonMissing):
            states.reason_given(nothing)
    with pytest.raises(states.ReasonMissing):
        states.reason_given("x" * 501)


def test_missing_cost_lines_come_in_the_order_of_the_form() -> None:
    assert states.missing_costs(["RENT", "OTHER", "WAGES"]) == (
        CostKind.MATERIALS,
        CostKind.UTILITIES,
        CostKind.MARKETING,
    )


def test_a_month_is_due_on_the_third_and_one_opened_again_after_three_days() -> None:
    december = date(2025, 12, 1)
    due = states.due_at(december, reopened_at=None, zone="Asia/Shanghai")
    assert due == datetime(2026, 1, 3, 10, 0, tzinfo=UTC)
    reopened = datetime(2026, 2, 7, 9, 30, tzinfo=UTC)
    due = states.due_at(december, reopened_at=reopened, zone="Asia/Shanghai")
    assert due - reopened == timedelta(days=3)
