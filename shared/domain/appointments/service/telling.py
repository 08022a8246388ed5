"""What is told of appointments: to guests, to who serves them, to the desk.

Form: specification 11, appt.*; J01.
Units: times are written on the store's clock.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.appointments.models.bookings import Appointment
from shared.events.notices import Notify
from shared.records.register import Editor


class About:
    """One appointment as notices tell of it."""

    def __init__(self, row: Appointment, *, by: Editor, items: Sequence[str]) -> None:
        self._row, self._by, self._items = row, by, items

    def notice(
        self, event: str, *, to: Sequence[UUID | None] = (), key: str = "", room: str = ""
    ) -> Notify:
        """Write one notice; `to` are people beside the one who serves.

        Shape: `key` tells two of one event and appointment apart, the version when left out.
        """
        row = self._row
        people = dict.fromkeys(one for one in (row.assigned_staff, *to) if one is not None)
        guest = f"F03/{row.id}/contact_name"
        if row.customer is not None:
            guest = f"customers/{row.customer}"
        records = {"customer": guest}
        if row.assigned_staff is not None:
            records["staff"] = f"people/{row.assigned_staff}"
        return Notify(
            event=event,
            key=f"{row.id}/{key or row.version}",
            facts={
                "time": clock(row.start_at, zone=self._by.zone),
                "items": "、".join(self._items),
                "room": room,
            },
            facts_en={"items": ", ".join(self._items)},
            records=records,
            to_people=tuple(people),
            to_customer_id=row.customer,
        )


def clock(instant: datetime, *, zone: str) -> str:
    """Write a moment on the store's clock."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
