"""F03: what may be booked, what clashes, who may do it all the same."""

import dataclasses
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Occupancy
from shared.domain.appointments.rules.resources import Condition
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.customers.models import Customer
from shared.errors import FormInvalid
from shared.records import queries, service
from shared.records.judging import NeedsConfirmation
from shared.records.models import ClosedDay, OpeningHours
from tests.factories.appointments import AT, CARLA, booked, device, room
from tests.factories.records import ANNA, BERTA, NOW, editor
from tests.factories.sales import new_customer, new_item


def refused_codes(session: Session, **typed: Any) -> set[tuple[str, str]]:
    """Name what is refused of a booking."""
    with pytest.raises(FormInvalid) as refused:
        booked(session, **typed)
    return {(p.field, p.code) for p in refused.value.problems}


def doubted_codes(session: Session, **typed: Any) -> set[tuple[str, str]]:
    """Name what has to be confirmed of a booking."""
    with pytest.raises(NeedsConfirmation) as doubted:
        booked(session, **typed)
    return {(p.field, p.code) for p in doubted.value.problems}


def published(session: Session) -> list[str | None]:
    """List the events that were told, by name."""
    rows = session.execute(
        text("SELECT args->>'event' FROM ops.job WHERE kind = 'notifications.notify' ORDER BY 1")
    )
    return [event for (event,) in rows]


def change(session: Session, row: Appointment, **typed: Any) -> Appointment:
    """Change a booking."""
    by = typed.pop("by", editor())
    changed: Appointment = service.keep_change(
        session, APPOINTMENTS, record_id=row.id, version=row.version, typed=typed, by=by
    )
    return changed


def test_a_person_and_a_room_make_it_booked(store_session: Session) -> None:
    row = booked(store_session)
    assert (row.stage, row.duration, row.number) == ("CONFIRMED", 70, "F03-202506-0001")
    assert row.end_at == AT + timedelta(minutes=70)
    assert row.business_date.isoformat() == "2025-06-11"
    assert published(store_session) == ["appt.confirmed"]


def test_without_them_it_is_a_request_that_keeps_nobody_busy(store_session: Session) -> None:
    asked = booked(store_session, assigned_staff=None, readback_done=False)
    assert asked.stage == "REQUESTED"
    again = booked(store_session, room=asked.room)
    assert again.stage == "CONFIRMED"
    assert published(store_session) == ["appt.confirmed", "appt.requested"]


def test_a_request_is_confirmed_by_whom_and_where(store_session: Session) -> None:
    asked = booked(store_session, assigned_staff=None, channel="ONLINE")
    assert change(store_session, asked, assigned_staff=str(BERTA)).stage == "CONFIRMED"
    history = queries.history(store_session, APPOINTMENTS, asked.id)
    assert history[0].values["stage"] == ("REQUESTED", "CONFIRMED")


def test_a_call_is_read_back_before_it_is_booked(store_session: Session) -> None:
    assert refused_codes(store_session, readback_done=False) == {("readback_done", "REQUIRED")}
    assert booked(store_session, readback_done=False, channel="WECHAT").stage == "CONFIRMED"


def test_a_first_timer_becomes_a_prospect_and_a_known_phone_its_profile(
    store_session: Session,
) -> None:
    new = {"contact_name": "王女士", "contact_phone": "13800005678"}
    first = booked(store_session, **new)
    made = store_session.get(Customer, first.customer)
    assert made is not None
    assert (made.name, made.phone, made.registered_on) == ("王女士", "13800005678", None)
    later = booked(store_session, at=AT + timedelta(days=1), **new)
    assert later.customer == first.customer
    nobody = refused_codes(store_session, customer=None, contact_phone=None)
    assert nobody == {("contact_name", "REQUIRED"), ("contact_phone", "REQUIRED")}


