"""Questions about who and what is busy when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Occupancy
from shared.domain.appointments.rules.resources import Busy
from shared.domain.appointments.rules.slots import Span
from shared.domain.appointments.rules.stages import NO_SHOWS_DAYS, Stage
from shared.domain.customers import queries as customers
from shared.forms.record import State

Who = tuple[str, str]  # kind of Busy, who


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A time that is taken already, and by which appointment."""

    appointment_id: int
    who: Who
    start_at: datetime
    end_at: datetime


def taken(
    session: Session, wanted: Collection[Who], during: Span, *, but_for: int | None = None
) -> list[Taken]:
    """List what of these is busy in a span, the appointment `but_for` left out."""
    if not wanted:
        return []
    asked = select(Occupancy).where(
        tuple_(Occupancy.kind, Occupancy.who).in_(wanted),
        Occupancy.during.overlaps(Range(*during)),
    )
    if but_for is not None:
        asked = asked.where(Occupancy.appointment_id != but_for)
    return [_taken(one) for one in session.scalars(asked.order_by(Occupancy.appointment_id))]


def busy(
    session: Session, during: Span, *, guest: int | None, but_for: int | None = None
) -> dict[str, list[Span]]:
    """Give when persons, rooms and devices are busy in a span: who -> spans; the guest under ``.

    Shape: resources are named by number, people by id, the guest by an empty text.
    """
    asked = select(Occupancy).where(Occupancy.during.overlaps(Range(*during)))
    if but_for is not None:
        asked = asked.where(Occupancy.appointment_id != but_for)
    found: dict[str, list[Span]] = {}
    for one in session.scalars(asked):
        if one.kind != Busy.GUEST:
            name = one.who
        elif guest is not None and one.who == str(guest):
            name = ""
        else:
            continue
        known = _taken(one)
        found.setdefault(name, []).append((known.start_at, known.end_at))
    return found


def deliberate(session: Session, ids: Iterable[int]) -> set[int]:
    """Tell which of these appointments stand beside another on purpose."""
    return set(
        session.scalars(
            select(Occupancy.appointment_id).where(
                Occupancy.appointment_id.in_(list(ids)), Occupancy.is_deliberate
            )
        )
    )


def no_shows(session: Session, customer_id: int, *, now: datetime) -> int:
    """Count how often a person did not come in the last ninety days."""
    counted = select(func.count()).where(
        Appointment.customer.in_(customers.whole_person(session, customer_id)),
        Appointment.stage == Stage.NO_SHOW,
        Appointment.state != State.VOID,
        Appointment.start_at >= now - timedelta(days=NO_SHOWS_DAYS),
    )
    return session.scalar(counted) or 0


def _taken(one: Occupancy) -> Taken:
    start, end = one.during.lower, one.during.upper
    assert start is not None
    assert end is not None
    return Taken(
        appointment_id=one.appointment_id, who=(one.kind, one.who), start_at=start, end_at=end
    )
