"""Runs: workbooks taken out and brought in, papers set; each is its asker's alone.

Units: what is taken out can be fetched once, within 24 hours; what is brought in is kept 7 days.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared import errors
from shared.errors import DomainError, Problem, problem
from shared.files import Shelf
from shared.records.models import RecordLine, RecordRun
from shared.records.register import Register
from shared.records.views import View

Kind = Literal["EXPORT", "IMPORT", "PAPER", "COPY"]
FETCHED_WITHIN = timedelta(hours=24)
KEPT_FOR = timedelta(days=7)
ORPHANED_AFTER = timedelta(days=8)
SHOWN = 20


class NoSuchRun(errors.Missing):
    """There is no such file of yours."""

    zh = "找不到该文件"


class NotReady(errors.Conflict):
    """The file is not ready, or it was fetched before, or its time is over; ask for a new one."""

    zh = "文件未就绪、已下载过或已过期,请重新申请"


class NotPermittedAnyMore(errors.Forbidden):
    """You are no longer permitted to do this."""

    zh = "您已没有此权限"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for a run, when and in which language."""

    id: UUID
    now: datetime
    chinese: bool
    purpose: str | None = None


def begin(
    session: Session, register: Register, kind: Kind, by: Asker, *,
    file_name: str, asked: dict[str, Any],
) -> RecordRun:  # fmt: skip
    """Write down that somebody asks for a file, or brings one; its name ends as its format."""
    kept = KEPT_FOR if kind == "IMPORT" else FETCHED_WITHIN
    run = RecordRun(
        form=register.code, kind=kind, state="WAITING", language="zh" if by.chinese else "en",
        file_format=file_name.rpartition(".")[2].upper(), file_name=file_name[-200:],
        file_key=uuid4(), asked=asked, purpose=by.purpose, asked_by=by.id, asked_at=by.now,
        expires_at=by.now + kept,
    )  # fmt: skip
    session.add(run)
    session.flush()  # jobs carry run.id
    return run


def get(
    session: Session, register: Register, kind: Kind, run_id: int, *, asked_by: UUID
) -> RecordRun:
    """Give a run of one's own; anybody else's is not there.

    Raises: NoSuchRun.
    """
    found = session.get(RecordRun, run_id)
    is_ours = found is not None and (found.form, found.kind) == (register.code, kind)
    if found is None or not is_ours or found.asked_by != asked_by:
        raise NoSuchRun(run_id=run_id)
    return found


def recent(
    session: Session, register: Register, kind: Kind, *, asked_by: UUID
) -> Sequence[RecordRun]:
    """List one's own newest runs."""
    return session.scalars(
        select(RecordRun)
        .where(
            RecordRun.form == register.code,
            RecordRun.kind == kind,
            RecordRun.asked_by == asked_by,
        )
        .order_by(RecordRun.id.desc())
        .limit(SHOWN)
    ).all()