def test_time_is_to_come_on_a_step_and_while_the_store_is_open(store_session: Session) -> None:
    assert refused_codes(store_session, at=NOW - timedelta(hours=1)) == {("start_at", "RANGE")}
    assert refused_codes(store_session, at=AT + timedelta(minutes=3)) == {("start_at", "RANGE")}
    assert refused_codes(store_session, at=AT + timedelta(days=400)) == {("start_at", "RANGE")}
    store_session.add(OpeningHours(weekday=3, opens_at=time(10), closes_at=time(15)))
    store_session.flush()
    assert booked(store_session).stage == "CONFIRMED"  # out by 15:00, tidied up later
    late = {("start_at", "OUT_OF_HOURS")}
    assert refused_codes(store_session, at=AT + timedelta(minutes=5)) == late
    assert refused_codes(store_session, at=AT + timedelta(days=1)) == late
    store_session.add(ClosedDay(day=(AT + timedelta(days=7)).date(), reason="装修"))
    store_session.flush()
    assert refused_codes(store_session, at=AT + timedelta(days=7)) == late


def test_items_are_treatments_on_sale(store_session: Session) -> None:
    from_shelf = new_item(store_session, category="PRODUCT")  # type: ignore[arg-type]
    gone = new_item(store_session, on_sale_to=(NOW - timedelta(days=2)).date())
    for item in (from_shelf, gone):
        assert refused_codes(store_session, items=[item.id]) == {("items", "STATE")}
    assert refused_codes(store_session, items=[999_999]) == {("items", "NOT_FOUND")}


def test_nobody_nothing_and_no_room_is_booked_twice(store_session: Session) -> None:
    radio = device(store_session)
    first = booked(store_session, equipment=[radio.id])
    half = AT + timedelta(minutes=30)
    other = room(store_session, "二号房")
    clash = [
        ({"room": other.id}, "assigned_staff"),
        ({"room": first.room, "assigned_staff": str(CARLA)}, "room"),
        ({"room": other.id, "assigned_staff": str(CARLA), "equipment": [radio.id]}, "equipment"),
    ]
    for typed, field in clash:
        assert doubted_codes(store_session, at=half, **typed) == {(field, "OVERLAP")}
    typed = {"room": other.id, "assigned_staff": str(CARLA), "customer": first.customer}
    assert refused_codes(store_session, at=half, **typed) == {("customer", "DUPLICATE")}
    end_to_end = booked(store_session, at=first.end_at, room=first.room, equipment=[radio.id])
    assert end_to_end.stage == "CONFIRMED"


def test_a_second_person_lets_one_be_booked_twice(store_session: Session) -> None:
    first = booked(store_session)
    why = [{"field": "assigned_staff", "code": "OVERLAP", "reason": "双人护理"}]
    alone = editor(approver=ANNA)
    assert doubted_codes(store_session, by=alone, confirmations=why) == {
        ("assigned_staff", "OVERLAP")
    }
    signed = editor(approver=BERTA)
    second = booked(store_session, by=signed, confirmations=why)
    rows = store_session.query(Occupancy).filter_by(appointment_id=second.id).all()
    on_purpose = {one.kind: one.approved_by for one in rows if one.is_deliberate}
    assert on_purpose == {"STAFF": BERTA}
    history = queries.history(store_session, APPOINTMENTS, second.id)
    assert history[0].reason == "OVERLAP: 双人护理"
    # what was signed for is not asked again by a change that moves nothing
    assert change(store_session, second, wishes="轻一点").wishes == "轻一点"
    again = store_session.query(Occupancy).filter_by(appointment_id=second.id, kind="STAFF").one()
    assert again.approved_by == BERTA
    assert first.stage == "CONFIRMED"


