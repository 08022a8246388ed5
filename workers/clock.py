"""Each store's own calendar turned into job rows: each occurrence once, however many clocks run.

The memory is ops.clock: the occurrence at which each tenant's schedules stand. One transaction
writes the job and moves on to the next, with the row locked; so a clock may die anywhere. What was
missed is caught up oldest first; of a suspended tenant, once it is active again. A tenant that
moves to another zone keeps its place: only the instant is worked out anew.
"""

import time
from datetime import UTC, datetime

import structlog
from psycopg import Connection

from tenants.services import service
from workers.rows import Row, write_job
from workers.schedules import (
    SCHEDULES,
    Calendar,
    Occurrence,
    moved,
    next_after,
    requests_of,
    step,
)

TICK_SECONDS = 1.0
NEWCOMERS_SECONDS = 15.0
BATCH = 100

log = structlog.get_logger(__name__)

_BY_ID = {schedule.id: schedule for schedule in SCHEDULES}


class Clock:
    """Ticks often, looks for new tenants now and then."""

    def __init__(self) -> None:
        self._looked_at = float("-inf")

    def step(self) -> bool:
        """Write what is due now; say whether there may be more."""
        if time.monotonic() - self._looked_at > NEWCOMERS_SECONDS:
            know_newcomers()
            follow_movers()
            self._looked_at = time.monotonic()
        return tick()


def tick(now: datetime | None = None) -> bool:
    """Write each tenant's oldest due occurrence as jobs; say whether there was any."""
    instant = now or datetime.now(UTC)
    with service("app_dispatch") as connection:
        due = _lock_due(connection, instant)
        for row in due:
            schedule, calendar = _BY_ID[row["schedule"]], _calendar(row)
            if row["is_elsewhere"]:
                _stand_at(connection, row, moved(schedule, calendar, _standing(row)))
                continue
            occurrence, after = step(schedule, calendar, _standing(row), instant)
            if occurrence is not None:
                for request in requests_of(schedule, occurrence):
                    write_job(connection, row["tenant"], request, run_at=occurrence.at)
                log.info("due", tenant=row["tenant"], schedule=schedule.id, due=str(occurrence.at))
            _stand_at(connection, row, after)
    return bool(due)


def know_newcomers(now: datetime | None = None) -> None:
    """Begin the schedules of tenants that have none yet, from now on."""
    instant = now or datetime.now(UTC)
    with service("app_dispatch") as connection:
        for row in connection.execute(_MISSING, _known()).fetchall():
            first = next_after(_BY_ID[row["schedule"]], _calendar(row), instant)
            connection.execute(
                "INSERT INTO ops.clock (tenant, schedule, next_at, wall, time_zone, change_hour) "
                "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (tenant, schedule) DO NOTHING",
                [
                    row["tenant"],
                    row["schedule"],
                    first.at,
                    first.wall,
                    row["time_zone"],
                    row["day_change_hour"],
                ],
            )


def follow_movers() -> None:
    """Work out anew when tenants are due that changed their zone or their day-change hour."""
    with service("app_dispatch") as connection:
        for row in connection.execute(_ELSEWHERE, _known()).fetchall():
            schedule = _BY_ID[row["schedule"]]
            _stand_at(connection, row, moved(schedule, _calendar(row), _standing(row)))


def _known() -> dict[str, list[str]]:
    return {"schedules": list(_BY_ID), "kinds": [schedule.kind for schedule in _BY_ID.values()]}


_ROW = """
    c.tenant, c.schedule, c.next_at, c.wall, t.kind, t.time_zone, t.day_change_hour,
    (c.time_zone, c.change_hour) <> (t.time_zone, t.day_change_hour) AS is_elsewhere
    FROM ops.clock c JOIN registry.tenants t ON t.name = c.tenant AND t.state = 'active'
"""

# Of each tenant the oldest alone, so that what was missed comes in order; if another clock holds
# that one, the tenant is left to it.
_DUE = """
    SELECT c.tenant, c.schedule FROM ops.clock c
    JOIN registry.tenants t ON t.name = c.tenant AND t.state = 'active'
    WHERE c.next_at <= %(now)s AND c.schedule = ANY(%(schedules)s) AND NOT EXISTS (
        SELECT FROM ops.clock o WHERE o.tenant = c.tenant AND o.schedule = ANY(%(schedules)s)
            AND (o.next_at, o.schedule) < (c.next_at, c.schedule))
    ORDER BY c.next_at LIMIT %(batch)s FOR UPDATE OF c SKIP LOCKED
"""

# Asked again with the locks held: a row that another clock moved on while we came to it is locked
# as it is now, but was compared with the others as they were.
_OLDEST = f"""
    SELECT DISTINCT ON (c.tenant) {_ROW}
    WHERE c.tenant = ANY(%(tenants)s) AND c.schedule = ANY(%(schedules)s)
    ORDER BY c.tenant, c.next_at, c.schedule
"""

_ELSEWHERE = f"""
    SELECT {_ROW}
    WHERE (c.time_zone, c.change_hour) <> (t.time_zone, t.day_change_hour)
        AND c.schedule = ANY(%(schedules)s)
    FOR UPDATE OF c SKIP LOCKED
"""

_MISSING = """
    SELECT t.name AS tenant, s.schedule, t.kind, t.time_zone, t.day_change_hour
    FROM registry.tenants t
    JOIN unnest(%(schedules)s::text[], %(kinds)s::text[]) AS s(schedule, kind) ON s.kind = t.kind
    WHERE t.state = 'active' AND NOT EXISTS (
        SELECT FROM ops.clock c WHERE c.tenant = t.name AND c.schedule = s.schedule)
"""


def _lock_due(connection: Connection[Row], now: datetime) -> list[Row]:
    given = {**_known(), "now": now, "batch": BATCH}
    held = {(row["tenant"], row["schedule"]) for row in connection.execute(_DUE, given).fetchall()}
    oldest = connection.execute(_OLDEST, {**given, "tenants": [name for name, _ in held]})
    rows = [row for row in oldest.fetchall() if (row["tenant"], row["schedule"]) in held]
    return sorted((row for row in rows if row["next_at"] <= now), key=lambda row: row["next_at"])


def _calendar(row: Row) -> Calendar:
    return Calendar(
        kind=row["kind"], time_zone=row["time_zone"], day_change_hour=row["day_change_hour"]
    )


def _standing(row: Row) -> Occurrence:
    return Occurrence(row["wall"], row["next_at"])


def _stand_at(connection: Connection[Row], row: Row, after: Occurrence) -> None:
    connection.execute(
        "UPDATE ops.clock SET next_at = %s, wall = %s, time_zone = %s, change_hour = %s "
        "WHERE tenant = %s AND schedule = %s",
        [
            after.at,
            after.wall,
            row["time_zone"],
            row["day_change_hour"],
            row["tenant"],
            row["schedule"],
        ],
    )
