"""Fifty desks at one moment: one of them has the time, whatever the others want of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Occupancy
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.errors import DomainError
from shared.records import service
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.appointments import booking, device, room
from tests.factories.records import editor
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
