"""Two clocks on one database, with outages, moves and a death, do what one clock alone would."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import ClassVar

import psycopg
import pytest
from psycopg import Connection

from deploy.local.postgres import Cluster
from shared.events.messages import Request
from tenants.logins import connect
from tenants.registry import Tenant
from tests.factories.tenants import new_hq, new_store
from workers import clock
from workers.rows import Row
from workers.schedules import Calendar, Occurrence, Schedule, moved, next_after, step

BEGINS = datetime(2024, 3, 28, 12, tzinfo=UTC)  # clocks change on the 31st, on Lord Howe on 7 April
ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/St_Johns")
MOVES = {0: "Pacific/Kiritimati", 2: "Pacific/Honolulu"}  # the how-manieth store goes where
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked(Request):
    """An occurrence was done; each is a row of its own."""

    wire: ClassVar[str] = "test.ticked"
    schedule: str
    wall: str
    turn: int  # taken with the row locked: a transaction's own time may be before another's lock


@pytest.fixture
def told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each occurrence leave a row, let none but this test's tenants be due."""

    turns = itertools.count()

    def tell(schedule: Schedule, due: Occurrence) -> tuple[Request, ...]:
        return (Ticked(schedule=schedule.id, wall=due.wall.isoformat(), turn=next(turns)),)

    monkeypatch.setattr(clock, "requests_of", tell)
    monkeypatch.setattr(clock, "BATCH", 3)
    with connect("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.clock")
        connection.execute(
            "INSERT INTO ops.clock (tenant, schedule, next_at, wall, time_zone, change_hour)"
            " SELECT name, schedule, 'infinity', 'infinity', time_zone, day_change_hour"
            " FROM registry.tenants, unnest(%s::text[]) AS s (schedule)",
            [list(clock._BY_ID)],
        )
    yield
    with connect("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.job WHERE kind = 'test.ticked'")
        connection.execute("DELETE FROM ops.clock WHERE next_at = 'infinity'")


@pytest.mark.parametrize(
    ("leave_out", "looks"),
    [
        # a look every ten minutes would be no different: what is due waits for the next one
        pytest.param("", [*(HOUR * h for h in range(1, 60, 7)), DAY * 8], id="hourly, ten days"),
        pytest.param(
            "J18", [*(DAY * d for d in range(0, 60, 3)), DAY * 61, DAY * 100], id="daily, 100 days"
        ),
    ],
)
def test_two_clocks_do_each_occurrence_once_and_in_order(
    told: None, monkeypatch: pytest.MonkeyPatch, leave_out: str, looks: list[timedelta]
) -> None:
    schedules = {key: one for key, one in clock._BY_ID.items() if key != leave_out}
    monkeypatch.setattr(clock, "_BY_ID", schedules)
    tenants = [*(new_store(zone=zone) for zone in ZONES), new_hq(zone="America/Asuncion")]
    clock.know_newcomers(BEGINS)
    expected = {
        tenant.name: _expected(tenant, MOVES.get(number), looks, list(schedules.values()))
        for number, tenant in enumerate(tenants)
    }
    dying = _dying(monkeypatch)

    written: dict[str, list[tuple[str, datetime, str]]] = {}
    for number, passed in enumerate(looks):
        if number == len(looks) // 2:
            _move({tenants[which]: zone for which, zone in MOVES.items()})
        _tick_all(BEGINS + passed, clocks=2)
        for tenant in tenants:
            now = _taken(tenant)
            assert now == sorted(now, key=lambda one: one[1]), tenant  # as they were written
            written.setdefault(tenant.name, []).extend(now)

    assert next(dying) > 0
    for name, done in written.items():
        assert sorted(done) == sorted(expected[name]), name


def _expected(
    tenant: Tenant, goes_to: str | None, looks: list[timedelta], schedules: list[Schedule]
) -> list[tuple[str, datetime, str]]:
    found = []
    for schedule in (one for one in schedules if one.kind == tenant.kind):
        calendar = Calendar(
            kind=tenant.kind, time_zone=tenant.time_zone, day_change_hour=tenant.day_change_hour
        )
        stands = next_after(schedule, calendar, BEGINS)
        for number, passed in enumerate(looks):
            if number == len(looks) // 2 and goes_to:
                calendar = Calendar(
                    kind=tenant.kind, time_zone=goes_to, day_change_hour=tenant.day_change_hour
                )
                stands = moved(schedule, calendar, stands)
            while stands.at <= BEGINS + passed:
                due, stands = step(schedule, calendar, stands, BEGINS + passed)
                if due is not None:
                    found.append((schedule.id, due.at, due.wall.isoformat()))
    return found


def _move(where: dict[Tenant, str]) -> None:
    with connect("app_provision") as connection:
        for tenant, zone in where.items():
            connection.execute(
                "UPDATE registry.tenants SET time_zone = %s WHERE name = %s", [zone, tenant.name]
            )
    while not _lives(clock.follow_movers):
        pass


def _lives(work: Callable[[], object]) -> bool:
    try:
        work()
    except ConnectionError:
        return False  # killed in the middle, and started again
    return True


def _tick_all(now: datetime, *, clocks: int) -> None:
    def work() -> None:
        while True:
            try:
                if not clock.tick(now):
                    return
            except (ConnectionError, psycopg.Error):
                continue  # killed in the middle, and started again

    threads = [Thread(target=work) for _ in range(clocks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    while clock.tick(now):  # a tenant whose row the other one held when it looked last
        pass


def _dying(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let the clock die now and then before its commit; give how often it has."""
    draw, deaths = random.Random(5), itertools.count()
    real: Callable[[Connection[Row], Row, Occurrence], None] = clock._stand_at

    def stand_or_die(connection: Connection[Row], row: Row, after: Occurrence) -> None:
        if draw.random() < 0.03:
            next(deaths)
            raise ConnectionError("killed")
        real(connection, row, after)

    monkeypatch.setattr(clock, "_stand_at", stand_or_die)
    return deaths


def _taken(tenant: Tenant) -> list[tuple[str, datetime, str]]:
    """List what was written since, in the order it was, and delete it."""
    with connect(tenant.name) as connection:
        rows = connection.execute(
            "SELECT args->>'schedule', run_at, args->>'wall' FROM ops.job"
            " WHERE kind = 'test.ticked' ORDER BY (args->>'turn')::int"
        ).fetchall()
    with connect("app_dispatch") as connection:
        connection.execute(
            "DELETE FROM ops.job WHERE kind = 'test.ticked' AND tenant = %s", [tenant.name]
        )
    return [(schedule, run_at, wall) for schedule, run_at, wall in rows]
