"""The day's turn queue 轮牌: who serves next when a guest asks for nobody.

Form: F13 turn_order: 1..n per day.
Locks: the day's places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A person's place in the queue, in its order."""

    person: UUID
    is_paused: bool = False


def set_queue(
    session: Session, *, day: date, places: Sequence[Place], serving: frozenset[UUID]
) -> None:
    """Say who stands in the queue of a day, in which order, and who pauses.

    Raises: errors.FormInvalid for somebody twice or who does not serve here.
    """
    problems = []
    seen: set[UUID] = set()
    for number, place in enumerate(places):
        if place.person in seen:
            problems.append(errors.problem(f"places.{number}.person", "DUPLICATE"))
        elif place.person not in serving:
            problems.append(errors.problem(f"places.{number}.person", "NOT_FOUND"))
        seen.add(place.person)
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    _held(session, day)
    session.execute(delete(Turn).where(Turn.day == day))
    rows = [
        {"day": day, "person": one.person, "place": number, "is_paused": one.is_paused}
        for number, one in enumerate(places, 1)
    ]
    if rows:
        session.execute(insert(Turn), rows)


def take_turn(session: Session, *, day: date, person: UUID) -> None:
    """Send somebody who serves a guest of the queue to its end; who is not in it stays out."""
    standing = _held(session, day)
    mine = next((one for one in standing if one.person == person), None)
    if mine is not None:
        mine.place = max(one.place for one in standing) + 1


def _held(session: Session, day: date) -> list[Turn]:
    held = select(Turn).where(Turn.day == day).order_by(Turn.person)
    return list(session.scalars(held.with_for_update()))
