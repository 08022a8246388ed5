"""When the store opens: its weekdays and hours, and the days on which it stays shut.

Shape: to say so is reporting's business, since months count open days; who books asks here.
Units: times are those of the store's own clock; a store without hours opens every day, all day.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import days
from shared.records.models import ClosedDay, OpeningHours

Span = tuple[datetime, datetime]


def open_days(session: Session, first: date, last: date) -> list[date]:
    """List the days on which the store opens, by its hours and closed days.

    Units: both ends are included; a store without opening hours opens every day.
    """
    weekdays = set(session.scalars(select(OpeningHours.weekday)))
    shut = set(session.scalars(select(ClosedDay.day).where(ClosedDay.day.between(first, last))))
    return [
        day
        for month in days.months_between(first, last)
        for day in days.days_of(month)
        if first <= day <= last
        and day not in shut
        and (not weekdays or day.isoweekday() in weekdays)
    ]


def shut_days(session: Session, month: date) -> list[date]:
    """List the days of a month on which the store does not open."""
    opened = set(open_days(session, month, days.last_day(month)))
    return [day for day in days.days_of(month) if day not in opened]


def hours_of(session: Session, day: date, *, zone: str) -> Span | None:
    """Say from when to when the store is open on a day; None when it stays shut."""
    return hours_between(session, [day], zone=zone).get(day)


def hours_between(session: Session, asked: Collection[date], *, zone: str) -> dict[date, Span]:
    """Say from when to when the store is open on some days; those on which it is not are left out.

    Units: instants; a time that the clock shows twice is its first, one it jumps over counts on.
    """
    hours = {row.weekday: row for row in session.scalars(select(OpeningHours))}
    shut = set(session.scalars(select(ClosedDay.day).where(ClosedDay.day.in_(asked))))
    found: dict[date, Span] = {}
    for day in asked:
        known = hours.get(day.isoweekday())
        if day in shut or (hours and known is None):
            continue
        opens = known.opens_at if known else time.min
        ends = day if known else day + timedelta(days=1)
        closes = known.closes_at if known else time.min
        found[day] = _instant(day, opens, zone), _instant(ends, closes, zone)
    return found


def _instant(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
