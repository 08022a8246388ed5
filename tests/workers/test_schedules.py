"""A store's calendar around the days on which clocks are changed; no database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.franchise.events import AggregateMonth
from shared.domain.reporting.events import CloseDueMonth, ComputeMonth
from workers.schedules import (
    CATCH_UP,
    SCHEDULES,
    Calendar,
    following,
    moved,
    next_after,
    requests_of,
    step,
)

BY_ID = {schedule.id: schedule for schedule in SCHEDULES}


def calendar(zone: str, change: int = 2) -> Calendar:
    """A store's calendar."""
    return Calendar(kind="store", time_zone=zone, day_change_hour=change)


def due(schedule: str, of: Calendar, start: str, count: int) -> list[str]:
    """List UTC instants at which a schedule is due, from a UTC start."""
    at, found = datetime.fromisoformat(start).replace(tzinfo=UTC), []
    for _ in range(count):
        at = next_after(BY_ID[schedule], of, at).at
        found.append(f"{at:%m-%d %H:%M}")
    return found


def test_the_day_is_rolled_up_half_an_hour_after_it_changed() -> None:
    shanghai = calendar("Asia/Shanghai", 4)
    assert due("J03", shanghai, "2025-06-01", 2) == ["06-01 20:30", "06-02 20:30"]


def test_a_missing_hour_is_made_up_at_the_next_valid_minute() -> None:
    found = due("J03", calendar("Europe/Berlin"), "2024-03-30T00:00", 3)
    assert found == ["03-30 01:30", "03-31 01:00", "04-01 00:30"]


def test_a_doubled_hour_runs_a_job_once() -> None:
    found = due("J03", calendar("Europe/Berlin"), "2024-10-26T00:00", 3)
    assert found == ["10-26 00:30", "10-27 00:30", "10-28 01:30"]


def test_a_start_inside_the_second_of_a_doubled_hour_goes_on_next_day() -> None:
    found = due("J03", calendar("Europe/Berlin"), "2024-10-27T01:05", 2)
    assert found == ["10-28 01:30", "10-29 01:30"]


def test_half_an_hour_missing_and_doubled_on_lord_howe() -> None:
    island = calendar("Australia/Lord_Howe", 1)
    assert due("J03", island, "2024-10-05T00:00", 2) == ["10-05 15:00", "10-06 14:30"]
    assert due("J03", island, "2024-04-05T15:00", 2) == ["04-06 14:30", "04-07 15:00"]


def test_a_day_that_apia_never_had_is_made_up_at_the_next_midnight() -> None:
    found = due("J03", calendar("Pacific/Apia", 4), "2011-12-29T00:00", 3)
    assert found == ["12-29 14:30", "12-30 10:00", "12-30 14:30"]


