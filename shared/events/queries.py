"""What a tenant's own jobs are doing, for the job centre; row-level security shows no others.

Shape: ops.job. Arguments are not shown: they are for programs, and ids say nothing to people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import errors

_COLUMNS = (
    "id, kind, queue, state, run_at, attempt, max_attempt, error_class, created_at, finished_at"
)


class NoSuchJob(errors.Missing):
    """There is no such job."""

    zh = "找不到该任务"


class JobNotDead(errors.Conflict):
    """Only a job that was given up can be run again."""

    zh = "只有已失败的任务可以重新执行"


class JobWaitsAlready(errors.Conflict):
    """The same work is already waiting."""

    code = "DUPLICATE"
    zh = "相同的任务已在排队"


@dataclass(frozen=True, slots=True)
class Job:
    """One job of this tenant as the job centre shows it."""

    id: UUID
    kind: str
    queue: str
    state: str
    run_at: datetime
    attempt: int
    max_attempt: int
    error_class: str | None
    created_at: datetime
    finished_at: datetime | None


_RECENT = text(
    f"""
    SELECT {_COLUMNS} FROM ops.job
    WHERE tenant = :tenant
      AND (CAST(:state AS text) IS NULL OR state = :state
           OR (:state = 'unfinished' AND state <> 'done'))
      AND (CAST(:before AS timestamptz) IS NULL OR (created_at, id) < (:before, :before_id))
    ORDER BY created_at DESC, id DESC LIMIT :limit
    """
)
_GIVEN_UP = text(
    f"SELECT {_COLUMNS} FROM ops.job WHERE tenant = :tenant AND state = 'dead' "
    "AND finished_at >= :since ORDER BY finished_at, id"
)
_ONE = text(f"SELECT {_COLUMNS} FROM ops.job WHERE tenant = :tenant AND id = :id")
_RERUN = text(
    f"""
    UPDATE ops.job SET state = 'queued', attempt = 0, run_at = :now, error_class = NULL,
      finished_at = NULL, lease_until = NULL, lease_by = NULL
    WHERE tenant = :tenant AND id = :id AND state = 'dead' AND NOT EXISTS (
      SELECT FROM ops.job w WHERE w.tenant = ops.job.tenant AND w.kind = ops.job.kind
        AND w.uniq = ops.job.uniq AND w.state = 'queued')
    RETURNING {_COLUMNS}
    """
)


def recent_jobs(
    session: Session,
    *,
    tenant: str,
    limit: int,
    state: str | None = None,
    before: tuple[datetime, UUID] | None = None,
) -> Sequence[Job]:
    """List a tenant's jobs, newest first; `before` goes on below the row with that instant and id.

    `state` is one state, or `unfinished`: all that wait, run, or were given up.

    Shape: `tenant` is the session's own; another one finds nothing.
    """
    instant, row_id = before or (None, None)
    rows = session.execute(
        _RECENT,
        {"tenant": tenant, "state": state, "before": instant, "before_id": row_id, "limit": limit},
    )
    return [Job(*row) for row in rows]


def given_up(session: Session, *, tenant: str, since: datetime) -> Sequence[Job]:
    """List a tenant's jobs that were given up since an instant, oldest first."""
    rows = session.execute(_GIVEN_UP, {"tenant": tenant, "since": since})
    return [Job(*row) for row in rows]


def rerun_dead(session: Session, job_id: UUID, *, tenant: str, now: datetime) -> Job:
    """Put a job that was given up back into the queue, with all its attempts.

    Locks: the job row; whoever publishes the same work is waited for.
    Raises: NoSuchJob, JobNotDead, JobWaitsAlready.
    """
    values = {"tenant": tenant, "id": job_id}
    try:
        with session.begin_nested():
            row = session.execute(_RERUN, {**values, "now": now}).one_or_none()
    except IntegrityError as error:  # published since the statement began to look
        raise JobWaitsAlready from error
    if row is not None:
        return Job(*row)
    found = session.execute(_ONE, values).one_or_none()
    if found is None:
        raise NoSuchJob
    raise JobWaitsAlready if found.state == "dead" else JobNotDead


_TAKE_OUT = text(
    """
    UPDATE ops.job SET args = regexp_replace(args::text, :pattern, :mark, 'gi')::jsonb
    WHERE tenant = :tenant AND args::text ~* :pattern
    """
)


def take_out_words(session: Session, *, tenant: str, pattern: str, mark: str) -> int:
    """Put a mark in place of words in the arguments of a tenant's jobs; give how many had any.

    Locks: those job rows.
    """
    found = session.execute(_TAKE_OUT, {"tenant": tenant, "pattern": pattern, "mark": mark})
    return found.rowcount  # type: ignore[attr-defined, no-any-return]
