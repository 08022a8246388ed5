"""Take in files of sales from elsewhere: receive, import chunk by chunk, give bad rows back.

Units: each chunk is one transaction, so a kill leaves nothing half done; receipts have keys made
    from their content, so a repaired file sent again whole makes no duplicates.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from uuid import UUID

from sqlalchemy.orm import Session

from shared.domain.sales.events import ImportRows, RowsImported
from shared.domain.sales.models.imports import ImportRun
from shared.domain.sales.queries import imports
from shared.domain.sales.service import import_chunks, import_parsing, import_writing
from shared.domain.sales.service.import_writing import Outcome
from shared.events.jobs import publish
from shared.forms.tables import Table, header_key, read_table, write_table

CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that has been read already."""

    file_name: str
    sha256: str
    table: Table


def receive_file(
    session: Session,
    *,
    file_name: str,
    content: bytes,
    actor_id: UUID | None,
    now: datetime,
    own_store: set[str],
) -> ImportRun:
    """Take in a CSV or XLSX file of one store; its rows are imported by jobs.

    Shape: columns 门店, 日期, 顾客编号, 姓名, 电话, 项目, 数量, 金额, 支付方式, 单号, 种类 or their
        English names, in any order; `own_store` is what this store may be called.
    Emits: ImportRows.
    Raises: FileRefused when it is no such table; a bad row refuses nothing.
    """
    upload = read_upload(file_name, content)
    return receive_table(session, upload=upload, actor_id=actor_id, now=now, own_store=own_store)


def read_upload(file_name: str, content: bytes) -> Upload:
    """Read a file without a store in mind.

    Raises: FileRefused.
    """
    name = PurePath(file_name.replace("\\", "/")).name[-200:] or "file"
    table = read_table(name, content)
    return Upload(file_name=name, sha256=hashlib.sha256(content).hexdigest(), table=table)


def receive_table(
    session: Session,
    *,
    upload: Upload,
    actor_id: UUID | None,
    now: datetime,
    own_store: set[str],
) -> ImportRun:
    """Take in a table that has been read already, as `receive_file` does.

    Emits: ImportRows.
    Raises: FileRefused when a column is missing.
    """
    lines = import_parsing.parse(upload.table, own_store=own_store)
    bad = sum(1 for line in lines if line.problems)
    run = ImportRun(
        file_name=upload.file_name,
        file_format=upload.table.file_format,
        sha256=upload.sha256,
        columns=list(upload.table.columns),
        state="RECEIVED",
        position=0,
        rows_total=len(lines),
        rows_done=bad,
        rows_saved=0,
        rows_known=0,
        rows_bad=bad,
        created_by=actor_id,
        created_at=now,
    )
    session.add(run)
    session.flush()  # the rows carry run.id
    import_writing.stage_lines(session, run.id, lines)
    publish(session, ImportRows(run_id=run.id))
    return run


def import_rows(session: Session, *, run_id: int, now: datetime, today: date) -> None:
    """Import the next rows of a file and ask for the rest; at the end, say so.

    Units: `today` is the store's business day; later dates are bad rows.
    Locks: the run, the months and cash days of the rows, customers, marks of changed days.
    Emits: ImportRows while rows are left, then RowsImported.
    Raises: imports.NoSuchImport.
    """
    run = imports.run_for_update(session, run_id)
    if run is None:
        raise imports.NoSuchImport(run_id=run_id)
    if run.state == "DONE":
        return
    run.state = "RUNNING"
    rows = imports.waiting_rows(session, run, limit=CHUNK)
    if rows:
        outcomes = import_chunks.import_chunk(session, run, rows, now=now, today=today)
        _count(run, outcomes)
        run.position = rows[-1].sale_no
    if len(rows) >= CHUNK:
        publish(session, ImportRows(run_id=run_id))
        return
    run.state = "DONE"
    run.finished_at = now
    publish(session, RowsImported(run_id=run_id))


def bad_rows_file(session: Session, run_id: int, *, everything: bool = False) -> tuple[bytes, str]:
    """Give the file back with a reason in Chinese and English beside each bad row.

    Shape: content and file name; same format and columns, the bad rows alone or all.
    Raises: imports.NoSuchImport.
    """
    run = imports.get(session, run_id)
    rows = imports.rows(session, run_id, state=None if everything else "BAD", limit=run.rows_total)
    reasons = [(row.line_no, row.cells, row.problems) for row in rows]
    content = write_table(with_reasons(run.file_format, run.columns, reasons))
    name = PurePath(run.file_name)
    suffix = ".xlsx" if run.file_format == "XLSX" else ".csv"
    return content, f"{name.stem}-{'checked' if everything else 'bad-rows'}{suffix}"


def with_reasons(
    file_format: str,
    columns: Sequence[str],
    rows: Sequence[tuple[int, list[str], list[dict[str, str]]]],
) -> Table:
    """Put two columns of reasons beside rows; those of an earlier round give way."""
    keep = [
        n for n, name in enumerate(columns) if header_key(name) not in import_parsing.REASON_COLUMNS
    ]
    return Table(
        file_format="XLSX" if file_format == "XLSX" else "CSV",
        columns=(*(columns[n] for n in keep), *import_parsing.REASON_COLUMNS),
        rows=[
            (number, [*(cells[n] for n in keep), *_reasons(problems)])
            for number, cells, problems in rows
        ],
    )


def _reasons(problems: list[dict[str, str]]) -> tuple[str, str]:
    zh = [f"{_column(found['field'])}:{found['message_zh']}" for found in problems]
    en = [f"{found['field']}: {found['message_en']}" for found in problems]
    return ";".join(zh), "; ".join(en)


def _column(field: str) -> str:
    return import_parsing.HEADERS.get(field, ("", field))[1]


def _count(run: ImportRun, outcomes: list[Outcome]) -> None:
    states = Counter(outcome.state for outcome in outcomes)
    run.rows_done += len(outcomes)
    run.rows_saved += states["SAVED"]
    run.rows_known += states["KNOWN"]
    run.rows_bad += states["BAD"]