def test_every_hour_means_every_real_hour() -> None:
    found = due("J18", calendar("Europe/Berlin"), "2024-10-26T23:30", 3)
    assert found == ["10-27 00:00", "10-27 01:00", "10-27 02:00"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Shanghai", "Pacific/Pago_Pago"])
def test_the_month_is_that_before_the_stores_own_first(zone: str) -> None:
    shop = calendar(zone)
    at = next_after(BY_ID["J13"], shop, datetime(2024, 12, 15, tzinfo=UTC))
    assert requests_of(BY_ID["J13"], at) == (ComputeMonth(month=date(2024, 12, 1)),)

    at = next_after(BY_ID["J17"], shop, datetime(2025, 2, 15, tzinfo=UTC))
    assert requests_of(BY_ID["J17"], at) == (CloseDueMonth(month=date(2025, 2, 1)),)


def test_a_headquarters_sums_the_month_that_ended_and_the_one_that_runs() -> None:
    chain = Calendar(kind="hq", time_zone="Asia/Shanghai", day_change_hour=4)
    at = next_after(BY_ID["J19"], chain, datetime(2025, 3, 9, 21, tzinfo=UTC))
    assert requests_of(BY_ID["J19"], at) == (
        AggregateMonth(month=date(2025, 2, 1)),
        AggregateMonth(month=date(2025, 3, 1)),
    )


def test_no_more_than_35_days_are_caught_up() -> None:
    shop, now = calendar("Asia/Shanghai"), datetime(2025, 6, 30, 12, tzinfo=UTC)
    recent, old = (next_after(BY_ID["J03"], shop, now - timedelta(days=days)) for days in (3, 300))

    assert step(BY_ID["J03"], shop, recent, now)[0] == recent
    done, begun = step(BY_ID["J03"], shop, old, now)
    assert done is None
    assert now - CATCH_UP < begun.at < now - timedelta(days=34)
    assert step(BY_ID["J03"], shop, begun, now)[0] == begun


def test_a_day_that_kiritimati_never_had_keeps_its_name() -> None:
    island = calendar("Pacific/Kiritimati", 4)
    first = next_after(BY_ID["J03"], island, datetime(1994, 12, 30, 15, tzinfo=UTC))
    walls = [first.wall, *(following(BY_ID["J03"], island, first).wall,)]

    assert [wall.date() for wall in walls] == [date(1994, 12, 31), date(1995, 1, 1)]
    assert first.at == datetime(1994, 12, 31, 10, tzinfo=UTC)  # the midnight after


@pytest.mark.parametrize(
    ("old", "new"),
    [("Pacific/Kiritimati", "Pacific/Honolulu"), ("Pacific/Honolulu", "Pacific/Kiritimati")],
)
def test_a_store_that_crosses_the_date_line_computes_each_month_once(old: str, new: str) -> None:
    job, before, after = BY_ID["J13"], calendar(old), calendar(new)
    stands = next_after(job, before, datetime(2025, 6, 15, tzinfo=UTC))

    there = moved(job, after, stands)

    assert requests_of(job, there) == requests_of(job, stands)
    assert there.wall == stands.wall
    assert abs(there.at - stands.at) == timedelta(days=1)
    assert f"{following(job, after, there).wall:%m-%d %H:%M}" == "08-01 05:00"


def test_a_day_is_done_once_though_its_hour_is_moved_to_later() -> None:
    job, early, late = BY_ID["J03"], calendar("Asia/Shanghai", 4), calendar("Asia/Shanghai", 6)
    done = next_after(job, early, datetime(2025, 6, 9, 12, tzinfo=UTC))  # the 10th, 04:30

    stands = moved(job, late, following(job, early, done))

    assert f"{stands.wall:%m-%d %H:%M}" == "06-11 06:30"


@pytest.mark.parametrize(
    "zone",
    [
        "Africa/Casablanca",
        "America/New_York",
        "America/Santiago",
        "America/St_Johns",
        "Antarctica/Troll",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Australia/Lord_Howe",
        "Europe/Berlin",
        "Pacific/Apia",
        "Pacific/Chatham",
    ],
)
def test_each_month_of_ten_years_is_computed_once(zone: str) -> None:
    shop, at = calendar(zone), datetime(2010, 1, 10, tzinfo=UTC)
    months = []
    for _ in range(120):
        due = next_after(BY_ID["J13"], shop, at)
        (request,), at = requests_of(BY_ID["J13"], due), due.at
        months.append(request.month)  # type: ignore[attr-defined]

    assert len(set(months)) == 120
    assert months == sorted(months)


@pytest.mark.parametrize(("schedule", "minutes"), [("J01", 15), ("J02", 10)])
def test_a_sweep_is_caught_up_for_an_hour_alone(schedule: str, minutes: int) -> None:
    shop, now = calendar("Asia/Shanghai"), datetime(2025, 6, 10, 4, 5, tzinfo=UTC)
    standing = next_after(BY_ID[schedule], shop, now - timedelta(days=3))

    due, standing = step(BY_ID[schedule], shop, standing, now)

    assert due is None
    assert now - timedelta(hours=1) <= standing.at <= now - timedelta(minutes=60 - minutes)
