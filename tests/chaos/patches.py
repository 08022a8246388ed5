"""What the harness changes in the product's processes: shorter waits, or one promise broken.

The product has no switch for any of this: the child processes of the harness set the names
themselves, and the mutation tests do so with monkeypatch. A mutation that leaves the harness green
would mean that the harness proves nothing.
Shape: each takes `put(owner, name, value)`, which is setattr or monkeypatch.setattr.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from uuid import UUID

from dramatiq import Broker
from dramatiq.middleware import Retries
from flask import has_request_context
from psycopg.rows import class_row
from sqlalchemy import Uuid, bindparam, event, text
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.domain.franchise.service import sending
from shared.events import jobs
from shared.events.messages import Fact, Request
from tenants.services import service
from tenants.sessions import below, engine
from web import app, auth
from workers import broker, clock, job, rows, run, sweeper

Put = Callable[[Any, str, Any], None]
QUICK_LEASE_SECONDS = 5
CAUGHT_SECONDS = 9.0  # PostgreSQL ends an idle transaction after ten
JOB, REQUEST, ANSWER = "job", "request", "answer"  # waypoints
EFFECTS = "chaos_effects"  # a table that the harness puts into every tenant


def quick(put: Put) -> None:
    """Let leases run out after seconds, so that a run of a minute sees many of them run out."""
    put(rows, "LEASE_SECONDS", QUICK_LEASE_SECONDS)
    put(rows, "SENT_SECONDS", QUICK_LEASE_SECONDS)
    put(rows, "HEARTBEAT_SECONDS", 1)
    put(sweeper, "SWEEP_SECONDS", 1.0)
    put(run, "SWEEP_SECONDS", 1.0)
    put(sending, "PROVISIONAL_EVERY", timedelta(seconds=2))


def note_effects(put: Put) -> None:
    """Let each job leave its id in its own transaction, so that what ran twice is seen twice."""
    real = job._finish

    def finish(session: Session, held: rows.Held) -> str:
        session.execute(
            text(f"INSERT INTO {EFFECTS} (job) VALUES (:job)").bindparams(
                bindparam("job", held.id, type_=Uuid())
            )
        )
        return real(session, held)

    put(job, "_finish", finish)


def no_fence(put: Put) -> None:
    """Mutation: finish without asking for the lease."""
    put(
        job,
        "_FINISH",
        "UPDATE ops.job SET state = 'done', finished_at = now(), lease_until = NULL, "
        "lease_by = NULL WHERE id = %(id)s AND %(lease)s::uuid IS NOT NULL",
    )


def uncounted(put: Put) -> None:
    """Mutation: count the attempt in the work's own transaction, not before it."""

    def claim(session: Session, held: rows.Held) -> Any:
        asking = below(session).cursor(row_factory=class_row(job.Claimed))
        return asking.execute(job._CLAIM, job.claiming(held)).fetchone()

    put(job, "_claim", claim)


def done_first(put: Put) -> None:
    """Mutation: call a job done before its work, as an acknowledgement at delivery would."""
    real = job._claim

    def claim(session: Session, held: rows.Held) -> Any:
        claimed = real(session, held)
        if claimed is not None:
            below(session).execute(job._FINISH, {"id": held.id, "lease": held.lease})
            session.commit()
        return claimed

    def finish(session: Session, held: rows.Held) -> str:
        waypoint(JOB, held.id)
        session.commit()
        return "done"

    put(job, "_claim", claim)
    put(job, "_finish", finish)


def early_publish(put: Put) -> None:
    """Mutation: write job rows in another transaction, before the work's own has ended."""
    real, alone = jobs._requests, _Alone()

    def requests(message: Fact | Request) -> Sequence[Request]:
        if alone.is_writing:
            return real(message)
        alone.write([message])
        return []

    put(jobs, "_requests", requests)


def late_publish(put: Put) -> None:
    """Mutation: write job rows in another transaction, when the work's own has ended."""
    real, alone = jobs._requests, _Alone()

    def requests(message: Fact | Request) -> Sequence[Request]:
        if alone.is_writing:
            return real(message)
        alone.waiting.append(message)
        return []

    def write(_: Session) -> None:
        if alone.waiting and not alone.is_writing:
            if has_request_context():
                waypoint(ANSWER)
            alone.write(alone.waiting)
            alone.waiting = []

    put(jobs, "_requests", requests)
    event.listen(Session, "after_commit", write)


