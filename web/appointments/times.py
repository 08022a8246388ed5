"""Free times beside a booking: for what stands in the form, near a place pointed at on the board.

Shape: a time is chosen as `start|staff|room|device,device`. Who chose one that is not free any more
keeps it, and is told; one that her own change of the day or the person does away with is told too.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import g

from shared.days import business_day
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.queries import free, resources
from shared.domain.appointments.rules.slots import Slot
from shared.domain.appointments.rules.stages import Stage
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.errors import DomainError
from shared.forms.texts import day_of
from tenants.people.colleagues import Colleague
from web.appointments import board
from web.extensions import db
from web.forms import whole
from web.records.boxes import own_fields
from web.records.drafts import Draft


def offered(draft: Draft, said: Mapping[str, str], row: Appointment | None) -> dict[str, Any]:
    """Look for free times; what is not whole yet finds none."""
    values = draft.values(own_fields(APPOINTMENTS.form))
    items = [one for one in values.get("items") or () if isinstance(one, int)]
    wish = _wish(said)
    first = _day(wish["start_at"]) or g.today
    if row is not None and row.business_date > g.today:
        first = row.business_date
    try:
        day = day_of(said["day"]) if said.get("day") else first
    except ValueError:
        day = first
    staff, serving = values.get("requested_staff") or wish["assigned_staff"], board.serving()
    wished = next((one for one in serving if str(one) == staff), None)
    near = row.start_at if row is not None and row.business_date == day else None
    if near is None and _day(wish["start_at"]) == day:
        near = wish["start_at"]
    guest_id = row.customer if row is not None else values.get("customer")
    found: list[Slot] = []
    if items:
        asked = free.Asked(
            day=day, items=items, serving=list(serving), staff=wished, near=near,
            guest=guest_id if isinstance(guest_id, int) else None, zone=g.tenant.time_zone,
            now=g.now, moving=row.id if row is not None else None, most=24, every_minutes=30,
            place=wish["room"],
        )  # fmt: skip
        try:
            found = free.free_slots(db.session(), asked)
        except DomainError:
            found = []
    places = {one.id: one.name for one in resources.in_use(db.session())}
    listed = [_value(one) for one in found]
    slots = [_told(one, serving, places) for one in listed]
    chosen = said.get("slot", "") or _asked_for(found, row, wish["start_at"])
    lost = _told(chosen, serving, places) if chosen not in listed else None
    is_kept = lost is not None and lost["day"] == day and wished in (None, lost["staff"])
    return {
        "day": day,
        "slots": [lost, *slots] if is_kept else slots,
        "has_items": bool(items),
        "chosen": chosen,
        "gone": lost if items or not is_kept else None,
        "wish": {name: said.get(name, "")[:60] for name in wish},
    }  # fmt: skip


def _asked_for(found: list[Slot], row: Appointment | None, wished_at: datetime | None) -> str:
    """Choose the time that a request, or a place on the board, asked for, when it is free."""
    if row is not None:
        wished_at = row.start_at if row.stage == Stage.REQUESTED else None
    return next((_value(one) for one in found if one.start_at == wished_at), "")


def _wish(said: Mapping[str, str]) -> dict[str, Any]:
    """Read the place on the board that somebody pointed at: a time, a person or a room."""
    room = whole(said.get("room"))
    return {
        "start_at": _instant(said.get("start_at", "")),
        "assigned_staff": said.get("assigned_staff"),
        "room": room if isinstance(room, int) else None,
    }


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _day(instant: datetime | None) -> date | None:
    if instant is None:
        return None
    return business_day(instant, zone=g.tenant.time_zone, change_hour=g.tenant.day_change_hour)


def _value(one: Slot) -> str:
    return f"{one.start_at.isoformat()}|{one.staff}|{one.place}|{','.join(one.devices)}"


def _told(
    value: str, people: Mapping[UUID, Colleague], places: Mapping[int, str]
) -> dict[str, Any] | None:
    """Tell a time by what it is chosen as; None when that is no time."""
    try:
        start, staff, place, devices = value.split("|")
        needed = [int(part) for part in (place, *devices.split(",")) if part]
        start_at, who = _instant(start), UUID(staff)
        day = start_at.astimezone(ZoneInfo(g.tenant.time_zone)).date() if start_at else None
    except (ValueError, OverflowError):
        return None
    if start_at is None:
        return None
    known = people.get(who)
    named = [known.name if known is not None else "", *(places.get(one, "") for one in needed)]
    return {
        "value": value,
        "start_at": start_at,
        "day": day,
        "staff": who,
        "names": [name for name in named if name],
    }
