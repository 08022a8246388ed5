"""Questions about files of sales and their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.sales.models.imports import ImportRow, ImportRun


class NoSuchImport(errors.Missing):
    """There is no such import."""

    zh = "找不到该导入"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A row that makes sense by itself and waits to be imported."""

    line_no: int
    sale_no: int
    key: Any  # UUID
    parsed: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRow:
    """A row as it came, with what became of it.

    Shape: `problems` as in `ImportRow`.
    """

    line_no: int
    cells: list[str]
    state: str
    problems: list[dict[str, str]]


def get(session: Session, run_id: int) -> ImportRun:
    """Give one run.

    Raises: NoSuchImport.
    """
    found = session.get(ImportRun, run_id)
    if found is None:
        raise NoSuchImport(run_id=run_id)
    return found


def run_for_update(session: Session, run_id: int) -> ImportRun | None:
    """Find one run and hold it.

    Locks: the run.
    """
    return session.scalars(
        select(ImportRun)
        .where(ImportRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def runs(session: Session, *, before: int | None = None, limit: int = 50) -> Sequence[ImportRun]:
    """List runs, newest first, one page after another; `before` is the id of the last one seen."""
    wanted = select(ImportRun).order_by(ImportRun.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(ImportRun.id < before)
    return session.scalars(wanted).all()


def waiting_rows(session: Session, run: ImportRun, *, limit: int) -> list[WaitingRow]:
    """Give the next rows of a run in the order of their receipts, the last receipt whole."""
    waiting = select(ImportRow).where(
        ImportRow.run_id == run.id, ImportRow.sale_no > run.position, ImportRow.state == "NEW"
    )
    columns = waiting.with_only_columns(
        ImportRow.line_no, ImportRow.sale_no, ImportRow.key, ImportRow.parsed
    )
    last = session.scalars(
        waiting.with_only_columns(ImportRow.sale_no)
        .order_by(ImportRow.sale_no, ImportRow.line_no)
        .offset(limit - 1)
        .limit(1)
    ).first()
    if last is not None:
        columns = columns.where(ImportRow.sale_no <= last)
    found = session.execute(columns.order_by(ImportRow.sale_no, ImportRow.line_no))
    return [
        WaitingRow(line_no=line_no, sale_no=sale_no, key=key, parsed=parsed or {})
        for line_no, sale_no, key, parsed in found
    ]


def rows(
    session: Session, run_id: int, *, state: str | None = None, after: int = 0, limit: int = 100
) -> list[DoneRow]:
    """List rows of a run by line, all or those in one state, one page after another."""
    wanted = select(ImportRow.line_no, ImportRow.raw, ImportRow.state, ImportRow.problems).where(
        ImportRow.run_id == run_id, ImportRow.line_no > after
    )
    if state is not None:
        wanted = wanted.where(ImportRow.state == state)
    found = session.execute(wanted.order_by(ImportRow.line_no).limit(limit))
    return [
        DoneRow(line_no=line_no, cells=cells, state=row_state, problems=problems)
        for line_no, cells, row_state, problems in found
    ]
