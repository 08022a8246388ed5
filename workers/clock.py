"""Each store's own calendar turned into job rows: each occurrence once, however many clocks run.

The memory is ops.clock: the next instant of each tenant's schedules. One transaction writes the
job and moves that instant on, with the row locked; so a clock may die anywhere. What was missed
is caught up oldest first; of a suspended tenant, once it is active again.
"""

import time
from datetime import UTC, datetime

import structlog

from tenants.services import service
from workers.rows import Row, write_job
from workers.schedules import SCHEDULES, Calendar, first_due, next_after, requests_of

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
            self._looked_at = time.monotonic()
        return tick()


def tick(now: datetime | None = None) -> bool:
    """Write each due schedule's oldest occurrence as jobs; say whether there was any."""
    instant = now or datetime.now(UTC)
    with service("app_dispatch") as connection:
        due = connection.execute(
            """
            SELECT c.tenant, c.schedule, c.next_at, t.kind, t.time_zone, t.day_change_hour
            FROM ops.clock c JOIN registry.tenants t ON t.name = c.tenant AND t.state = 'active'
            WHERE c.next_at <= %(now)s AND c.schedule = ANY(%(schedules)s)
            ORDER BY c.next_at LIMIT %(batch)s FOR UPDATE OF c SKIP LOCKED
            """,
            {"now": instant, "schedules": list(_BY_ID), "batch": BATCH},
        ).fetchall()
        for row in due:
            schedule, calendar = _BY_ID[row["schedule"]], _calendar(row)
            at = first_due(schedule, calendar, row["next_at"], instant)
            if at <= instant:
                for request in requests_of(schedule, calendar, at):
                    write_job(connection, row["tenant"], request)
                log.info("due", tenant=row["tenant"], schedule=schedule.id, due=at.isoformat())
                at = next_after(schedule, calendar, at)
            connection.execute(
                "UPDATE ops.clock SET next_at = %s WHERE tenant = %s AND schedule = %s",
                [at, row["tenant"], row["schedule"]],
            )
    return bool(due)


def know_newcomers(now: datetime | None = None) -> None:
    """Begin the schedules of tenants that have none yet, from now on."""
    instant = now or datetime.now(UTC)
    with service("app_dispatch") as connection:
        missing = connection.execute(
            """
            SELECT t.name AS tenant, s.schedule, t.kind, t.time_zone, t.day_change_hour
            FROM registry.tenants t
            JOIN unnest(%(schedules)s::text[], %(kinds)s::text[]) AS s(schedule, kind)
                ON s.kind = t.kind
            WHERE t.state = 'active' AND NOT EXISTS (
                SELECT FROM ops.clock c WHERE c.tenant = t.name AND c.schedule = s.schedule)
            """,
            {"schedules": list(_BY_ID), "kinds": [s.kind for s in SCHEDULES]},
        ).fetchall()
        for row in missing:
            connection.execute(
                "INSERT INTO ops.clock (tenant, schedule, next_at) VALUES (%s, %s, %s) "
                "ON CONFLICT (tenant, schedule) DO NOTHING",
                [
                    row["tenant"],
                    row["schedule"],
                    next_after(_BY_ID[row["schedule"]], _calendar(row), instant),
                ],
            )


def _calendar(row: Row) -> Calendar:
    return Calendar(
        kind=row["kind"], time_zone=row["time_zone"], day_change_hour=row["day_change_hour"]
    )
