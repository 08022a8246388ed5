"""Free times for items: a person, a room and the devices they need, together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Resource
from shared.domain.appointments.queries import board, occupancy, resources
from shared.domain.appointments.rules import slots
from shared.domain.appointments.rules.resources import Condition, Kind
from shared.domain.appointments.rules.slots import Slot, Wanted
from shared.domain.appointments.rules.stages import STEP_MINUTES
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.records import opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """For what a free time is looked for.

    Shape: `serving` are all who may serve; `staff` is the one asked for, then nobody else is
        proposed; `near` the time wished for, `place` the room; `moving` the appointment
        that is to be moved; of a run of free starts the first is given, and those on
        `every_minutes` of the clock.
    """

    day: date
    items: Sequence[int]
    serving: Sequence[UUID]
    zone: str
    now: datetime
    staff: UUID | None = None
    near: datetime | None = None
    guest: int | None = None
    place: int | None = None
    moving: int | None = None
    most: int = 12
    every_minutes: int = STEP_MINUTES


def free_slots(session: Session, asked: Asked) -> list[Slot]:
    """Propose free times of a day, the nearest to a wish, else the first ones.

    Persons are proposed by the turn queue, who pauses last; rooms and devices in the board's order.
    Raises: errors.FormInvalid for an item that cannot be booked.
    """
    offers = catalog.offers(session, asked.items)
    if not asked.items or any(
        one not in offers
        or offers[one].category == Category.PRODUCT
        or not offers[one].is_on_sale(asked.day)
        for one in asked.items
    ):
        raise errors.FormInvalid(problems=(errors.problem("items", "NOT_FOUND"),))
    hours = opening.hours_of(session, asked.day, zone=asked.zone)
    if hours is None:
        return []
    found = resources.in_use(session)
    minutes = sum(offers[one].duration_minutes for one in asked.items)
    wanted = Wanted(
        length=timedelta(minutes=minutes) + slots.CHANGE_OVER,
        opens=hours,
        not_before=asked.now,
        staff=_in_turn(session, asked),
        places=_places(found, asked.place),
        devices=_choices(found, {offers[one].device_kind for one in asked.items} - {None}),
    )
    span = hours[0], hours[1] + wanted.length
    busy = occupancy.busy(session, span, guest=asked.guest, but_for=asked.moving)
    busy_guest = busy.pop("", [])
    listed = list(slots.slots(replace(wanted, guest=busy_guest), busy))
    if asked.near is None:
        listed = slots.thinned(listed, every=timedelta(minutes=asked.every_minutes))
    return slots.nearest(listed, to=asked.near, most=asked.most)


def _places(found: Sequence[Resource], wished: int | None) -> list[str]:
    places = [one.id for one in found if one.kind == Kind.PLACE]
    return [str(one) for one in sorted(places, key=lambda one: one != wished)]


def _choices(found: Sequence[Resource], kinds: Collection[str | None]) -> list[list[str]]:
    usable = [one for one in found if one.kind == Kind.DEVICE and one.condition == Condition.GOOD]
    return [
        [str(one.id) for one in usable if one.device_kind == kind]
        for kind in sorted(kind for kind in kinds if kind)
    ]


def _in_turn(session: Session, asked: Asked) -> list[str]:
    if asked.staff is not None:
        return [str(asked.staff)] if asked.staff in asked.serving else []
    standing = {one.person: (one.is_paused, one.place) for one in board.turns(session, asked.day)}
    last = (True, len(standing) + len(asked.serving) + 1)
    return [str(one) for one in sorted(asked.serving, key=lambda who: standing.get(who, last))]
