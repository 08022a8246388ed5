"""W1 step by step: cancelled, missed, arrived, and back; what the calendar does."""

import dataclasses
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Occupancy, Turn
from shared.domain.appointments.queries import board, free
from shared.domain.appointments.rules import stages
from shared.domain.appointments.rules.stages import CancelReason, Stage
from shared.domain.appointments.service import moving, turns
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.records import opening, periods, queries, service
from shared.records.judging import ChangedMeanwhile, NotInThisState
from shared.records.models import OpeningHours
from shared.records.register import Editor
from tests.factories.appointments import AT, CARLA, booked, device, room
from tests.factories.records import ANNA, BERTA, NOW, editor
from tests.factories.sales import new_item


def at(instant: datetime) -> Editor:
    """Make the desk at an instant."""
    return editor(now=instant)


def occupied(session: Session, row: Appointment) -> set[str]:
    """Name the kinds of what an appointment keeps busy."""
    return {one.kind for one in session.query(Occupancy).filter_by(appointment_id=row.id)}


def told(session: Session, event: str) -> int:
    """Count how often an event was told."""
    found = text("SELECT count(*) FROM ops.job WHERE args->>'event' = :event")
    return int(session.execute(found, {"event": event}).scalar_one())


def seen(row: Appointment, by: Editor) -> dict[str, object]:
    """Name an appointment in its version."""
    return {"appointment_id": row.id, "version": row.version, "by": by}


def test_cancelling_frees_everything_and_says_whether_it_was_late(store_session: Session) -> None:
    in_time, late = booked(store_session), booked(store_session, at=AT + timedelta(days=1))
    moving.cancel(store_session, **seen(in_time, at(NOW)), why=CancelReason.CUSTOMER)  # type: ignore[arg-type]
    just = at(late.start_at - timedelta(minutes=119))
    moving.cancel(store_session, **seen(late, just), why=CancelReason.OTHER, note="堵车")  # type: ignore[arg-type]
    assert [(row.stage, row.is_late_cancel) for row in (in_time, late)] == [
        ("CANCELLED", False), ("CANCELLED", True),
    ]  # fmt: skip
    assert occupied(store_session, in_time) == set()
    assert queries.history(store_session, APPOINTMENTS, late.id)[0].reason == "堵车"
    assert told(store_session, "appt.cancelled") == 2
    assert booked(store_session, room=in_time.room).id


def test_a_guest_is_checked_in_on_the_day_greeted_once_and_told_of(store_session: Session) -> None:
    row = booked(store_session)
    with pytest.raises(stages.StepRefused):
        moving.arrive(store_session, **seen(row, at(NOW)))  # type: ignore[arg-type]
    come = at(AT - timedelta(minutes=2))
    moving.arrive(store_session, **seen(row, come))  # type: ignore[arg-type]
    assert (row.stage, row.arrived_at) == ("ARRIVED", come.now)
    assert told(store_session, "appt.arrived") == 1
    greeting = at(come.now + timedelta(seconds=40))
    moving.greet(store_session, **seen(row, greeting))  # type: ignore[arg-type]
    assert row.greeted_at == greeting.now
    with pytest.raises(stages.StepRefused):
        moving.greet(store_session, **seen(row, greeting))  # type: ignore[arg-type]
    for to in (Stage.IN_SERVICE, Stage.COMPLETED):
        moving.advance(store_session, **seen(row, come), to=to)  # type: ignore[arg-type]
    assert occupied(store_session, row) == {"GUEST", "STAFF", "PLACE"}


def test_who_did_not_come_may_still_come_that_day(store_session: Session) -> None:
    row = booked(store_session)
    early = at(AT + timedelta(minutes=29))
    with pytest.raises(stages.TooEarly):
        moving.mark_no_show(store_session, **seen(row, early))  # type: ignore[arg-type]
    half = at(AT + timedelta(minutes=30))
    moving.mark_no_show(store_session, **seen(row, half))  # type: ignore[arg-type]
    assert (row.stage, occupied(store_session, row)) == ("NO_SHOW", set())
    next_day = at(AT + timedelta(days=1))
    with pytest.raises(stages.StepRefused):
        moving.arrive(store_session, **seen(row, next_day))  # type: ignore[arg-type]
    moving.arrive(store_session, **seen(row, half))  # type: ignore[arg-type]
    assert (row.stage, told(store_session, "appt.noshow")) == ("ARRIVED", 1)
    assert occupied(store_session, row) == {"GUEST", "STAFF", "PLACE"}


def test_whose_place_was_given_away_comes_to_another_one(store_session: Session) -> None:
    row = booked(store_session)
    half = at(AT + timedelta(minutes=30))
    moving.mark_no_show(store_session, **seen(row, half))  # type: ignore[arg-type]
    booked(store_session, by=half, at=AT + timedelta(minutes=30), room=row.room)
    with pytest.raises(IntegrityError), store_session.begin_nested():
        moving.arrive(store_session, **seen(row, half))  # type: ignore[arg-type]
    store_session.refresh(row)
    typed = {"assigned_staff": str(CARLA), "room": room(store_session, "三号房").id}
    service.keep_change(
        store_session, APPOINTMENTS, record_id=row.id, version=row.version, typed=typed, by=half
    )
    moving.arrive(store_session, **seen(row, half))  # type: ignore[arg-type]
    assert row.stage == "ARRIVED"


