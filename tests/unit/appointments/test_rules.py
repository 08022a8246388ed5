"""Steps of W1, free times, rates: all without a database."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from shared.domain.appointments.rules import slots, stages
from shared.domain.appointments.rules.rates import Counts, Rates, rates
from shared.domain.appointments.rules.resources import reading_order
from shared.domain.appointments.rules.slots import Slot, Wanted
from shared.domain.appointments.rules.stages import Stage

ALLOWED = {
    ("REQUESTED", "CONFIRMED"), ("REQUESTED", "CANCELLED"), ("CONFIRMED", "CANCELLED"),
    ("CONFIRMED", "ARRIVED"), ("CONFIRMED", "NO_SHOW"), ("NO_SHOW", "ARRIVED"),
    ("ARRIVED", "IN_SERVICE"), ("ARRIVED", "CANCELLED"), ("IN_SERVICE", "COMPLETED"),
}  # fmt: skip
OPENS = datetime(2025, 6, 11, 2, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    """Give an instant of the day, by hours since opening."""
    return OPENS + timedelta(hours=hour, minutes=minute)


def wanted(**more: object) -> Wanted:
    """Look for an hour of treatment in a day of three hours."""
    said = {
        "length": timedelta(minutes=70), "opens": (OPENS, at(3)), "not_before": OPENS,
        "staff": ["anna", "berta"], "places": ["1"], **more,
    }  # fmt: skip
    return Wanted(**said)  # type: ignore[arg-type]


@pytest.mark.parametrize(("now", "to"), list(itertools.product(Stage, Stage)))
def test_only_the_steps_of_the_workflow_are_taken(now: Stage, to: Stage) -> None:
    if (now, to) in ALLOWED:
        stages.check_step(now, to)
    else:
        with pytest.raises(stages.StepRefused):
            stages.check_step(now, to)


def test_a_cancel_is_late_below_two_hours_and_only_of_who_was_booked() -> None:
    for minutes, late in ((121, False), (120, False), (119, True), (-5, True)):
        said = stages.is_late_cancel(
            stage=Stage.CONFIRMED, start_at=at(3), now=at(3) - timedelta(minutes=minutes)
        )
        assert said is late
    assert not stages.is_late_cancel(stage=Stage.REQUESTED, start_at=at(3), now=at(3))


def test_rates_of_the_golden_example() -> None:
    golden = json.loads(Path("tests/golden/G-APPT-1.json").read_text(encoding="utf-8"))
    given = golden["input"]
    found = rates(
        Counts(
            completed=given["completed"], no_show=given["no_show"], arrived=given["completed"],
            late_cancel=given["late_cancel"], requested=given["requested"],
        )
    )  # fmt: skip
    assert found == Rates(
        no_show=Fraction(golden["expected"]["no_show_rate"]),
        keep=Fraction(golden["expected"]["keep_rate"]),
        requested=Fraction(golden["expected"]["requested_rate"]),
    )
    assert rates(Counts()) == Rates(no_show=None, keep=None, requested=None)


def test_free_times_lie_on_steps_and_end_by_closing_time() -> None:
    found = list(slots.slots(wanted(not_before=at(0, 3)), {}))
    assert (found[0].start_at, found[-1].start_at) == (at(0, 5), at(2))
    assert {one.staff for one in found} == {"anna"}
    assert all(slots.is_on_step(one.start_at) for one in found)


def test_who_is_busy_is_passed_over_and_what_is_needed_is_free_together() -> None:
    busy = {"anna": [(at(0), at(1))], "1": [(at(1), at(1, 30))], "7": [(at(1, 30), at(2))]}
    found = list(slots.slots(wanted(devices=[["7", "8"], ["8", "9"]]), busy))
    first = Slot(start_at=at(1, 30), end_at=at(2, 40), staff="anna", place="1", devices=("8", "9"))
    assert found[0] == first
    assert list(slots.slots(wanted(devices=[["7"], ["7"]]), {})) == []
    assert list(slots.slots(wanted(staff=[]), {})) == []
    assert list(slots.slots(wanted(guest=[(at(0), at(3))]), {})) == []


def test_a_run_of_free_times_is_told_by_its_first_and_the_half_hours() -> None:
    found = list(slots.slots(wanted(not_before=at(0, 10)), {}))
    thin = slots.thinned(found, every=timedelta(minutes=30))
    assert [one.start_at for one in thin] == [at(0, 10), at(0, 30), at(1), at(1, 30), at(2)]


def test_the_nearest_to_a_wish_come_in_order() -> None:
    found = list(slots.slots(wanted(), {}))
    near = slots.nearest(found, to=at(1), most=3)
    assert [one.start_at for one in near] == [at(0, 55), at(1), at(1, 5)]
    assert slots.nearest(found, to=None, most=2) == found[:2]


def test_rooms_stand_as_people_read_their_numbers() -> None:
    names = ["10号房", "贵宾", "2号房", "1号房B", "1号房", "A10", "A9"]
    assert sorted(names, key=reading_order) == [
        "1号房", "1号房B", "2号房", "10号房", "A9", "A10", "贵宾",
    ]  # fmt: skip
