"""The board of some days as one answer, for programs and for the pages that draw it.

Shape: forms/board.py. A beautician sees the own column; guests are named to whom their profiles are
shown, and what is not for a guest is marked to whom the guest's health data are open.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.queries import board, occupancy, resources
from shared.domain.appointments.rules.resources import SERVING
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.forms.masking import masked_name
from shared.records import opening
from tenants.people.colleagues import Colleague, colleagues

MOST_DAYS = 7


def serving() -> dict[UUID, Colleague]:
    """List the members who may serve guests, by name."""
    return {one: known for one, known in colleagues(g.tenant).items() if SERVING & {*known.roles}}


def own_of() -> UUID | None:
    """Say whose appointments alone the asking person sees; None for all."""
    return g.actor.id if g.actor.reach("F03", "R") == "own" else None


def shown(session: Session, first: date, last: date) -> dict[str, Any]:
    """Put the board of some days together: one question for each kind of thing."""
    rows = board.appointments(session, first, last, own_of=own_of())
    return {
        "zone": g.tenant.time_zone,
        "hours": _hours(session, first, last),
        "people": _people(session, first),
        "resources": resources.in_use(session),
        "appointments": bookings(session, rows),
    }


def bookings(session: Session, rows: Iterable[Appointment]) -> list[dict[str, Any]]:
    """Write appointments with the names of what they point to."""
    listed = list(rows)
    guests = customers.by_ids(session, [one for row in listed if (one := row.customer)])
    items = catalog.by_ids(session, [one for row in listed for one in row.items])
    on_purpose = occupancy.deliberate(session, [row.id for row in listed])
    sees_names = g.actor.reach("F04", "R") in ("all", "own")

    def guest(row: Appointment) -> str:
        known = guests.get(row.customer or 0)
        name = known.name if known else row.contact_name or ""
        return name if sees_names else masked_name(name)

    named = (
        "id", "version", "number", "stage", "channel", "start_at", "end_at", "customer", "items",
        "assigned_staff", "requested_staff", "room", "wishes", "deposit_fen", "deposit_paid_fen",
        "arrived_at", "greeted_at",
    )  # fmt: skip
    told = g.actor.reach("F04_health", "R")

    def is_contraindicated(row: Appointment) -> bool:
        known = guests.get(row.customer or 0)
        if known is None or told is None:
            return False
        mine = (row.assigned_staff, known.consultant, known.preferred_staff, known.created_by)
        has = set(known.contraindications or ()) if told == "all" or g.actor.id in mine else set()
        return any(has & {*(items[i].contraindications or ())} for i in row.items if i in items)

    return [
        {
            **{name: getattr(row, name) for name in named},
            "guest": guest(row),
            "item_names": [items[one].name for one in row.items if one in items],
            "equipment": row.equipment or [],
            "extra_minutes": row.extra_minutes or 0,
            "is_deliberate": row.id in on_purpose,
            "is_contraindicated": is_contraindicated(row),
        }
        for row in listed
    ]


def _hours(session: Session, first: date, last: date) -> list[dict[str, Any]]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        {"day": day, "opens_at": hours[0], "closes_at": hours[1]}
        for day, hours in opening.hours_between(session, days, zone=g.tenant.time_zone).items()
    ]


def _people(session: Session, day: date) -> list[dict[str, Any]]:
    """List who serves, by their turn; who is not in the queue comes last, by name."""
    turns = {one.person: one for one in board.turns(session, day)}
    seats = [
        {
            "id": one,
            "name": known.name,
            "turn": turns[one].place if one in turns else None,
            "is_paused": one in turns and turns[one].is_paused,
        }
        for one, known in serving().items()
    ]
    return sorted(seats, key=lambda seat: (seat["turn"] is None, seat["turn"] or 0))
