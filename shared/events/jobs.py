"""Write job rows in the caller's own transaction: the row is the truth, the broker only a bell.

Shape: ops.job; the database stamps the tenant with the login that writes.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.events.messages import Fact, Request, listeners, to_wire

# The database's clock says when: a machine whose own is ahead would have its jobs wait for it.
# A request with a `uniq` joins the one still waiting. DO UPDATE, not DO NOTHING: it locks the
# waiting row until the publisher commits, so the job cannot start without seeing this work.
_INSERT = text(
    """
    INSERT INTO ops.job (kind, queue, args, uniq, run_at, max_attempt, request_id, created_at)
    VALUES (:kind, :queue, :args, :uniq, coalesce(:run_at, clock_timestamp()), :max_attempt,
        :request_id, clock_timestamp())
    ON CONFLICT (tenant, kind, uniq) WHERE uniq IS NOT NULL AND state = 'queued'
    DO UPDATE SET run_at = least(ops.job.run_at, excluded.run_at)
    """
).bindparams(bindparam("args", type_=JSONB), bindparam("run_at", type_=DateTime(timezone=True)))


def publish(session: Session, message: Fact | Request, *, run_at: datetime | None = None) -> None:
    """Queue a request, or one request per listener of a fact; all or nothing with the caller.

    Units: `run_at` is the earliest instant, now when left out. The row remembers the number of
        the web request at work, for the logs; one that is joined keeps its own.
    Locks: a waiting job row with the same `uniq`.
    """
    publish_all(session, [message], run_at=run_at)


def publish_all(
    session: Session, messages: Sequence[Fact | Request], *, run_at: datetime | None = None
) -> None:
    """Queue many at once, as `publish` does each.

    Locks: waiting job rows with the same `uniq`.
    """
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    given = [
        {
            "kind": request.wire,
            "queue": request.queue,
            "args": to_wire(request),
            "uniq": request.uniq(),
            "run_at": run_at,
            "max_attempt": request.max_attempt,
            "request_id": request_id,
        }
        for message in messages
        for request in _requests(message)
    ]
    if given:
        session.execute(_INSERT, given)


def _requests(message: Fact | Request) -> list[Request]:
    if isinstance(message, Request):
        return [message]
    made = [listener(message) for listener in listeners(type(message))]
    return [request for request in made if request is not None]
