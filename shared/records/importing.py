"""Bring a workbook in: read it, judge it line by line, show what would come of it, then keep it.

Units: every chunk of lines is one transaction, so a kill leaves nothing half done; a line that was
    kept is known by its number, or by a key made from what it says, so sent again it is no second.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePath
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.events.jobs import publish
from shared.files import Shelf
from shared.forms import tables
from shared.forms.record import declared_fields
from shared.forms.tables import refused
from shared.records import lines, runs
from shared.records.bulk import Entry, Outcome, judge_all, keep_all
from shared.records.columns import View, columns
from shared.records.directories import Around
from shared.records.events import JudgeLines, ReadImport, SaveLines
from shared.records.models import RecordKey, RecordLine, RecordRun
from shared.records.queries import by_numbers
from shared.records.register import Editor, Register

CHUNK = 100  # lines of one transaction, which holds the number of the form for as long
STAGED = 5_000  # lines written by one statement
MOST_LINES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """For whom a file is brought in, and what they may: make new ones, change some."""

    register: Register
    around: Around
    by: Editor
    views: tuple[View | None, View | None]


def receive(
    session: Session, shelf: Shelf, register: Register, by: runs.Asker, *,
    file_name: str, content: bytes,
) -> RecordRun:  # fmt: skip
    """Take in a file; jobs read and judge it, nothing is kept before somebody confirms.

    Emits: ReadImport.
    Raises: FileRefused when it is too large or not what its name says; files.StoreAway.
    """
    name = PurePath(file_name.replace("\\", "/")).name[-200:] or "file"
    file_format = tables.check_file(name, content)
    named = f"{PurePath(name).stem}.{file_format.lower()}"
    run = runs.begin(session, register, "IMPORT", by, file_name=named, asked={})
    shelf.put(run.file_key, content)
    publish(session, ReadImport(run_id=run.id))
    return run


def read_file(session: Session, shelf: Shelf, run: RecordRun, register: Register) -> None:
    """Read a file that was sent and set its lines apart.

    Emits: JudgeLines.
    Raises: FileRefused, files.NoSuchFile, files.StoreAway.
    """
    table = tables.read_table(run.file_name, shelf.get(run.file_key))
    header = lines.header_of(register, table.columns)
    if len(table.rows) > MOST_LINES:
        raise refused("RANGE", f"超过 {MOST_LINES} 行", f"more than {MOST_LINES} rows")
    run.columns = list(table.columns)
    run.asked = {"unread": lines.unread(header, table.columns)}
    run.rows_total = len(table.rows)
    keys = lines.keys_of(register, header, table)
    staged = [
        {"line_no": line_no, "raw": raw, "key": str(key) if key else None}
        for (line_no, raw), key in zip(table.rows, keys, strict=True)
    ]
    for start in range(0, len(staged), STAGED):
        session.execute(_STAGE, {"run_id": run.id, "lines": staged[start : start + STAGED]})
    publish(session, JudgeLines(run_id=run.id))


def judge_lines(session: Session, run: RecordRun, bringing: Bringing) -> None:
    """Judge the next lines of a file and ask for the rest; at the end it waits to be confirmed.

    Emits: JudgeLines while lines are left.
    """
    part = _next(session, run, ["WAITING"])
    _judge(session, run, part, bringing)
    run.rows_done += len(part)
    if len(part) == CHUNK:
        run.position = part[-1].line_no
        publish(session, JudgeLines(run_id=run.id))
    else:
        run.state, run.position, run.rows_done = "JUDGED", 0, 0


def confirm(session: Session, run: RecordRun) -> None:
    """Let the good lines of a judged file be kept.

    Locks: the run.
    Emits: SaveLines.
    Raises: runs.NotReady.
    """
    held = runs.for_update(session, run.id)
    if held.state != "JUDGED" or not held.rows_new + held.rows_changed:
        raise runs.NotReady(run_id=run.id)
    held.state = "SAVING"
    publish(session, SaveLines(run_id=run.id))


def cancel(session: Session, run: RecordRun, *, now: datetime) -> None:
    """Leave a judged file alone.

    Locks: the run.
    Raises: runs.NotReady.
    """
    held = runs.for_update(session, run.id)
    if held.state != "JUDGED":
        raise runs.NotReady(run_id=run.id)
    held.state, held.finished_at = "CANCELLED", now


def save_lines(session: Session, run: RecordRun, bringing: Bringing, *, now: datetime) -> None:
    """Keep the next good lines of a file and ask for the rest; at the end, say so.

    Emits: SaveLines while lines are left, and what each kept record emits.
    """
    part = _next(session, run, ["NEW", "CHANGED"])
    _save(session, run, part, bringing)
    run.rows_done += len(part)
    if len(part) == CHUNK:
        run.position = part[-1].line_no
        publish(session, SaveLines(run_id=run.id))
    else:
        run.state, run.finished_at = "DONE", now


def some_lines(session: Session, run: RecordRun, *, limit: int) -> Sequence[RecordLine]:
    """List the first lines that came to nothing, with reasons."""
    return session.scalars(
        select(RecordLine)
        .where(RecordLine.run_id == run.id, RecordLine.state.in_(("BAD", "CONFLICT")))
        .order_by(RecordLine.line_no)
        .limit(limit)
    ).all()


# state of a line -> what counts it; NEW and CHANGED are counted when judged alone
_AFTER = {"SAME": "rows_same", "CONFLICT": "rows_conflict", "BAD": "rows_bad"}
_COUNTED = {"NEW": "rows_new", "CHANGED": "rows_changed", **_AFTER}

_STAGE = text(
    """
    INSERT INTO record_lines (run_id, line_no, raw, state, key)
    SELECT :run_id, line_no, raw, 'WAITING', key
    FROM jsonb_to_recordset(:lines) AS given (line_no int, raw jsonb, key uuid)
    """
).bindparams(bindparam("lines", type_=JSONB))


def _next(session: Session, run: RecordRun, states: list[str]) -> Sequence[RecordLine]:
    return session.scalars(
        select(RecordLine)
        .where(
            RecordLine.run_id == run.id,
            RecordLine.line_no > run.position,
            RecordLine.state.in_(states),
        )
        .order_by(RecordLine.line_no)
        .limit(CHUNK)
    ).all()


def _judge(
    session: Session, run: RecordRun, part: Sequence[RecordLine], bringing: Bringing
) -> None:
    register, header = bringing.register, lines.header_of(bringing.register, run.columns)
    texts = [header.texts(line.raw) for line in part]
    reading = _reading(session, texts, bringing)
    kept = _kept_keys(session, register, [line.key for line in part if line.key])
    for line, cells in zip(part, texts, strict=True):
        said = lines.Said(state="SAME") if line.key in kept else lines.read_line(cells, reading)
        _note(line, said)
    # Also those with a bad cell: whatever else is wrong is told at once.
    tried = [line for line in part if line.state in ("NEW", "CHANGED", "BAD") and line.typed]
    entries = [_entry(line, header) for line in tried]
    outcomes = judge_all(session, register, entries, by=bringing.by)
    for line, outcome in zip(tried, outcomes, strict=True):
        if outcome.problems:
            _refuse(line, outcome)
    for state, column in _COUNTED.items():
        _count(run, part, state, column)


def _reading(session: Session, texts: Sequence[lines.Texts], bringing: Bringing) -> lines.Reading:
    register, around = bringing.register, bringing.around
    fields = declared_fields(register.form)
    view = bringing.views[1]
    numbers = {cells["number"] for cells in texts if cells.get("number")}
    rows = by_numbers(session, register, numbers, own_of=view.own_of if view else None)
    around.learn(session, fields, list(rows.values()))
    return lines.Reading(
        register=register,
        columns={column.name: column for column in columns(register)},
        rows=rows,
        known=around.known(session, fields, texts),
        manners=[around.manner(chinese=True), around.manner(chinese=False)],
        views=bringing.views,
    )


def _entry(line: RecordLine, header: lines.Header) -> Entry:
    return Entry(
        typed=line.typed or {}, record_id=line.record_id, version=line.version,
        confirmed=header.texts(line.raw).get("confirmations", ""),
    )  # fmt: skip


def _note(line: RecordLine, said: lines.Said) -> None:
    line.state = said.state
    line.record_id = said.record.id if said.record is not None else None
    line.version = said.version
    line.typed = said.typed or None
    line.problems = [asdict(one) for one in said.problems]


def _refuse(line: RecordLine, outcome: Outcome) -> None:
    known = {one["field"] for one in line.problems}
    line.problems = [
        *line.problems, *(asdict(one) for one in outcome.problems if one.field not in known)
    ]  # fmt: skip
    line.state = "CONFLICT" if outcome.is_conflict else "BAD"


def _count(run: RecordRun, part: Sequence[RecordLine], state: str, column: str) -> None:
    found = sum(1 for line in part if line.state == state)
    setattr(run, column, getattr(run, column) + found)


def _save(session: Session, run: RecordRun, part: Sequence[RecordLine], bringing: Bringing) -> None:
    register, header = bringing.register, lines.header_of(bringing.register, run.columns)
    kept = _kept_keys(session, register, [line.key for line in part if line.key])
    fresh = [line for line in part if line.key not in kept]
    for line in part:
        if line.key in kept:
            line.state, line.record_id = "SAME", kept[line.key]  # another run was faster
    outcomes = _permitted(session, [_entry(line, header) for line in fresh], bringing)
    for line, outcome in zip(fresh, outcomes, strict=True):
        if outcome.problems:
            _refuse(line, outcome)
        else:
            line.state, line.record_id = "SAVED", outcome.record_id
    made = [
        {"form": register.code, "key": line.key, "record_id": line.record_id}
        for line in fresh
        if line.key is not None and line.state == "SAVED"
    ]
    if made:
        session.execute(insert(RecordKey), made)
    for state, column in (*_AFTER.items(), ("SAVED", "rows_saved")):
        _count(run, part, state, column)


def _permitted(session: Session, entries: list[Entry], bringing: Bringing) -> list[Outcome]:
    """Keep the lines; whoever lost the permission since the file was judged keeps none."""
    may_make, may_change = (view is not None for view in bringing.views)
    allowed = [may_change if entry.record_id else may_make for entry in entries]
    chosen = [entry for entry, may in zip(entries, allowed, strict=True) if may]
    kept = iter(keep_all(session, bringing.register, chosen, by=bringing.by))
    return [next(kept) if may else Outcome.refused(runs.NotPermittedAnyMore()) for may in allowed]


def _kept_keys(
    session: Session, register: Register, keys: Sequence[UUID]
) -> dict[UUID | None, int]:
    found = session.execute(
        select(RecordKey.key, RecordKey.record_id).where(
            RecordKey.form == register.code, RecordKey.key.in_(keys)
        )
    )
    return {row.key: row.record_id for row in found}