class _Alone(threading.local):
    """Writes job rows of this thread in a transaction of their own."""

    is_writing = False

    def __init__(self) -> None:
        self.waiting: list[Fact | Request] = []

    def write(self, messages: list[Fact | Request]) -> None:
        self.is_writing = True
        try:
            with Session(engine()) as other:
                for message in messages:
                    jobs.publish(other, message)
                other.commit()
        finally:
            self.is_writing = False


def two_commits(put: Put) -> None:
    """Mutation: the effect in one transaction, its end in the next: no inbox."""
    real = job._finish

    def finish(session: Session, held: rows.Held) -> str:
        session.commit()
        return real(session, held)

    put(job, "_finish", finish)


def stock_retries(put: Put) -> None:
    """Mutation: dramatiq's own Retries try again what failed, and the row trusts them."""
    build = broker.build

    def answer(**message: Any) -> None:
        job.run(UUID(message["job"]), message["tenant"])

    def build_with_retries(settings: Settings, **_: Any) -> Broker:
        made = build(settings, answer=answer)
        made.add_middleware(Retries(min_backoff=3000))
        return made

    def record(held: rows.Held, attempt: int, error: BaseException) -> str:
        # Nobody sweeps it: the broker has it now.
        with service("app_dispatch") as connection:
            connection.execute(
                "UPDATE ops.job SET state = 'sent', lease_until = 'infinity' WHERE id = %s",
                [held.id],
            )
        raise error

    put(broker, "build", build_with_retries)
    put(job, "_record", record)


def waypoints(put: Put) -> None:
    """Let whoever lies in ambush strike a job before its end, and a request around its commit."""
    finish, commit = job._finish, app._commit

    def finish_by_waypoint(session: Session, held: rows.Held) -> str:
        waypoint(JOB, held.id)
        return finish(session, held)

    def commit_by_waypoints() -> None:
        waypoint(REQUEST)
        commit()
        waypoint(ANSWER)

    put(job, "_finish", finish_by_waypoint)
    put(app, "_commit", commit_by_waypoints)


def waypoint(name: str, of: UUID | None = None) -> None:
    """Wait here if somebody lies in ambush, until let go: one process alone is caught.

    Shape: the file `name` is the trap; caught, it is `name.PID` until we may go on, and says of
        which job it is.
    """
    trap = Path(os.environ.get("ROLLBOOK_CHAOS_AMBUSH", "/nowhere")) / name
    caught = trap.with_suffix(f".{os.getpid()}")
    try:
        trap.rename(caught)
    except OSError:
        return
    caught.write_text(str(of or ""), encoding="utf-8")
    until = time.monotonic() + CAUGHT_SECONDS
    while caught.exists() and time.monotonic() < until:
        time.sleep(0.01)


def stepped_clock(put: Put) -> None:
    """Let the clock process and the web read wall clocks that the harness may step."""
    for name, module in (("clock", clock), ("web", auth)):
        put(module, "datetime", _stepped_by(name))


def _stepped_by(name: str) -> type[datetime]:
    offset = Path(os.environ.get("ROLLBOOK_CHAOS_CLOCKS", "/nowhere")) / name

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            try:
                seconds = float(offset.read_text() or 0)
            except (OSError, ValueError):
                seconds = 0.0
            return datetime.now(tz) + timedelta(seconds=seconds)

    return Stepped


MUTATIONS: dict[str, Callable[[Put], None]] = {
    patch.__name__: patch
    for patch in (
        *(no_fence, uncounted, done_first, early_publish, late_publish, two_commits),
        stock_retries,
    )
}
PATCHES = {
    **{patch.__name__: patch for patch in (quick, stepped_clock, waypoints, note_effects)},
    **MUTATIONS,
}


def apply(names: Iterable[str]) -> None:
    """Change this process."""
    for name in names:
        if name:
            PATCHES[name](setattr)
