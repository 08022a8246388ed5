"""Ten years of forty stores' calendars: each occurrence once and in order, whatever the clock does.

The clock process is simulated: it ticks a little late, is down for hours, days and weeks, also
longer than the 35 days that are caught up, while stores move to other zones. What it must have
done is worked out by another road: every day that a calendar names, and the first minute at which
a wall clock shows a time or has jumped over it.

ROLLBOOK_TEST_FULL=1 gives every schedule all forty zones and ten years, and every instant the slow
road; else each has every fifth zone, so that all of them together have each zone several times, and
the hourly ones have two zones for a year.
"""

import os
import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

import pytest

from workers.schedules import CATCH_UP, SCHEDULES, Calendar, Occurrence, moved, next_after, step

HOURLY = ("J18", "J28-store", "J28-hq")  # in UTC
FULL = bool(os.environ.get("ROLLBOOK_TEST_FULL"))
# begins before Apia skipped the 30th of December 2011
BEGINS, ENDS = datetime(2011, 6, 1, 12, tzinfo=UTC), datetime(2021, 6, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)
ZONES = (
    *("Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Africa/Windhoek"),
    *("America/Anchorage", "America/Asuncion", "America/Caracas", "America/Havana"),
    *("America/Los_Angeles", "America/Metlakatla", "America/New_York", "America/Nuuk"),
    *("America/Santiago", "America/Sao_Paulo", "America/St_Johns", "Antarctica/Troll"),
    *("Asia/Amman", "Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu"),
    *("Asia/Kolkata", "Asia/Pyongyang", "Asia/Shanghai", "Asia/Tehran"),
    *("Asia/Tokyo", "Asia/Urumqi", "Australia/Adelaide", "Australia/Eucla"),
    *("Australia/Lord_Howe", "Australia/Sydney", "Europe/Berlin", "Europe/Istanbul"),
    *("Europe/London", "Europe/Moscow", "Pacific/Apia", "Pacific/Chatham"),
    *("Pacific/Fakaofo", "Pacific/Kiritimati", "Pacific/Norfolk", "Pacific/Pago_Pago"),
)


@dataclass(frozen=True)
class Life:
    """What happens to one store: where it is from when on, and when the clock was down."""

    calendars: tuple[tuple[datetime, Calendar], ...]  # in order, the first from the beginning
    down: tuple[tuple[datetime, datetime], ...]

    def calendar(self, at: datetime) -> Calendar:
        """Give the calendar of a moment."""
        return self.calendars[bisect_right(self.calendars, at, key=itemgetter(0)) - 1][1]

    def next_look(self, wanted: datetime) -> datetime:
        """Give when the clock first looks at or after an instant."""
        place = bisect_right(self.down, wanted, key=itemgetter(0)) - 1
        return max(self.down[place][1], wanted) if place >= 0 else wanted


def life_of(zone: str, kind: str, *, moves: bool, draw: random.Random) -> Life:
    """Draw outages and moves."""
    at, down = BEGINS, []
    while at < ENDS:
        at += timedelta(days=draw.uniform(20, 200))
        hours = draw.choice([0.5, 3, 30, 24 * 6, 24 * 20, 24 * 34.9, 24 * 36, 24 * 60])
        down.append((at, at + timedelta(hours=hours)))
        at = down[-1][1]
    calendars = [(BEGINS, Calendar(kind=kind, time_zone=zone, day_change_hour=draw.randint(0, 6)))]
    at = BEGINS
    while moves and (at := at + timedelta(days=draw.uniform(50, 400))) < ENDS:
        there = Calendar(
            kind=kind, time_zone=draw.choice(ZONES), day_change_hour=draw.randint(0, 6)
        )
        calendars.append((at, there))
    return Life(tuple(calendars), tuple(down))


def simulate(schedule_id: str, life: Life, ends: datetime) -> Iterator[tuple[datetime, Occurrence]]:
    """Give what the clock does and when it does it, as workers/clock.py goes step by step."""
    schedule = next(one for one in SCHEDULES if one.id == schedule_id)
    calendar = life.calendar(BEGINS)
    stands = next_after(schedule, calendar, BEGINS)
    changes = [since for since, _ in life.calendars[1:]]
    while True:
        # it looks when it is due, or as soon as it can after a move
        wanted = min([stands.at, *changes[:1]])
        now = life.next_look(max(wanted, BEGINS))
        while changes and changes[0] <= now:
            changes.pop(0)
        if now >= ends:
            return
        if life.calendar(now) != calendar:
            calendar = life.calendar(now)
            stands = moved(schedule, calendar, stands)
        while stands.at <= now:
            done, stands = step(schedule, calendar, stands, now)
            if done is not None:
                yield now, done