def test_the_database_itself_refuses_a_second_booking(store_session: Session) -> None:
    first = booked(store_session)
    store_session.flush()
    with pytest.raises(IntegrityError, match="ex_occupancies_kind_who_during"):
        store_session.execute(
            text(
                "INSERT INTO occupancies (appointment_id, kind, who, during) "
                "SELECT :id, 'PLACE', :room, tstzrange(:start, :end) FROM appointments "
                "WHERE id = :other"
            ),
            {
                "id": booked(store_session, at=AT + timedelta(days=1)).id, "other": first.id,
                "room": str(first.room), "start": AT, "end": AT + timedelta(minutes=5),
            },
        )  # fmt: skip


def test_moving_keeps_the_old_time_and_tells_of_it(store_session: Session) -> None:
    row = booked(store_session)
    moved = change(store_session, row, start_at=(AT + timedelta(minutes=30)).isoformat())
    assert moved.stage == "CONFIRMED"
    history = queries.history(store_session, APPOINTMENTS, row.id)
    assert history[0].values["start_at"] == (
        "2025-06-11T06:00:00+00:00", "2025-06-11T06:30:00+00:00",
    )  # fmt: skip
    assert published(store_session) == ["appt.changed", "appt.confirmed"]
    assert booked(store_session, at=AT - timedelta(minutes=40), room=row.room).id


def test_a_device_is_there_in_order_and_of_the_kind_that_is_needed(store_session: Session) -> None:
    radio = device(store_session)
    broken = device(store_session, "射频仪 2", condition=Condition.DOWN)
    steam = device(store_session, "蒸汽机", "蒸汽")
    item = new_item(store_session, device_kind="射频")
    missing = {("equipment", "REQUIRED")}
    assert refused_codes(store_session, items=[item.id]) == missing
    assert refused_codes(store_session, items=[item.id], equipment=[steam.id]) == missing
    down = refused_codes(store_session, items=[item.id], equipment=[broken.id])
    assert down == {("equipment", "EQUIPMENT_DOWN")}
    assert booked(store_session, items=[item.id], equipment=[radio.id]).equipment == [radio.id]


def test_only_who_serves_is_booked(store_session: Session) -> None:
    by = dataclasses.replace(editor(), members=lambda: {BERTA: ("BEA",), CARLA: ("FD",)})
    assert booked(store_session, by=by).id
    at = AT + timedelta(days=1)
    for person in (CARLA, ANNA):
        refused = refused_codes(store_session, by=by, at=at, assigned_staff=str(person))
        assert refused == {("assigned_staff", "NOT_FOUND")}


def test_a_contraindication_is_the_consultants_to_overrule(store_session: Session) -> None:
    guest = new_customer(store_session)
    guest.contraindications = ["PREGNANT"]
    item = new_item(store_session, contraindications=["PREGNANT", "METAL"])
    desk = editor(may=False)
    why = [{"field": "items", "code": "CONTRAINDICATED", "reason": "已评估,改为轻柔手法"}]
    for given in ([], why):
        more = {"confirmations": given} if given else {}
        found = doubted_codes(store_session, by=desk, customer=guest.id, items=[item.id], **more)
        assert found == {("items", "CONTRAINDICATED")}
    signed = editor(may=False, approver=BERTA)  # two at the desk are no consultant
    asked = {"customer": guest.id, "items": [item.id], "confirmations": why}
    assert doubted_codes(store_session, by=signed, **asked) == {("items", "CONTRAINDICATED")}
    row = booked(store_session, **asked)
    assert row.stage == "CONFIRMED"


def test_who_did_not_come_three_times_is_asked_for_a_deposit(store_session: Session) -> None:
    guest = new_customer(store_session)
    for days in (1, 2, 3):
        row = booked(store_session, customer=guest.id, at=AT + timedelta(days=days))
        row.stage, row.start_at = "NO_SHOW", NOW - timedelta(days=days * 20)
        store_session.query(Occupancy).filter_by(appointment_id=row.id).delete()
        store_session.flush()
    assert doubted_codes(store_session, customer=guest.id) == {("deposit_fen", "CONFIRM")}
    assert booked(store_session, customer=guest.id, deposit_fen=100_00).id
