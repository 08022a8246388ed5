"""A store's calendar around the days on which clocks are changed; no database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.franchise.events import AggregateMonth
from shared.domain.reporting.events import CloseDueMonth, ComputeMonth
from workers.schedules import SCHEDULES, Calendar, first_due, next_after, requests_of

BY_ID = {schedule.id: schedule for schedule in SCHEDULES}


def calendar(zone: str, change: int = 2) -> Calendar:
    """A store's calendar."""
    return Calendar(kind="store", time_zone=zone, day_change_hour=change)


def due(schedule: str, of: Calendar, start: str, count: int) -> list[str]:
    """List UTC instants at which a schedule is due, from a UTC start."""
    at, found = datetime.fromisoformat(start).replace(tzinfo=UTC), []
    for _ in range(count):
        at = next_after(BY_ID[schedule], of, at)
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
    assert requests_of(BY_ID["J13"], shop, at) == (ComputeMonth(month=date(2024, 12, 1)),)

    at = next_after(BY_ID["J17"], shop, datetime(2025, 2, 15, tzinfo=UTC))
    assert requests_of(BY_ID["J17"], shop, at) == (CloseDueMonth(month=date(2025, 2, 1)),)


def test_a_headquarters_sums_the_month_that_ended_and_the_one_that_runs() -> None:
    at = datetime(2025, 3, 9, 22, tzinfo=UTC)
    assert requests_of(BY_ID["J19"], calendar("Asia/Shanghai"), at) == (
        AggregateMonth(month=date(2025, 2, 1)),
        AggregateMonth(month=date(2025, 3, 1)),
    )


def test_no_more_than_35_days_are_caught_up() -> None:
    shop, now = calendar("Asia/Shanghai"), datetime(2025, 6, 30, 12, tzinfo=UTC)
    recent, old = now - timedelta(days=3), now - timedelta(days=300)

    assert first_due(BY_ID["J03"], shop, recent, now) == recent
    begun = first_due(BY_ID["J03"], shop, old, now)
    assert now - timedelta(days=35) < begun < now - timedelta(days=34)


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
        at = next_after(BY_ID["J13"], shop, at)
        (request,) = requests_of(BY_ID["J13"], shop, at)
        months.append(request.month)  # type: ignore[attr-defined]

    assert len(set(months)) == 120
    assert months == sorted(months)
