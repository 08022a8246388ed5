"""The traffic analysis of a range of whole weeks: heat map, promotion windows, what is behind.

Form: F07 panels A and A2; C4.
Units: weeks begin on Monday and end before the present day; what lies before the week of the
    store's first arrival is left out, since nobody counted then.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.appointments.queries import arrivals
from shared.domain.appointments.queries.arrivals import Pace
from shared.domain.customers import queries as customers
from shared.domain.traffic.rules import heat as rules
from shared.domain.traffic.rules.heat import FEWEST_WEEKS, Heat, Hour, Window
from shared.records import opening
from shared.records.models import OpeningHours

MOST_WEEKS = 53
USUAL_WEEKS = 13
MOST_ROWS = 500
_STEP = timedelta(minutes=30)  # no clock jumps by less


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which arrivals: whole weeks up to `last`, a Sunday, and what narrows them."""

    last: date
    weeks: int
    zone: str
    category: str | None = None
    channel: str | None = None
    is_new: bool | None = None
    own_of: UUID | None = None

    @property
    def first(self) -> date:
        """Name the Monday with which the range begins."""
        return self.last - timedelta(days=7 * self.weeks - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The heat map of a range.

    Shape: `first` is the day from which there are arrivals to count, `weeks` how many whole weeks
        that is; with fewer than four `is_small` and nothing is marked. `open_days` per weekday.
        `pace` tells on how many visits the minutes rest.
    """

    asked: Asked
    first: date
    weeks: int
    has_hours: bool
    arrivals: int
    open_days: Mapping[int, int]
    pace: Pace
    heat: Heat
    windows: Sequence[Window]

    @property
    def is_small(self) -> bool:
        """Tell whether there are too few weeks for marks."""
        return self.weeks < FEWEST_WEEKS

    @property
    def hours(self) -> list[int]:
        """List the hours of the map, without gaps."""
        known = [hour for _weekday, hour in self.heat.cells]
        return list(range(min(known), max(known) + 1)) if known else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The arrivals behind a cell, up to MOST_ROWS, and the guests they name, by id."""

    rows: Sequence[arrivals.Arrival]
    customers: Mapping[int, Any]
    count: int


def last_sunday(day: date | None, *, today: date) -> date:
    """Name the end of the last whole week up to a day; it is over before today."""
    yesterday = today - timedelta(days=1)
    asked = min(day or yesterday, yesterday)
    return asked - timedelta(days=asked.isoweekday() % 7)


def traffic(session: Session, asked: Asked) -> Traffic:
    """Draw the heat map and name the windows."""
    first, weeks = _counted(session, asked)
    wanted = _wanted(session, asked)
    counted = [first + timedelta(days=ahead) for ahead in range(7 * weeks)]
    hours = opening.hours_between(session, counted, zone=asked.zone)
    pace = arrivals.pace(session, wanted)
    counts = arrivals.cells(session, wanted)
    open_days = Counter(day.isoweekday() for day in hours)
    drawn = rules.heat(
        counts,
        open_days=open_days,
        open_cells=_open_cells(hours, asked.zone),
        average_minutes=pace.minutes,
        with_marks=weeks >= FEWEST_WEEKS,
    )
    return Traffic(
        asked=asked,
        first=first,
        weeks=weeks,
        has_hours=session.scalar(select(OpeningHours.weekday).limit(1)) is not None,
        arrivals=sum(counts.values()),
        open_days=open_days,
        pace=pace,
        heat=drawn,
        windows=rules.windows(drawn, average_minutes=pace.minutes),
    )


def behind(
    session: Session, asked: Asked, *, weekday: int | None = None, hour: int | None = None
) -> Behind:
    """List the arrivals of a cell, a weekday, an hour or the whole range."""
    wanted = _wanted(session, asked, weekday=weekday, hour=hour)
    rows = arrivals.listed(session, wanted, most=MOST_ROWS)
    return Behind(
        rows=rows,
        customers=customers.by_ids(session, {row.customer_id for row in rows}),
        count=sum(arrivals.cells(session, wanted).values()),
    )


def people_of(session: Session, own_of: UUID | None) -> list[int] | None:
    """Name the guests of one person; None for everybody."""
    return None if own_of is None else list(session.scalars(customers.looked_after_by(own_of)))


def _wanted(session: Session, asked: Asked, **cell: int | None) -> arrivals.Wanted:
    return arrivals.Wanted(
        first=asked.first,
        last=asked.last,
        zone=asked.zone,
        merged=customers.merged_into(session),
        category=asked.category,
        channel=asked.channel,
        is_new=asked.is_new,
        only=people_of(session, asked.own_of),
        **cell,
    )


def _counted(session: Session, asked: Asked) -> tuple[date, int]:
    begun = arrivals.first_day(session)
    if begun is None or begun > asked.last:
        return asked.last, 0
    monday = begun - timedelta(days=begun.isoweekday() - 1)
    first = max(asked.first, monday)
    return first, ((asked.last - first).days + 1) // 7


def _open_cells(hours: Mapping[date, opening.Span], zone: str) -> set[Hour]:
    """Name the cells inside opening hours; an hour that a clock skips is none on that day."""
    clock = ZoneInfo(zone)
    cells: set[Hour] = set()
    for day, (opens, closes) in hours.items():
        at = opens
        while at < closes:
            cells.add((day.isoweekday(), at.astimezone(clock).hour))
            at += _STEP
    return cells
