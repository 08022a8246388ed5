"""Do one job once: claim its row, work as its tenant, finish the row in the same commit.

The claim is committed before the work, so an attempt counts even if the process is killed. The
effect and `state = 'done'` share a transaction that asks for our lease: whoever lost it, because
another worker was given the job meanwhile, rolls back.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
import structlog
from dramatiq.middleware import Interrupt, Shutdown
from psycopg.rows import class_row
from sqlalchemy.orm import Session

from shared.days import business_day
from shared.errors import DomainError, Unavailable
from shared.events.messages import Request, from_wire
from tenants.logins import TENANT_NAME
from tenants.registry import Tenant, tenant_by_name
from tenants.services import service
from tenants.sessions import before, below, tenant_session
from workers import logs, metrics, rows
from workers.leases import LEASES
from workers.limits import LIMITS
from workers.rows import Held

LONGEST_PAUSE_SECONDS = 900.0

log = structlog.get_logger(__name__)

R = TypeVar("R", bound=Request)
Effect = Callable[[Session, Any, "At"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Where and when a job runs; actors read no clock and no ambient tenant."""

    tenant: Tenant
    now: datetime
    today: date  # the tenant's business day


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job: what is asked, what does it, and how long that may take."""

    request: type[Request]
    effect: Effect
    time_limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a row asks for, once it is ours."""

    kind: str
    args: dict[str, Any]
    attempt: int
    request_id: str | None


KINDS: dict[str, Kind] = {}


def job(
    request: type[R], *, time_limit_s: float = 60.0
) -> Callable[[Callable[[Session, R, At], None]], Callable[[Session, R, At], None]]:
    """Make a function the one actor of a request.

    Raises: ValueError when the request has an actor already.
    """

    def register(effect: Callable[[Session, R, At], None]) -> Callable[[Session, R, At], None]:
        if request.wire in KINDS:
            raise ValueError(f"two actors for {request.wire}")
        KINDS[request.wire] = Kind(request, effect, time_limit_s)
        return effect

    return register


@contextmanager
def outside(session: Session) -> Iterator[None]:
    """Save what a job has prepared, and let go of the database while it speaks to others.

    What follows the block is saved with the job's end, or not at all: then all is done again, and
    the other side drops the repeat by the id it was given.
    """
    session.commit()
    yield


def answer(**message: Any) -> None:
    """Run what a bell rang for; whatever goes wrong, the row remembers."""
    try:
        job_id, name = UUID(message["job"]), str(message["tenant"])
    except (KeyError, ValueError, AttributeError, TypeError):
        log.warning("malformed message dropped")
        return
    with structlog.contextvars.bound_contextvars(job=str(job_id), tenant=name):
        try:
            run(job_id, name)
        except Exception as error:  # an edge: not even begun, or its failure not recorded
            log.warning("not begun or not recorded", error_class=error_class(error))
            _ring_again(job_id)


def run(job_id: UUID, tenant_name: str, *, now: datetime | None = None) -> str:
    """Claim one job as its tenant and do it.

    Shape: `done`; `queued`, `dead` or `joined` after a failure; `lost` when the lease was;
    `parked` when the tenant is not active; `nothing` when there is no such job to claim: another's,
    finished, being done, or of a kind this worker does not know. Those stay for who may do them.
    """
    tenant = tenant_by_name(tenant_name) if TENANT_NAME.fullmatch(tenant_name) else None
    if tenant is None or tenant.state != "active":
        log.info("parked")
        return "parked"
    with tenant_session(tenant) as session:
        held = Held(job_id, uuid4())
        claimed = _claim(session, held)
        if claimed is None:
            log.debug("nothing to claim")
            return "nothing"
        with (
            structlog.contextvars.bound_contextvars(
                kind=claimed.kind, attempt=claimed.attempt, request_id=claimed.request_id
            ),
            LEASES.held(held),
        ):
            began = time.perf_counter()
            outcome = _do(session, held, claimed, tenant, now or datetime.now(UTC))
            metrics.RUNS.labels(claimed.kind, outcome).inc()
            metrics.SECONDS.labels(claimed.kind).observe(time.perf_counter() - began)
            log.info("job", outcome=outcome)
            return outcome


