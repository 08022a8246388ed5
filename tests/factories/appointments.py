"""Rooms, devices and bookings for tests."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Resource
from shared.domain.appointments.rules.resources import Kind
from shared.domain.appointments.service import resources
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.appointments.service.resources import NewResource
from shared.records import service
from shared.records.register import Editor
from tests.factories.records import BERTA, editor
from tests.factories.sales import new_customer, new_item

_numbers = count(1)
CARLA = UUID(int=3)
AT = datetime(2025, 6, 11, 6, 0, tzinfo=UTC)  # 14:00 on the day after the factories' today


def room(session: Session, name: str = "一号房") -> Resource:
    """Add a room."""
    return resources.add(session, new=NewResource(kind=Kind.PLACE, name=name))


def device(session: Session, name: str = "射频仪 1", kind: str = "射频", **more: Any) -> Resource:
    """Add a device."""
    new = NewResource(kind=Kind.DEVICE, name=name, device_kind=kind, **more)
    return resources.add(session, new=new)


def booking(session: Session, *, at: datetime = AT, **more: Any) -> dict[str, Any]:
    """Write a booking by phone of a new customer, room and item, as JSON says it."""
    written = {"channel": "PHONE", "readback_done": True, "assigned_staff": str(BERTA), **more}
    written["start_at"] = at.isoformat()
    if "customer" not in written and "contact_phone" not in written:
        written["customer"] = new_customer(session).id
    if "items" not in written:
        written["items"] = [new_item(session).id]
    if "room" not in written:
        written["room"] = room(session, name=f"{next(_numbers)}号床").id
    return {name: value for name, value in written.items() if value is not None}


def booked(session: Session, *, by: Editor | None = None, **more: Any) -> Appointment:
    """Book an appointment, or ask for one when nobody is to serve."""
    typed = booking(session, **more)
    made: Appointment = service.keep_new(session, APPOINTMENTS, typed=typed, by=by or editor())
    return made
