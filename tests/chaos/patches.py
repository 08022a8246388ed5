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

from psycopg.rows import class_row
from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.domain.franchise.service import sending
from shared.events import jobs
from shared.events.messages import Fact, Request
from tenants.services import service
from tenants.sessions import below, engine
from workers import clock, job, rows, run, sweeper

Put = Callable[[Any, str, Any], None]
QUICK_LEASE_SECONDS = 5
DROWSY_SECONDS = 0.3
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
        session.commit()
        return "done"

    put(job, "_claim", claim)
    put(job, "_finish", finish)


def late_publish(put: Put) -> None:
    """Mutation: write job rows in a transaction of their own."""
    real, elsewhere = jobs._requests, threading.local()

    def write_elsewhere(message: Fact | Request) -> Sequence[Request]:
        if getattr(elsewhere, "writes", False):
            return real(message)
        elsewhere.writes = True
        try:
            with Session(engine()) as other:
                jobs.publish(other, message)
                other.commit()
        finally:
            elsewhere.writes = False
        return []

    put(jobs, "_requests", write_elsewhere)


def two_commits(put: Put) -> None:
    """Mutation: the effect in one transaction, its end in the next: no inbox."""
    real = job._finish

    def finish(session: Session, held: rows.Held) -> str:
        session.commit()
        time.sleep(DROWSY_SECONDS)
        return real(session, held)

    put(job, "_finish", finish)


def stock_retries(put: Put) -> None:
    """Mutation: a failure whose retry gets lost is acknowledged all the same."""

    def record(held: rows.Held, attempt: int, error: BaseException) -> str:
        with service("app_dispatch") as connection:
            connection.execute(
                "UPDATE ops.job SET state = 'done', finished_at = now() WHERE id = %s", [held.id]
            )
        return "done"

    put(job, "_record", record)


def drowsy(put: Put) -> None:
    """Let every job take a while before its end, so that it is struck in its midst."""
    real = job._finish

    def finish(session: Session, held: rows.Held) -> str:
        time.sleep(DROWSY_SECONDS)
        return real(session, held)

    put(job, "_finish", finish)


def stepped_clock(put: Put) -> None:
    """Let the clock process read a wall clock that the harness may step."""
    offset = Path(os.environ.get("ROLLBOOK_CHAOS_CLOCK", os.devnull))

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            try:
                seconds = float(offset.read_text() or 0)
            except (OSError, ValueError):
                seconds = 0.0
            return datetime.now(tz) + timedelta(seconds=seconds)

    put(clock, "datetime", Stepped)


PATCHES: dict[str, Callable[[Put], None]] = {
    patch.__name__: patch
    for patch in (
        *(quick, stepped_clock, drowsy, note_effects),
        *(no_fence, uncounted, done_first, late_publish, two_commits, stock_retries),
    )
}


def apply(names: Iterable[str]) -> None:
    """Change this process."""
    for name in names:
        if name:
            PATCHES[name](setattr)
