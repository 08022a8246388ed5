"""The day's turn queue 轮牌: who serves next when a guest asks for nobody.

Form: F13 turn_order: 1..n per day.
Locks: the day's places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Turn


class QueueMoved(errors.Conflict):
    """Somebody changed the turn queue meanwhile."""

    code = "CONFLICT"
    zh = "他人已修改轮牌,请刷新后重试"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A person's place in the queue, in its order."""

    person: UUID
    is_paused: bool = False


def set_queue(
    session: Session,
    *,
    day: date,
    places: Sequence[Place],
    seen: Sequence[Place],
    serving: frozenset[UUID],
) -> None:
    """Say who stands in the queue of a day, in which order, and who pauses.

    Shape: `seen` is the queue that was changed. A queue is its own version: whoever saw the same
        one saw the newest.
    Raises: QueueMoved; errors.FormInvalid for somebody twice or who does not serve here.
    """
    problems = []
    named: set[UUID] = set()
    for number, place in enumerate(places):
        if place.person in named:
            problems.append(errors.problem(f"places.{number}.person", "DUPLICATE"))
        elif place.person not in serving:
            problems.append(errors.problem(f"places.{number}.person", "NOT_FOUND"))
        named.add(place.person)
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    held = _held(session, day)
    if queue(held) != list(seen):
        raise QueueMoved(day=day.isoformat())
    if held:  # what is not held, another has just written: it is not ours to delete
        session.execute(delete(Turn).where(Turn.day == day))
    rows = [
        {"day": day, "person": one.person, "place": number, "is_paused": one.is_paused}
        for number, one in enumerate(places, 1)
    ]
    if not rows:
        return
    # an empty queue has no row to hold: of two who fill it, the second finds the places taken
    kept = insert(Turn).values(rows).on_conflict_do_nothing().returning(Turn.person)
    if len(session.execute(kept).all()) < len(rows):
        raise QueueMoved(day=day.isoformat())


def queue(turns: Sequence[Turn]) -> list[Place]:
    """Write the places of a day in their order."""
    ordered = sorted(turns, key=lambda one: one.place)
    return [Place(person=one.person, is_paused=one.is_paused) for one in ordered]


def take_turn(session: Session, *, day: date, person: UUID) -> None:
    """Send somebody who serves a guest of the queue to its end; who is not in it stays out."""
    standing = _held(session, day)
    mine = next((one for one in standing if one.person == person), None)
    if mine is not None:
        mine.place = max(one.place for one in standing) + 1
        session.flush()


def _held(session: Session, day: date) -> list[Turn]:
    """Hold the places of a day; a queue that another wrote while we waited is read anew."""
    wanted = select(Turn).where(Turn.day == day).order_by(Turn.person).with_for_update()
    fresh = wanted.execution_options(populate_existing=True)
    found = list(session.scalars(fresh))
    while found != (again := list(session.scalars(fresh))):
        found = again
    return found
