"""Bring a workbook in: read it, judge it line by line, show what would come of it, then keep it.

Units: every chunk of lines is one transaction, so a kill leaves nothing half done; a line that was
    kept is known by its number, or by a key made from what it says, so sent again it is no second.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from pathlib import PurePath

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.events.jobs import publish
from shared.files import Shelf
from shared.forms import tables
from shared.forms.tables import OpenTable, refused
from shared.records import lines, runs
from shared.records.events import JudgeLines, ReadImport, SaveLines
from shared.records.models import RecordLine, RecordRun
from shared.records.register import Register

STAGED = 1_000  # lines written by one statement
MOST_LINES = 100_000


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


def is_unread(run: RecordRun) -> bool:
    """Tell whether a file is still to be read."""
    return run.state == "WAITING" and not run.rows_total


def open_file(shelf: Shelf, run: RecordRun) -> OpenTable:
    """Begin to read a file that was sent; a large workbook takes its time, without the database.

    Raises: FileRefused, files.NoSuchFile, files.StoreAway.
    """
    return tables.open_table(run.file_name, shelf.get(run.file_key))


def set_apart(session: Session, run: RecordRun, register: Register, table: OpenTable) -> None:
    """Set the lines of a file apart, to be judged.

    Emits: JudgeLines.
    Raises: FileRefused.
    """
    header = lines.header_of(register, table.columns)
    keys, staged = lines.Keys(register, header), 0
    with session.begin_nested():  # a file that is refused in its middle leaves no lines
        while part := list(islice(table.rows, STAGED)):
            staged += len(part)
            if staged > MOST_LINES:
                raise refused("RANGE", f"超过 {MOST_LINES} 行", f"more than {MOST_LINES} rows")
            given = [
                {"line_no": line_no, "raw": raw, "key": str(key) if key else None}
                for (line_no, raw), key in zip(part, (keys.of(raw) for _, raw in part), strict=True)
            ]
            session.execute(_STAGE, {"run_id": run.id, "lines": given})
    run.columns = list(table.columns)
    run.asked = {"unread": lines.unread(header, table.columns)}
    run.rows_total = staged
    publish(session, JudgeLines(run_id=run.id))


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


def some_lines(session: Session, run: RecordRun, *, limit: int) -> Sequence[RecordLine]:
    """List the first lines that came to nothing, with reasons."""
    return session.scalars(
        select(RecordLine)
        .where(RecordLine.run_id == run.id, RecordLine.state.in_(("BAD", "CONFLICT")))
        .order_by(RecordLine.line_no)
        .limit(limit)
    ).all()


_STAGE = text(
    """
    INSERT INTO record_lines (run_id, line_no, raw, state, key)
    SELECT :run_id, line_no, raw, 'WAITING', key
    FROM jsonb_to_recordset(:lines) AS given (line_no int, raw jsonb, key uuid)
    """
).bindparams(bindparam("lines", type_=JSONB))
