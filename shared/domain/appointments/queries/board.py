"""The board of a day: its appointments, rooms and devices, turns; and whether anything changed.

Shape: one question for each kind of thing; the fingerprint is one statement over indexes.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from shared.domain.appointments.models.bookings import Appointment, Turn
from shared.domain.appointments.rules.rates import Counts
from shared.domain.appointments.rules.stages import ARRIVED_ONCE, Stage
from shared.forms.record import State

# A row's xmin is the number of the transaction that last wrote it: no change keeps it, whichever
# column it was in. The turn queue is small and says itself. Who works here is not asked: a name
# that joins shows when something else changes, or the page is opened.
_FINGERPRINT = text(
    """
    WITH shown AS (
        SELECT id, xmin, customer, items FROM appointments
        WHERE business_date BETWEEN :first AND :last
    )
    SELECT (SELECT string_agg(concat_ws('.', id, xmin), ' ' ORDER BY id) FROM shown),
        (SELECT string_agg(concat_ws('.', id, xmin), ' ' ORDER BY id) FROM customers
            WHERE id IN (SELECT customer FROM shown)),
        (SELECT string_agg(concat_ws('.', id, xmin), ' ' ORDER BY id) FROM items
            WHERE id IN (SELECT unnest(items) FROM shown)),
        (SELECT string_agg(concat_ws('.', id, xmin), ' ' ORDER BY id) FROM resources),
        (SELECT string_agg(concat_ws('.', day, person, place, is_paused), ' ' ORDER BY day, place)
            FROM turns WHERE day BETWEEN :first AND :last),
        (SELECT string_agg(concat_ws('.', weekday, xmin), ' ' ORDER BY weekday)
            FROM opening_hours),
        (SELECT string_agg(concat_ws('.', day, xmin), ' ' ORDER BY day) FROM closed_days
            WHERE day BETWEEN :first AND :last)
    """
)
_COUNTS = text(
    """
    SELECT count(*) FILTER (WHERE stage = 'COMPLETED') AS completed,
        count(*) FILTER (WHERE stage = 'NO_SHOW') AS no_show,
        count(*) FILTER (WHERE is_late_cancel) AS late_cancel,
        count(*) FILTER (WHERE stage = ANY(:arrived)) AS arrived,
        count(*) FILTER (WHERE stage = ANY(:arrived) AND requested_staff IS NOT NULL) AS requested
    FROM appointments
    WHERE business_date BETWEEN :first AND :last AND state <> 'VOID'
    """
)


def fingerprint(session: Session, first: date, last: date) -> tuple[Any, ...]:
    """Give what changes whenever the board of these days does; both ends included."""
    return tuple(session.execute(_FINGERPRINT, {"first": first, "last": last}).one())


def appointments(
    session: Session, first: date, last: date, *, own_of: UUID | None = None
) -> Sequence[Appointment]:
    """List the appointments of some days by their start, those of one person when asked."""
    wanted = select(Appointment).where(
        Appointment.business_date.between(first, last), Appointment.state != State.VOID
    )
    if own_of is not None:
        own = (Appointment.assigned_staff, Appointment.requested_staff, Appointment.created_by)
        wanted = wanted.where(or_(*(column == own_of for column in own)))
    return session.scalars(wanted.order_by(Appointment.start_at, Appointment.id)).all()


def requests(session: Session, *, limit: int) -> Sequence[Appointment]:
    """List what is to be confirmed, the next first."""
    return session.scalars(
        select(Appointment)
        .where(Appointment.stage == Stage.REQUESTED, Appointment.state == State.SUBMITTED)
        .order_by(Appointment.start_at, Appointment.id)
        .limit(limit)
    ).all()


def last_of(session: Session, customer_ids: Collection[int], *, most: int) -> Sequence[Appointment]:
    """List the last appointments of a person, the newest first."""
    return session.scalars(
        select(Appointment)
        .where(Appointment.customer.in_(customer_ids), Appointment.state != State.VOID)
        .order_by(Appointment.start_at.desc(), Appointment.id.desc())
        .limit(most)
    ).all()


def turns(session: Session, day: date) -> Sequence[Turn]:
    """List the turn queue of a day in its order."""
    return session.scalars(select(Turn).where(Turn.day == day).order_by(Turn.place)).all()


def counts(session: Session, first: date, last: date) -> Counts:
    """Count how the appointments of some days ended; both ends included."""
    asked = {"first": first, "last": last, "arrived": [str(one) for one in ARRIVED_ONCE]}
    return Counts(**session.execute(_COUNTS, asked).one()._mapping)
