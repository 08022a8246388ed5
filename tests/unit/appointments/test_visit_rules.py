"""What a visit is, without a database: its steps, the promise, why a booking is cancelled."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.stages import CancelReason
from shared.domain.appointments.rules.visits import LeftReason, Step, VisitStage

AT = datetime(2025, 6, 10, 6, 10, tzinfo=UTC)


def test_every_stage_but_the_last_leads_on() -> None:
    left = set().union(*(allowed for allowed, _ in rules.STEPS.values()))
    assert set(VisitStage) - left == {VisitStage.LEFT}


def test_a_step_that_the_table_does_not_know_is_refused() -> None:
    assert rules.check_visit_step(VisitStage.QUOTED, Step.START) is VisitStage.IN_SERVICE
    with pytest.raises(rules.VisitStepRefused):
        rules.check_visit_step(VisitStage.CHECKED, Step.LEAVE)


def test_the_promise_counts_all_agreed_minutes() -> None:
    assert rules.promised_end(AT, [60, 15]) == AT + timedelta(minutes=75)


@pytest.mark.parametrize(
    ("why", "cancelled"),
    [(LeftReason.WAITED, CancelReason.STORE), (LeftReason.PRICE, CancelReason.CUSTOMER)],
)
def test_who_leaves_unserved_cancels_for_a_reason(why: LeftReason, cancelled: CancelReason) -> None:
    assert rules.cancel_reason(why) is cancelled


def test_every_code_has_both_names() -> None:
    for labels in (
        rules.VISIT_STAGES, rules.STEP_NAMES, rules.PAY_BY, rules.ASSIGNED_BY, rules.REACTIONS,
        rules.FEELINGS, rules.LEFT_REASONS,
    ):  # fmt: skip
        assert list(labels) == list(type(next(iter(labels))))  # type: ignore[call-overload]
        assert all(zh and en for zh, en in labels.values())  # type: ignore[attr-defined]
