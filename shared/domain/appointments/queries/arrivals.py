"""Arrivals by weekday and hour of the store's clock: who came when, whoever it was.

Form: F07 panel A; C4.
Units: every visit is one arrival, also of who left without a treatment; it counts on the weekday
    of its business day and in the hour that the clock showed, a doubled hour as one. A guest is new
    on the first day of coming, unless something was paid before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, TextClause, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which arrivals: a range of days, both included, and what narrows them.

    Shape: `merged` names the profile that stays of each that was given up for it; `only` narrows
        to these people; `is_new` to new guests or to those who came before.
    """

    first: date
    last: date
    zone: str
    merged: Mapping[int, int]
    category: str | None = None
    channel: str | None = None
    is_new: bool | None = None
    only: Collection[int] | None = None
    weekday: int | None = None
    hour: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One arrival; `customer_id` is the profile that stays, `channel` how it was booked."""

    id: int
    number: str
    business_date: date
    arrived_at: datetime
    stage: str
    customer_id: int
    channel: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the signed treatments of arrivals took.

    Units: `minutes` is the mean per arrival that had any, rounded; None without one.
    """

    minutes: int | None
    visits: int


_ARRIVED = """
    WITH person AS (SELECT unnest(:gone) AS gone, unnest(:kept) AS kept),
    came AS (
        SELECT v.*, coalesce(person.kept, v.customer_id) AS person_id
        FROM visits v LEFT JOIN person ON person.gone = v.customer_id
    ),
    begun AS (SELECT person_id, min(business_date) AS day FROM came GROUP BY person_id),
    arrival AS (
        SELECT v.id, v.number, v.business_date, v.arrived_at, v.stage, v.person_id AS customer_id,
               extract(isodow FROM v.business_date)::int AS weekday,
               extract(hour FROM v.arrived_at AT TIME ZONE :zone)::int AS hour,
               coalesce(a.channel, 'WALKIN') AS channel,
               begun.day = v.business_date
                   AND coalesce(c.first_paid_on >= v.business_date, true) AS is_new
        FROM came v JOIN begun USING (person_id) JOIN customers c ON c.id = v.person_id
        LEFT JOIN appointments a ON a.id = v.appointment_id
        WHERE v.business_date BETWEEN :first AND :last
    ),
    counted AS (
        SELECT * FROM arrival
        WHERE (CAST(:channel AS text) IS NULL OR channel = :channel)
          AND (CAST(:is_new AS boolean) IS NULL OR is_new = :is_new)
          AND (CAST(:only AS bigint[]) IS NULL OR customer_id = ANY(:only))
          AND (CAST(:weekday AS int) IS NULL OR weekday = :weekday)
          AND (CAST(:hour AS int) IS NULL OR hour = :hour)
          AND (CAST(:category AS text) IS NULL OR EXISTS (
              SELECT FROM visit_lines l JOIN items i ON i.id = l.item_id
              WHERE l.visit_id = arrival.id AND l.agreed_at IS NOT NULL
                  AND i.category = :category))
    )
"""


def _asks(statement: str) -> TextClause:
    ids = ARRAY(BigInteger)
    return text(_ARRIVED + statement).bindparams(
        *(bindparam(name, type_=ids) for name in ("gone", "kept", "only"))
    )


_CELLS = _asks("SELECT weekday, hour, count(*) FROM counted GROUP BY weekday, hour")
_ROWS = _asks(
    """
    SELECT id, number, business_date, arrived_at, stage, customer_id, channel, is_new
    FROM counted ORDER BY arrived_at DESC, id DESC LIMIT :most
    """
)
_PACE = _asks(
    """
    SELECT sum(extract(epoch FROM t.ended_at - t.started_at) / 60), count(DISTINCT t.visit)
    FROM counted JOIN treatments t ON t.visit = counted.id JOIN items i ON i.id = t.item
    WHERE t.state <> 'VOID' AND t.signed_at IS NOT NULL AND t.ended_at IS NOT NULL
      AND (CAST(:category AS text) IS NULL OR i.category = :category)
    """
)


def cells(session: Session, wanted: Wanted) -> dict[tuple[int, int], int]:
    """Count arrivals by weekday (1 is Monday) and hour."""
    rows = session.execute(_CELLS, _parameters(wanted))
    return {(weekday, hour): count for weekday, hour, count in rows}


def listed(session: Session, wanted: Wanted, *, most: int) -> Sequence[Arrival]:
    """List arrivals, the newest first."""
    rows = session.execute(_ROWS, {**_parameters(wanted), "most": most})
    return [Arrival(**row) for row in rows.mappings()]


def pace(session: Session, wanted: Wanted) -> Pace:
    """Say how long the treatments of arrivals took."""
    minutes, visits = session.execute(_PACE, _parameters(wanted)).one()
    return Pace(minutes=round(minutes / visits) if visits else None, visits=visits)


def first_day(session: Session) -> date | None:
    """Name the day of the store's first arrival."""
    return session.scalar(select(func.min(Visit.business_date)))


def _parameters(wanted: Wanted) -> dict[str, Any]:
    return {
        "first": wanted.first, "last": wanted.last, "zone": wanted.zone,
        "gone": list(wanted.merged), "kept": list(wanted.merged.values()),
        "category": wanted.category, "channel": wanted.channel, "is_new": wanted.is_new,
        "only": None if wanted.only is None else list(wanted.only),
        "weekday": wanted.weekday, "hour": wanted.hour,
    }  # fmt: skip
