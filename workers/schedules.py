"""When a store's own calendar asks for work, and for which; no clock and no database here.

Form: specification section 12, J01, J02, J03, J10, J28, J08, J13, J17, J18, J19.
Shape: an occurrence is named by the wall-clock time it stands for, so a day is done once even if
the store moves to another zone meanwhile; its instant follows from the zone of the moment.
Units: a time in a missing hour comes at the next valid minute, one in a doubled hour the first
time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from shared.days import month_of, previous_month
from shared.domain.appointments import events as appointments
from shared.domain.customers import events as customers
from shared.domain.franchise import events as franchise
from shared.domain.notifications import events as notifications
from shared.domain.reporting import events as reporting
from shared.domain.sales import events as sales
from shared.events.messages import Request
from shared.records import events as records

CATCH_UP = timedelta(days=35)  # what lies further back is not caught up


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What of a tenant decides its hours."""

    kind: str  # store or hq
    time_zone: str
    day_change_hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One recurring job; `cron` may name the day-change hour as {change}.

    A local one is due at most once a day, on the tenant's calendar; the others tick in UTC, so
    that no change of the clocks doubles or stretches their pauses. What lies further back than
    `catch_up` is not caught up: who looks at everything each time needs no more than the last one.
    """

    id: str
    kind: str
    cron: str
    requests: Callable[[date], tuple[Request, ...]]  # from the date it is due on
    is_local: bool = True
    catch_up: timedelta = CATCH_UP


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a schedule is due."""

    wall: datetime  # what the clock on the wall should show, without a zone: its name
    at: datetime  # the UTC instant at which it does


SCHEDULES: tuple[Schedule, ...] = (
    Schedule(
        id="J01",
        kind="store",
        cron="*/15 * * * *",
        is_local=False,
        catch_up=timedelta(hours=1),
        requests=lambda day: (appointments.RemindGuests(),),
    ),
    Schedule(
        id="J02",
        kind="store",
        cron="*/10 * * * *",
        is_local=False,
        catch_up=timedelta(hours=1),
        requests=lambda day: (appointments.SweepNoShows(),),
    ),
    Schedule(
        id="J03",
        kind="store",
        cron="30 {change} * * *",
        requests=lambda day: (reporting.RollUpDays(),),
    ),
    Schedule(
        id="J08",
        kind="store",
        cron="0 9 * * *",
        requests=lambda day: (customers.WatchProfiles(day=day),),
    ),
    Schedule(
        id="J10",
        kind="store",
        cron="0 12 * * *",
        requests=lambda day: (sales.WatchCashDays(day=day),),
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
        is_local=False,
        requests=lambda day: (franchise.SendSnapshots(),),
    ),
    *(
        Schedule(
            id=f"answers-{kind}",
            kind=kind,
            cron="50 4 * * *",
            requests=lambda day: (records.ForgetAnswers(),),
        )
        for kind in ("store", "hq")
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
    Schedule(
        id="J27",
        kind="store",
        cron="0 3 * * *",
        requests=lambda day: (records.ForgetFiles(),),
    ),
    *(
        Schedule(
            id=f"J28-{kind}",
            kind=kind,
            cron="20 * * * *",
            is_local=False,
            requests=lambda day: (notifications.WatchJobs(),),
        )
        for kind in ("store", "hq")
    ),
)


def next_after(schedule: Schedule, calendar: Calendar, instant: datetime) -> Occurrence:
    """Give the first occurrence strictly later than an instant, for one who begins then."""
    local = instant.astimezone(_zone(schedule, calendar)).replace(tzinfo=None)
    found = _due_after(schedule, calendar, local - timedelta(days=2))
    while found.at <= instant:
        found = following(schedule, calendar, found)
    return found


def following(schedule: Schedule, calendar: Calendar, done: Occurrence) -> Occurrence:
    """Give the occurrence after one: the next hour's, or of a local schedule a later day's."""
    wall = datetime.combine(done.wall, time.max) if schedule.is_local else done.wall
    return _due_after(schedule, calendar, wall)


def moved(schedule: Schedule, calendar: Calendar, standing: Occurrence) -> Occurrence:
    """Give the same occurrence by the calendar of a tenant that changed its zone or its hour."""
    if not schedule.is_local:
        return standing
    day_before = datetime.combine(standing.wall, time.min) - timedelta(microseconds=1)
    return _due_after(schedule, calendar, day_before)


def step(
    schedule: Schedule, calendar: Calendar, standing: Occurrence, now: datetime
) -> tuple[Occurrence | None, Occurrence]:
    """Say which occurrence to do now, if any, and where the clock stands after it.

    Shape: none while it is still to come, and none of what lies more than 35 days back: there the
    clock only steps forward, so that what is older elsewhere has its turn first.
    """
    if standing.at > now:
        return None, standing
    if standing.at < now - schedule.catch_up:
        return None, next_after(schedule, calendar, now - schedule.catch_up)
    return standing, following(schedule, calendar, standing)


def requests_of(schedule: Schedule, due: Occurrence) -> tuple[Request, ...]:
    """Say what an occurrence asks for."""
    return schedule.requests(due.wall.date())


def _due_after(schedule: Schedule, calendar: Calendar, wall: datetime) -> Occurrence:
    cron = schedule.cron.format(change=calendar.day_change_hour)
    due = next(CronSim(cron, wall))
    return Occurrence(due, _instant(due, _zone(schedule, calendar)))


def _zone(schedule: Schedule, calendar: Calendar) -> ZoneInfo:
    return ZoneInfo(calendar.time_zone if schedule.is_local else "UTC")


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the first instant at which the wall clock shows a time, or has jumped over it."""
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # Missing: `first` counts on with the old offset and lies behind the jump, by at most its size.
    ends = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # counts with the new one: before it
    new = first.astimezone(zone).utcoffset()
    return next(
        minute
        for passed in range(int((first - ends) / timedelta(minutes=1)) + 1)
        if (minute := ends + timedelta(minutes=passed)).astimezone(zone).utcoffset() == new
    )
