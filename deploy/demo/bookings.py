"""The appointments of the demo stores that people are led to: rooms, devices, turns, some days.

Shape: booked by the same verbs as at the desk, the evening before; what lies behind the present
moment was kept, so that the sweep of no-shows finds nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from deploy.demo import visits
from shared.domain.appointments.queries import free
from shared.domain.appointments.rules.resources import Kind
from shared.domain.appointments.rules.slots import Slot
from shared.domain.appointments.service import resources, turns
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.appointments.service.resources import NewResource
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.records import service
from shared.records.register import Editor

ROOMS = ("玫瑰房", "茉莉房", "百合房", "双人房")
DEVICES = (("蒸汽喷雾机", "喷雾"), ("射频仪 1", "射频"))
DAYS_AHEAD = 2
A_DAY, ON_WEEKENDS = 5, 8
_CHANNELS = ("PHONE", "WECHAT", "WECHAT", "WALKIN", "OUTBOUND")
_WISHES = (None, None, "请轻一点", "想安静休息,不聊天", None)


class Diary:
    """One store's diary, written by its desk."""

    def __init__(
        self,
        session: Session,
        *,
        by: Editor,
        serving: Sequence[UUID],
        sign: Callable[[], str],
    ) -> None:
        """Begin with chance that is the same for the same day."""
        self._session, self._by, self._serving, self._sign = session, by, serving, sign
        self._chance = Random(f"bookings/{by.today}")
        offered = catalog.items(session, on_sale_on=by.today)
        self._items = [one.id for one in offered if one.category != Category.PRODUCT]

    def fill(self, guests: Sequence[int], *, days_back: int) -> None:
        """Set rooms, devices and turns up, and book the days around today."""
        for number, name in enumerate(ROOMS):
            new = NewResource(kind=Kind.PLACE, name=name, place_no=number)
            resources.add(self._session, new=new)
        for number, (name, kind) in enumerate(DEVICES):
            new = NewResource(kind=Kind.DEVICE, name=name, device_kind=kind, place_no=number)
            resources.add(self._session, new=new)
        places = [turns.Place(person=one) for one in dict.fromkeys(self._serving)]
        turns.set_queue(
            self._session,
            day=self._by.today,
            places=places,
            seen=(),
            serving=frozenset(self._serving),
        )
        for ahead in range(-days_back, DAYS_AHEAD + 1) if self._items else ():
            self._fill_day(self._by.today + timedelta(days=ahead), guests)

    def _fill_day(self, day: date, guests: Sequence[int]) -> None:
        evening = datetime.combine(day - timedelta(days=1), time(19), ZoneInfo(self._by.zone))
        by = replace(self._by, now=evening, today=day - timedelta(days=1))
        most = ON_WEEKENDS if day.weekday() >= 5 else A_DAY
        for guest in self._chance.sample(list(guests), min(most, len(guests))):
            asked = free.Asked(
                day=day, items=[self._chance.choice(self._items)], serving=self._serving,
                zone=by.zone, now=evening, guest=guest, most=40, every_minutes=30,
            )  # fmt: skip
            found = free.free_slots(self._session, asked)
            if found:
                self._book(guest, asked, self._chance.choice(found), by)

    def _book(self, guest: int, asked: free.Asked, slot: Slot, by: Editor) -> None:
        is_request = slot.start_at > self._by.now and self._chance.random() < 0.1
        whom = {
            "assigned_staff": slot.staff, "room": int(slot.place),
            "equipment": [int(one) for one in slot.devices] or None,
            "requested_staff": slot.staff if self._chance.random() < 0.3 else None,
        }  # fmt: skip
        typed = {
            "customer": guest, "items": list(asked.items), "start_at": slot.start_at.isoformat(),
            "channel": "ONLINE" if is_request else self._chance.choice(_CHANNELS),
            "wishes": self._chance.choice(_WISHES), "readback_done": not is_request,
            **({} if is_request else whom),
        }  # fmt: skip
        filled = {name: value for name, value in typed.items() if value is not None}
        row = service.keep_new(self._session, APPOINTMENTS, typed=filled, by=by)
        if slot.start_at <= self._by.now:
            visits.receive(self._session, row, by=self._by, sign=self._sign, chance=self._chance)
