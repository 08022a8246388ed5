"""When a store's own calendar asks for work, and for which; no clock and no database here.

Form: specification section 12, J03, J13, J17, J18, J19.
Units: cron texts are wall-clock time of the tenant's zone. A time in a missing hour comes at the
next valid minute, one in a doubled hour once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from shared.days import month_of, previous_month
from shared.domain.franchise import events as franchise
from shared.domain.reporting import events as reporting
from shared.events.messages import Request

CATCH_UP = timedelta(days=35)  # what lies further back is not caught up


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What of a tenant decides its hours."""

    kind: str  # store or hq
    time_zone: str
    day_change_hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One recurring job; `cron` may name the day-change hour as {change}."""

    id: str
    kind: str
    cron: str
    requests: Callable[[date], tuple[Request, ...]]  # from the local date it is due on


SCHEDULES: tuple[Schedule, ...] = (
    Schedule(
        id="J03",
        kind="store",
        cron="30 {change} * * *",
        requests=lambda day: (reporting.RollUpDays(),),
    ),
    Schedule(
        id="J13",
        kind="store",
        cron="0 5 1 * *",
        requests=lambda day: (reporting.ComputeMonth(month=previous_month(day)),),
    ),
    Schedule(
        id="J17",
        kind="store",
        cron="0 18 5 * *",
        requests=lambda day: (reporting.CloseDueMonth(month=previous_month(day)),),
    ),
    Schedule(
        id="J18",
        kind="store",
        cron="0 * * * *",
        requests=lambda day: (franchise.SendSnapshots(),),
    ),
    Schedule(
        id="J19",
        kind="hq",
        cron="0 6 * * *",
        requests=lambda day: (
            franchise.AggregateMonth(month=previous_month(day)),
            franchise.AggregateMonth(month=month_of(day)),
        ),
    ),
)


def next_after(schedule: Schedule, calendar: Calendar, instant: datetime) -> datetime:
    """Give the next UTC instant, strictly later, at which a schedule is due."""
    cron = schedule.cron.format(change=calendar.day_change_hour)
    due = CronSim(cron, instant.astimezone(ZoneInfo(calendar.time_zone)))
    for found in due:
        if (utc := found.astimezone(UTC)) > instant:  # not so inside a doubled hour
            return utc
    raise ValueError(f"{schedule.id} is never due: {cron}")


def first_due(schedule: Schedule, calendar: Calendar, due: datetime, now: datetime) -> datetime:
    """Give the occurrence to begin with: the one remembered, or the first of the last 35 days."""
    oldest = now - CATCH_UP
    return due if due >= oldest else next_after(schedule, calendar, oldest)


def requests_of(schedule: Schedule, calendar: Calendar, due: datetime) -> tuple[Request, ...]:
    """Say what is asked for by the occurrence due at an instant."""
    return schedule.requests(due.astimezone(ZoneInfo(calendar.time_zone)).date())
