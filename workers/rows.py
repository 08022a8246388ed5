"""What may happen to a job row that somebody holds, each guarded by the lease it is held with.

Whoever lost the lease changes nothing. Leases count in the database's time, so that a machine
whose clock is wrong takes nothing away from others.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from shared.events.messages import Request, to_wire

Row = dict[str, Any]

SENT_SECONDS = 60  # a bell that nobody heard is rung again after this
LEASE_SECONDS = 60  # a worker that does not renew for so long is taken for dead
HEARTBEAT_SECONDS = 15
JOINED = "Joined"


@dataclass(frozen=True, slots=True)
class Held:
    """A job row and the lease under which it is sent or running."""

    id: UUID
    lease: UUID


_GIVE_BACK = """
    UPDATE ops.job SET
        state = CASE WHEN %(final)s OR attempt >= max_attempt THEN 'dead' ELSE 'queued' END,
        finished_at = CASE WHEN %(final)s OR attempt >= max_attempt THEN now() END,
        run_at = now() + %(pause)s * interval '1 second',
        error_class = %(error_class)s, lease_until = NULL, lease_by = NULL
    WHERE id = %(id)s AND lease_by = %(lease)s AND state IN ('sent', 'running')
    RETURNING state
"""

# The same work waits again already: that row does it, with this one's attempts counted.
_JOIN = """
    WITH gone AS (
        UPDATE ops.job SET state = 'done', finished_at = now(), error_class = %(joined)s,
            lease_until = NULL, lease_by = NULL
        WHERE id = %(id)s AND lease_by = %(lease)s AND state IN ('sent', 'running')
        RETURNING tenant, kind, uniq, attempt)
    UPDATE ops.job w SET attempt = greatest(w.attempt, gone.attempt)
    FROM gone
    WHERE (w.tenant, w.kind, w.uniq, w.state) = (gone.tenant, gone.kind, gone.uniq, 'queued')
"""


def write_job(
    connection: Connection[Row],
    tenant: str,
    request: Request,
    *,
    run_at: datetime | None = None,
) -> None:
    """Write a job row in a tenant's name, as clock and postman do; joins a waiting one.

    Shape: due now, or with `run_at` before others that are due later.

    Locks: a waiting job row with the same `uniq`.
    """
    given = {
        "tenant": tenant,
        "kind": request.wire,
        "queue": request.queue,
        "args": Jsonb(to_wire(request)),
        "uniq": request.uniq(),
        "max_attempt": request.max_attempt,
        "run_at": run_at,
    }
    connection.execute(
        """
        INSERT INTO ops.job (tenant, kind, queue, args, uniq, run_at, max_attempt, created_at)
        VALUES (%(tenant)s, %(kind)s, %(queue)s, %(args)s, %(uniq)s,
            coalesce(%(run_at)s, now()), %(max_attempt)s, now())
        ON CONFLICT (tenant, kind, uniq) WHERE uniq IS NOT NULL AND state = 'queued'
        DO UPDATE SET run_at = least(ops.job.run_at, excluded.run_at)
        """,
        given,
    )


def give_back(
    connection: Connection[Row],
    held: Held,
    *,
    error_class: str | None,
    pause_seconds: float = 0.0,
    final: bool = False,
) -> str:
    """Let go of a job: queued again after a pause, dead when `final` or out of attempts.

    Shape: `queued`, `dead`, `joined` (the same work waited already) or `lost` (no longer ours).
    """
    given = {
        "id": held.id,
        "lease": held.lease,
        "error_class": error_class,
        "pause": pause_seconds,
        "final": final,
    }
    try:
        with connection.transaction():
            row = connection.execute(_GIVE_BACK, given).fetchone()
    except UniqueViolation:
        connection.execute(_JOIN, {**given, "joined": JOINED})
        return "joined"
    return str(row["state"]) if row else "lost"


def sent_under(connection: Connection[Row], job: UUID) -> Held | None:
    """Find the lease under which a job was sent and not begun."""
    row = connection.execute(
        "SELECT lease_by FROM ops.job WHERE id = %s AND state = 'sent' AND lease_by IS NOT NULL",
        [job],
    ).fetchone()
    return Held(job, row["lease_by"]) if row else None


def renew(connection: Connection[Row], holding: list[Held]) -> None:
    """Renew leases of running jobs in one statement; a row that is being finished is left alone."""
    connection.execute(
        """
        WITH mine AS (
            SELECT j.id FROM ops.job j
            JOIN unnest(%(ids)s::uuid[], %(leases)s::uuid[]) AS h(id, lease)
                ON j.id = h.id AND j.lease_by = h.lease
            WHERE j.state = 'running' ORDER BY j.id FOR UPDATE OF j SKIP LOCKED)
        UPDATE ops.job j SET lease_until = now() + %(seconds)s * interval '1 second'
        FROM mine WHERE j.id = mine.id
        """,
        {
            "ids": [held.id for held in holding],
            "leases": [held.lease for held in holding],
            "seconds": LEASE_SECONDS,
        },
    )


def is_passing(error: BaseException) -> bool:
    """Tell whether an error of the database lies in the moment, not in the work.

    Lost connections, shutdowns, deadlocks, serialisation, lock and resource limits.
    """
    orig = getattr(error, "orig", error)  # SQLAlchemy wraps the driver's
    state: str | None = getattr(orig, "sqlstate", None)
    if state is None:
        return isinstance(orig, psycopg.OperationalError | psycopg.InterfaceError)
    return state[:2] in {"08", "40", "53", "57"} and state != "57014" or state == "55P03"