def for_update(session: Session, run_id: int) -> RecordRun:
    """Give a run and hold it; for jobs.

    Locks: the run.
    Raises: NoSuchRun.
    """
    found = session.scalars(
        select(RecordRun)
        .where(RecordRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchRun(run_id=run_id)
    return found


def waiting(session: Session, run_id: int) -> RecordRun:
    """Give a run whose file is still to be made.

    Raises: NoSuchRun when there is none; NotReady when it was made, or its time is over.
    """
    found = session.get(RecordRun, run_id)
    if found is None:
        raise NoSuchRun(run_id=run_id)
    if found.state != "WAITING" or found.forgotten_at is not None:
        raise NotReady(run_id=run_id)
    return found


def note_progress(session: Session, run_id: int, done: int) -> None:
    """Say how many rows are written; what people see while a file is made."""
    session.execute(update(RecordRun).where(RecordRun.id == run_id).values(rows_done=done))


def settle(session: Session, run_id: int, make: Callable[[], int], *, now: datetime) -> None:
    """Make a run's file, or say why nothing came of it; `make` gives the rows in it.

    Raises: Unavailable, so that it is tried again.
    """
    try:
        rows = make()
    except errors.Unavailable:
        raise
    except DomainError as error:
        refuse(session, run_id, error, now=now)
    else:
        ready(session, run_id, rows=rows, now=now)


def ready(session: Session, run_id: int, *, rows: int, now: datetime) -> None:
    """Say that the file lies ready to be fetched."""
    run = for_update(session, run_id)
    if run.state == "WAITING":
        run.state, run.rows_done, run.rows_total, run.finished_at = "READY", rows, rows, now


def given(run: RecordRun, *, rows: int, now: datetime) -> None:
    """Say that a file was made and handed over at once; nothing of it is kept."""
    run.state, run.rows_done, run.rows_total = "TAKEN", rows, rows
    run.finished_at = run.forgotten_at = now


def refuse(session: Session, run_id: int, error: DomainError, *, now: datetime) -> None:
    """Say why nothing came of it."""
    run = for_update(session, run_id)
    if run.state != "WAITING":
        return  # done by who had the job before us
    run.state, run.finished_at = "REFUSED", now
    run.refusal = [asdict(one) for one in error.problems or (_whole(error),)]


def check_kept(run: RecordRun) -> None:
    """Make sure that a run's lines are still there.

    Raises: NotReady.
    """
    if run.forgotten_at is not None:
        raise NotReady(run_id=run.id)


def fetch(session: Session, shelf: Shelf, run: RecordRun, *, now: datetime) -> bytes:
    """Give the file of a run, once.

    Locks: the run.
    Raises: NotReady, files.NoSuchFile, files.StoreAway.
    """
    held = for_update(session, run.id)
    if held.state != "READY" or now >= held.expires_at:
        raise NotReady(run_id=run.id)
    content = shelf.get(held.file_key)
    held.state = "TAKEN"
    return content


def view_as_json(view: View) -> dict[str, Any]:
    """Write what somebody may take out, to compare it when the file is fetched."""
    return {
        "closed": sorted(view.closed_in_lists),
        "masked": sorted(view.masked),
        "own_of": str(view.own_of) if view.own_of else None,
    }


def is_narrower(view: View, made: dict[str, Any]) -> bool:
    """Tell whether somebody may take out less than when the file was made."""
    now = view_as_json(view)
    hidden = {*made["closed"], *made["masked"]}
    return now["own_of"] not in (None, made["own_of"]) or bool(
        set(now["closed"]) - set(made["closed"]) or set(now["masked"]) - hidden
    )


def forget_old(session: Session, shelf: Shelf, *, now: datetime) -> int:
    """Remove files whose time is over, lines of imports, and files that no run names.

    Locks: those runs.
    Raises: files.StoreAway.
    """
    over = session.scalars(
        select(RecordRun)
        .where(RecordRun.expires_at <= now, RecordRun.forgotten_at.is_(None))
        .with_for_update()
    ).all()
    _forget(session, shelf, over, now=now)
    known = set(session.scalars(select(RecordRun.file_key).where(RecordRun.forgotten_at.is_(None))))
    shelf.delete(key for key in shelf.put_before(now - ORPHANED_AFTER) if key not in known)
    return len(over)


def forget_all(session: Session, shelf: Shelf, *, now: datetime) -> int:
    """Remove every file and line there is: whoever is to be forgotten may stand in any of them.

    Shape: gives how many files there were.

    Locks: all runs that have a file.
    Raises: files.StoreAway.
    """
    held = select(RecordRun).where(RecordRun.forgotten_at.is_(None)).with_for_update()
    found = session.scalars(held).all()
    _forget(session, shelf, found, now=now)
    return len(found)


def _forget(session: Session, shelf: Shelf, over: Sequence[RecordRun], *, now: datetime) -> None:
    session.execute(delete(RecordLine).where(RecordLine.run_id.in_([run.id for run in over])))
    shelf.delete(run.file_key for run in over)
    for run in over:
        run.forgotten_at, run.file_name, run.asked = now, run.file_name.rpartition(".")[2], {}
        if run.state not in ("TAKEN", "DONE", "REFUSED", "CANCELLED"):
            run.state = "EXPIRED"


def _whole(error: DomainError) -> Problem:
    return problem("", error.code, zh=error.message_zh, en=error.message_en)