def error_class(error: BaseException) -> str:
    """Name an error without its text, which may hold personal data."""
    return type(getattr(error, "orig", None) or error).__name__


_CLAIM = """
    UPDATE ops.job SET state = 'running', attempt = attempt + 1, lease_by = %(lease)s,
        lease_until = now() + %(seconds)s * interval '1 second'
    WHERE id = %(id)s AND state = 'sent' AND attempt < max_attempt AND kind = ANY(%(kinds)s)
    RETURNING kind, args, attempt, request_id
"""

_FINISH = """
    UPDATE ops.job SET state = 'done', finished_at = now(), error_class = NULL,
        lease_until = NULL, lease_by = NULL
    WHERE id = %(id)s AND lease_by = %(lease)s AND state = 'running'
"""


def _claim(session: Session, held: Held) -> Claimed | None:
    with before(session) as connection:
        asking = connection.cursor(row_factory=class_row(Claimed))
        return asking.execute(_CLAIM, claiming(held)).fetchone()


def claiming(held: Held) -> dict[str, Any]:
    """Name what a claim is made with."""
    seconds = rows.LEASE_SECONDS
    return {"id": held.id, "lease": held.lease, "seconds": seconds, "kinds": list(KINDS)}


def _do(session: Session, held: Held, claimed: Claimed, tenant: Tenant, now: datetime) -> str:
    try:
        kind = KINDS[claimed.kind]
        request = from_wire(kind.request, claimed.args)
        today = business_day(now, zone=tenant.time_zone, change_hour=tenant.day_change_hour)
        session.connection()  # checked out before a limit can strike in the midst of it
        with LIMITS.within(kind.time_limit_s):
            kind.effect(session, request, At(tenant=tenant, now=now, today=today))
            session.flush()
        return _finish(session, held)
    except Interrupt as stop:
        session.invalidate()  # it may have been struck in the midst of a statement
        return _record(held, claimed.attempt, stop)
    except Exception as error:  # an edge: every failure ends up in the row
        session.rollback()
        return _record(held, claimed.attempt, error)


def _finish(session: Session, held: Held) -> str:
    finished = below(session).execute(_FINISH, {"id": held.id, "lease": held.lease})
    if not finished.rowcount:
        session.rollback()
        return "lost"
    session.commit()
    return "done"


def _record(held: Held, attempt: int, error: BaseException) -> str:
    final = isinstance(error, DomainError) and error.kind != "unavailable"
    log.warning("job failed", error_class=error_class(error), final=final, where=logs.where(error))
    with service("app_dispatch") as connection:
        return rows.give_back(
            connection,
            held,
            error_class=error_class(error)[:120],
            pause_seconds=_pause_seconds(error, attempt),
            final=final,
        )


def _pause_seconds(error: BaseException, attempt: int) -> float:
    if isinstance(error, Shutdown):
        return 0.0
    passing = rows.is_passing(error) or isinstance(error, DomainError)
    seconds: float = 4.0 ** (attempt - 1) if passing else 5.0 * 6.0 ** (attempt - 1)
    spread = 0.8 + 0.4 * random.random()  # so that a herd does not come back as one
    return min(seconds, LONGEST_PAUSE_SECONDS) * spread


def _ring_again(job_id: UUID) -> None:
    try:
        with service("app_dispatch") as connection:
            if held := rows.sent_under(connection, job_id):
                rows.give_back(connection, held, error_class=None, pause_seconds=2.0)
    except (psycopg.Error, Unavailable) as error:
        # Its lease runs out and the sweeper gives it back.
        log.warning("database away", error_class=error_class(error))
