"""Store days and months: which business day an instant belongs to.

Units: a business day is the store's local date; an hour before the day-change hour counts
to the day before. A month is named by its first day.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def business_day(instant: datetime, *, zone: str, change_hour: int) -> date:
    """Name the business day of an aware instant.

    Units: the wall clock of `zone` decides, so a doubled or missing hour stays on its day.
    """
    local = instant.astimezone(ZoneInfo(zone))
    return local.date() - timedelta(days=1) if local.hour < change_hour else local.date()


def month_of(day: date) -> date:
    """Name the month a day lies in."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Name the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def previous_month(month: date) -> date:
    """Name the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def last_day(month: date) -> date:
    """Give the last day of a month."""
    return next_month(month) - timedelta(days=1)


def days_of(month: date) -> list[date]:
    """List the days of a month in order."""
    first = month_of(month)
    return [first + timedelta(days=n) for n in range((next_month(first) - first).days)]


def months_between(first: date, last: date) -> list[date]:
    """List the months from `first` to `last`, both included."""
    months, month = [], month_of(first)
    while month <= last:
        months.append(month)
        month = next_month(month)
    return months


def parse_month(text: str) -> date:
    """Read `2025-06`.

    Raises: ValueError when it is not a month.
    """
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 a month has no zone


def month_text(month: date) -> str:
    """Write a month as `2025-06`."""
    return f"{month:%Y-%m}"
