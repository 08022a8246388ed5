"""Take jobs back from those who went silent, and throw away what is long done."""

import time

import structlog

from tenants.services import service
from workers import rows
from workers.rows import Held

SWEEP_SECONDS = 5.0
CLEAN_SECONDS = 600.0
KEEP_DONE_DAYS = 7  # for the job centre
BATCH = 200
LEASE_LOST = "LeaseLost"

log = structlog.get_logger(__name__)


class Sweeper:
    """Sweeps often, cleans now and then."""

    def __init__(self) -> None:
        self._cleaned_at = float("-inf")

    def step(self) -> bool:
        """Sweep once, and clean when it is time; say whether there may be more to sweep."""
        swept = sweep()
        if time.monotonic() - self._cleaned_at > CLEAN_SECONDS and not clean():
            self._cleaned_at = time.monotonic()
        return swept == BATCH


def sweep(*, everything: bool = False) -> int:
    """Queue again what was sent or running under a lease that ran out; dead when out of attempts.

    With `everything` no lease counts: when the one process that had them all starts anew.
    """
    with service("app_dispatch") as connection:
        expired = connection.execute(
            """
            SELECT id, lease_by, tenant, kind, state FROM ops.job
            WHERE state IN ('sent', 'running') AND (%(everything)s OR lease_until < now())
            ORDER BY lease_until LIMIT %(batch)s FOR UPDATE SKIP LOCKED
            """,
            {"everything": everything, "batch": BATCH},
        ).fetchall()
        for row in expired:
            became = rows.give_back(
                connection, Held(row["id"], row["lease_by"]), error_class=LEASE_LOST
            )
            log.warning(
                "lease ran out",
                job=str(row["id"]),
                tenant=row["tenant"],
                kind=row["kind"],
                was=row["state"],
                became=became,
            )
    return len(expired)


def sweep_everything() -> None:
    """Queue again all that was sent or running, when nobody else can be working."""
    while sweep(everything=True) == BATCH:
        pass


def clean() -> bool:
    """Delete a batch of jobs done a week ago, all of retired tenants; whether there may be more."""
    with service("app_dispatch") as connection:
        for table in ("ops.job", "ops.clock"):
            connection.execute(
                f"DELETE FROM {table} WHERE tenant IN "
                "(SELECT name FROM registry.tenants WHERE state = 'retired')"
            )
        gone = connection.execute(
            """
            DELETE FROM ops.job WHERE id IN (
                SELECT id FROM ops.job
                WHERE state = 'done' AND finished_at < now() - %s * interval '1 day'
                LIMIT 1000 FOR UPDATE SKIP LOCKED)
            """,
            [KEEP_DONE_DAYS],
        ).rowcount
    return gone == 1000