def test_a_step_needs_the_version_seen_a_valid_form_and_an_open_month(
    store_session: Session,
) -> None:
    row = booked(store_session)
    with pytest.raises(ChangedMeanwhile):
        moving.arrive(store_session, appointment_id=row.id, version=7, by=at(AT))
    periods.close(store_session, AT.date().replace(day=1))
    with pytest.raises(periods.MonthClosed), store_session.begin_nested():
        moving.arrive(store_session, **seen(row, at(AT)))  # type: ignore[arg-type]
    periods.reopen(store_session, AT.date().replace(day=1))
    store_session.refresh(row)
    service.void(
        store_session, APPOINTMENTS, record_id=row.id, version=1, reason="重复", by=at(NOW)
    )
    assert occupied(store_session, row) == set()
    with pytest.raises(NotInThisState):
        moving.arrive(store_session, **seen(row, at(AT)))  # type: ignore[arg-type]


def test_the_sweep_notes_only_who_is_late_and_twice_does_nothing(store_session: Session) -> None:
    late = booked(store_session)
    fresh = booked(store_session, at=AT + timedelta(hours=2))
    nobody = dataclasses.replace(at(AT + timedelta(minutes=31)), id=None)
    assert moving.sweep_no_shows(store_session, by=nobody) == 1
    assert moving.sweep_no_shows(store_session, by=nobody) == 0
    assert (late.stage, fresh.stage) == ("NO_SHOW", "CONFIRMED")


def test_reminders_go_out_once_for_each_time(store_session: Session) -> None:
    row = booked(store_session, at=AT + timedelta(days=2))
    start = row.start_at
    hours = (25, 24, 23, 3, 2, 1)
    sent = [moving.remind(store_session, by=at(start - timedelta(hours=h))) for h in hours]
    assert sent == [0, 1, 0, 0, 1, 0]
    later = start + timedelta(days=3)
    service.keep_change(
        store_session, APPOINTMENTS, record_id=row.id, version=row.version,
        typed={"start_at": later.isoformat()}, by=at(start - timedelta(hours=1)),
    )  # fmt: skip
    assert moving.remind(store_session, by=at(later - timedelta(hours=24))) == 1
    # who books for the same day has just been told
    soon = booked(store_session, at=AT + timedelta(days=9), by=at(AT + timedelta(days=8, hours=18)))
    assert moving.remind(store_session, by=at(soon.start_at - timedelta(hours=5))) == 0
    assert moving.remind(store_session, by=at(soon.start_at - timedelta(minutes=110))) == 1


def test_turns_go_round_for_guests_who_asked_for_nobody(store_session: Session) -> None:
    day = (AT + timedelta(hours=8)).date()
    serving = frozenset({ANNA, BERTA, CARLA})
    places = [turns.Place(person=BERTA), turns.Place(person=CARLA, is_paused=True)]
    turns.set_queue(store_session, day=day, places=places, seen=(), serving=serving)

    def order() -> list[Turn]:
        store_session.expire_all()
        return list(board.turns(store_session, day))

    asked = booked(store_session, requested_staff=str(BERTA))
    moving.arrive(store_session, **seen(asked, at(AT)))  # type: ignore[arg-type]
    assert [one.person for one in order()] == [BERTA, CARLA]
    by_turn = booked(store_session, at=asked.end_at, by=at(AT))
    moving.arrive(store_session, **seen(by_turn, at(AT)))  # type: ignore[arg-type]
    assert [one.person for one in order()] == [CARLA, BERTA]
    item = new_item(store_session)
    asking = free.Asked(
        day=day, items=[item.id], serving=[ANNA, BERTA, CARLA], zone="Asia/Shanghai",
        now=AT + timedelta(hours=3),
    )  # fmt: skip
    found = free.free_slots(store_session, asking)
    # who pauses and who is not in the queue come after who waits for a guest
    assert {one.staff for one in found} == {str(BERTA)}


def test_free_times_see_bookings_hours_and_devices(store_session: Session) -> None:
    store_session.add(OpeningHours(weekday=3, opens_at=time(14), closes_at=time(17)))
    radio = device(store_session)
    item = new_item(store_session, device_kind="射频")
    day = (AT + timedelta(hours=8)).date()
    asking = free.Asked(
        day=day, items=[item.id], serving=[BERTA, CARLA], zone="Asia/Shanghai", now=NOW
    )
    assert free.free_slots(store_session, asking) == []  # no room yet
    place = room(store_session)
    free_at = free.free_slots(store_session, asking)[0]
    assert (free_at.start_at, free_at.devices) == (AT, (str(radio.id),))
    row = booked(store_session, items=[item.id], equipment=[radio.id], room=place.id)
    found = free.free_slots(store_session, asking)
    assert found[0].start_at == row.end_at
    moved = free.free_slots(store_session, dataclasses.replace(asking, moving=row.id))
    assert moved[0].start_at == AT
    near = AT + timedelta(hours=2)
    nearest = free.free_slots(store_session, dataclasses.replace(asking, near=near, most=1))
    assert nearest[0].start_at == near
    assert free.free_slots(store_session, dataclasses.replace(asking, day=NOW.date())) == []


def test_hours_follow_the_clock_on_days_on_which_it_changes(store_session: Session) -> None:
    for weekday in (6, 7):
        store_session.add(OpeningHours(weekday=weekday, opens_at=time(10), closes_at=time(20)))
    store_session.flush()
    berlin = "Europe/Berlin"
    lengths = []
    for day in ("2025-03-29", "2025-03-30", "2025-10-25", "2025-10-26"):
        hours = opening.hours_of(store_session, datetime.fromisoformat(day).date(), zone=berlin)
        assert hours is not None
        lengths.append((hours[0].hour, (hours[1] - hours[0]) / timedelta(hours=1)))
    assert lengths == [(9, 10), (8, 10), (8, 10), (9, 10)]
    store_session.query(OpeningHours).delete()
    whole = opening.hours_of(store_session, datetime(2025, 3, 30).date(), zone=berlin)  # noqa: DTZ001 a day
    assert whole is not None
    assert whole[1] - whole[0] == timedelta(hours=23)
