"""Fifty desks at one moment: one of them has the time, whatever the others want of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Occupancy
from shared.domain.appointments.queries import board
from shared.domain.appointments.service import turns
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.errors import DomainError
from shared.records import service
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.appointments import booking, device, room
from tests.factories.records import TODAY, editor
from tests.factories.sales import new_item

DESKS = 50
AT_ONCE = 8  # connections of one tenant


@pytest.mark.parametrize("shared", ["assigned_staff", "room", "equipment", "customer"])
def test_one_of_fifty_desks_has_the_time(store: Tenant, shared: str) -> None:
    with tenant_session(store) as session:
        typed = _bookings(session, shared)
        session.commit()
    barrier = Barrier(AT_ONCE)

    def book(one: dict[str, Any], first: bool) -> str:
        if first:
            barrier.wait(timeout=20)
        with tenant_session(store) as session:
            try:
                service.keep_new(session, APPOINTMENTS, typed=one, by=editor())
                session.commit()
            except (DomainError, IntegrityError) as refused:
                return type(refused).__name__
        return "booked"

    with ThreadPoolExecutor(AT_ONCE) as desks:
        heard = list(desks.map(book, typed, [n < AT_ONCE for n in range(DESKS)]))
    assert heard.count("booked") == 1
    assert set(heard) <= {"booked", "IntegrityError", "NeedsConfirmation", "FormInvalid"}
    with tenant_session(store) as session:
        assert session.query(Appointment).count() == 1
        assert session.query(Occupancy).filter_by(kind="GUEST").count() == 1


@pytest.mark.parametrize("standing", [0, 2])
def test_of_two_desks_that_change_a_queue_one_is_told(store: Tenant, standing: int) -> None:
    people = [UUID(int=n + 1) for n in range(10)]
    first = [turns.Place(person=one) for one in people[:standing]]
    with tenant_session(store) as session:
        _set(session, first, seen=[])
        session.commit()
    barrier = Barrier(AT_ONCE)

    def join(number: int) -> str:
        with tenant_session(store) as session:
            barrier.wait(timeout=20)
            try:
                _set(
                    session,
                    [*first, turns.Place(person=people[standing + number])][-2:],
                    seen=first,
                )
                session.commit()
            except turns.QueueMoved as refused:
                return refused.code
        return "kept"

    with ThreadPoolExecutor(AT_ONCE) as desks:
        heard = sorted(desks.map(join, range(AT_ONCE)))
    assert heard == ["CONFLICT"] * (AT_ONCE - 1) + ["kept"]


def test_a_turn_taken_while_the_queue_is_written_is_not_lost(store: Tenant) -> None:
    one, other, third = (turns.Place(person=UUID(int=n)) for n in (1, 2, 3))

    def arrive() -> None:
        with tenant_session(store) as session:
            turns.take_turn(session, day=TODAY, person=one.person)
            session.commit()

    with tenant_session(store) as session:
        _set(session, [one, other], seen=[])
        session.commit()
        _set(session, [one, other, third], seen=[one, other])
        with ThreadPoolExecutor(1) as desk:
            taken = desk.submit(arrive)
            with pytest.raises(TimeoutError):
                taken.result(timeout=0.5)  # it waits for the queue
            session.commit()
            taken.result(timeout=20)
        session.expire_all()
        assert turns.queue(board.turns(session, TODAY)) == [other, third, one]


def _set(session: Session, places: list[turns.Place], *, seen: list[turns.Place]) -> None:
    serving = frozenset(UUID(int=n + 1) for n in range(10))
    turns.set_queue(session, day=TODAY, places=places, seen=seen, serving=serving)


def _bookings(session: Session, shared: str) -> list[dict[str, Any]]:
    """Write fifty bookings of one time that have nothing in common but one thing."""
    item = new_item(session)
    one = booking(session, items=[item.id])
    radio = device(session)
    made = []
    for number in range(DESKS):
        typed = booking(session, items=[item.id], room=room(session, f"间 {number}").id)
        typed["assigned_staff"] = f"{number:032x}"
        typed["equipment"] = [radio.id] if shared == "equipment" else None
        if shared in ("assigned_staff", "room", "customer"):
            typed[shared] = one[shared]
        made.append({name: value for name, value in typed.items() if value is not None})
    return made