def named(schedule_id: str, first: datetime, last: datetime) -> list[datetime]:
    """List the wall-clock dates that a schedule names, without its own help."""
    if schedule_id in HOURLY:
        hours = int((last - first) / timedelta(hours=1))
        return [first + timedelta(hours=hour) for hour in range(hours + 1)]
    days = [first + timedelta(days=day) for day in range((last.date() - first.date()).days + 1)]
    if schedule_id == "J24-plan":
        return [day for day in days if (day.month, day.day) == (12, 15)]
    wanted = {"J13": 1, "J14": 1, "J17": 5, "J24": 2}.get(schedule_id)
    return [day for day in days if wanted is None or day.day == wanted]


def shown_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the first minute at which a wall clock shows a time or a later one, the slow road."""
    if zone.key == "UTC":
        return wall.replace(tzinfo=UTC)
    around = [
        (wall.replace(tzinfo=UTC) + timedelta(hours=hours)).astimezone(zone).utcoffset()
        for hours in (-40, 0, 40)
    ]
    offsets = [offset for offset in around if offset is not None]
    minute = wall.replace(tzinfo=UTC) - max(offsets)
    if len(set(offsets)) == 1 and not FULL:
        return minute
    minute -= timedelta(minutes=150)  # no doubled hour is longer
    while minute.astimezone(zone).replace(tzinfo=None) < wall:
        minute += MINUTE
    return minute


@pytest.mark.parametrize("moves", [False, True], ids=["stays", "moves"])
@pytest.mark.parametrize("schedule", [one.id for one in SCHEDULES if one.catch_up == CATCH_UP])
def test_each_occurrence_of_ten_years_is_done_once_and_in_order(schedule: str, moves: bool) -> None:
    kind = next(one.kind for one in SCHEDULES if one.id == schedule)
    zones, ends = (ZONES, ENDS) if FULL else _some(schedule)
    done_in_all = 0
    for number, zone in enumerate(zones):
        draw = random.Random(f"{schedule} {number} {moves}")
        life = life_of(zone, kind, moves=moves, draw=draw)
        done = list(simulate(schedule, life, ends))
        _check(schedule, life, done)
        done_in_all += len(done)
    monthly = dict.fromkeys(("J13", "J14", "J17", "J24"), 90)
    hourly = dict.fromkeys(HOURLY, 6000)
    least = {**monthly, **hourly, "J24-plan": 7}.get(schedule, 2500)  # else daily
    assert done_in_all >= least * len(zones)


def _some(schedule: str) -> tuple[tuple[str, ...], datetime]:
    if schedule in HOURLY:
        return ZONES[::20], BEGINS + YEAR
    first = [one.id for one in SCHEDULES].index(schedule) % 5
    return ZONES[first::5], ENDS


def _check(schedule: str, life: Life, done: list[tuple[datetime, Occurrence]]) -> None:
    told = (schedule, life.calendars)
    walls = [occurrence.wall for _, occurrence in done]
    instants = [occurrence.at for _, occurrence in done]
    names = [wall if schedule in HOURLY else date_of(wall) for wall in walls]
    assert names == sorted(set(names)), told  # each once, in order
    if len(life.calendars) == 1:
        assert instants == sorted(instants), told

    for name in set(_expected(schedule, walls)) - set(names):
        assert any(begins <= name <= ends for begins, ends in _given_up(life)), (name, told)
    for now, occurrence in done:
        zone = "UTC" if schedule in HOURLY else life.calendar(now).time_zone
        assert occurrence.at == shown_at(occurrence.wall, ZoneInfo(zone)), (occurrence, told)
        assert occurrence.at <= now
        assert now - occurrence.at <= CATCH_UP


def _given_up(life: Life) -> list[tuple[datetime, datetime]]:
    """List what was due more than 35 days before the clock came back, as wall-clock times."""
    anywhere = timedelta(hours=30)  # a day's name, wherever on earth
    return [
        (
            (begins - anywhere).replace(tzinfo=None),
            (ends - CATCH_UP + anywhere).replace(tzinfo=None),
        )
        for begins, ends in life.down
        if ends - begins > CATCH_UP - anywhere  # a move makes it a day older
    ]


def date_of(wall: datetime) -> datetime:
    """Cut a wall-clock time to its day."""
    return datetime(wall.year, wall.month, wall.day)  # noqa: DTZ001 a name, not an instant


def _expected(schedule: str, walls: list[datetime]) -> list[datetime]:
    found = named(schedule, walls[0], walls[-1])
    return found if schedule in HOURLY else [date_of(wall) for wall in found]


def test_the_slow_road_knows_the_strange_days() -> None:
    def at(text: str, zone: str) -> str:
        return f"{shown_at(datetime.fromisoformat(text), ZoneInfo(zone)):%m-%d %H:%M}"

    assert at("2011-12-30T04:30", "Pacific/Apia") == "12-30 10:00"  # there was no such day
    assert at("2014-10-05T02:10", "Australia/Lord_Howe") == "10-04 15:30"
    assert at("2015-03-29T02:30", "Europe/Berlin") == "03-29 01:00"
    assert at("2015-10-25T02:30", "Europe/Berlin") == "10-25 00:30"
