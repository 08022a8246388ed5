"""Take a register's rows out as a workbook or CSV: exactly what is asked and allowed.

Shape: the first sheet has the rows; the second says what was asked for, when and by whom.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.forms import cells, workbook
from shared.forms.cells import Cell, Manner
from shared.forms.fields import Text
from shared.forms.kinds import Reference
from shared.forms.masking import masked
from shared.forms.record import declared_fields
from shared.forms.workbook import FileFormat, Head, Sheet
from shared.records import asking, queries
from shared.records.columns import Column, columns, header_text
from shared.records.directories import Around
from shared.records.models import RecordRun
from shared.records.queries import Asked
from shared.records.register import Register, Row
from shared.records.views import View

CHUNK = 500  # rows read and named at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A workbook as asked for; `purpose` opens phone numbers that lists mask."""

    register: Register
    asked: Asked
    view: View
    file_format: FileFormat
    chinese: bool
    purpose: str | None
    store: str
    asked_by: str
    at: datetime


def _unheard(*_: int) -> None:
    """Nobody waits for this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Who follows the making of a workbook.

    Shape: `tell` hears how many rows are written now and then; `read` is called when nothing more
        is asked of the database, while a large file has still to be packed.
    """

    tell: Callable[[int], None] = _unheard
    read: Callable[[], None] = _unheard


def one_snapshot(session: Session) -> None:
    """Let all questions of a transaction see the same moment; before the first of them."""
    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def export(
    session: Session, out: BinaryIO, wanted: Wanted, around: Around, hearing: Hearing | None = None
) -> int:
    """Write the rows; give how many there were."""
    hearing = hearing or Hearing()

    def beside(count: int) -> Sequence[Sheet]:
        made = _about(session, wanted, count, around)
        hearing.read()
        return [made]

    manner = around.manner(chinese=wanted.chinese)
    listed = columns(wanted.register, wanted.view)
    hidden = wanted.view.hidden(purpose=wanted.purpose)
    return workbook.write(
        out,
        wanted.file_format,
        sheet_name(wanted.register, manner),
        [head(column, manner, is_masked=column.name in hidden) for column in listed],
        _lines(session, wanted, listed, around, hearing.tell),
        beside,
    )


def sheet_name(register: Register, manner: Manner) -> str:
    """Name the sheet with the rows; a spreadsheet takes 31 characters."""
    return f"{register.code} {manner.say(register.form.sheet.name)}"[:31]


def wanted_of(
    register: Register, run: RecordRun, view: View, *, store: str, asked_by: str
) -> Wanted:
    """Read what a run asks for, as far as a view allows.

    Raises: asking.HiddenField.
    """
    return Wanted(
        register=register,
        asked=asking.of_json(register, run.asked, view),
        view=view,
        file_format="CSV" if run.file_format == "CSV" else "XLSX",
        chinese=run.language == "zh",
        purpose=run.purpose,
        store=store,
        asked_by=asked_by,
        at=run.asked_at,
    )


def line(row: Row, listed: Sequence[Column], manner: Manner, hidden: frozenset[str]) -> list[Cell]:
    """Write one row as cells."""
    return [
        masked(column.found, column.value(row))
        if column.name in hidden
        else cells.cell(column.found, column.value(row), manner)
        for column in listed
    ]


def head(column: Column, manner: Manner, *, is_masked: bool = False) -> Head:
    """Describe a column of rows."""
    found = column.found
    return Head(
        text=header_text(column, chinese=manner.chinese),
        kind="text" if is_masked else cells.kind_of(found),
        is_required=column.is_required,
        is_wide=isinstance(found, Text) and found.max_length > 100,
    )


def file_name(register: Register, file_format: str, *, chinese: bool, at: str) -> str:
    """Name a file of a register: `F01-样品及礼品派送记录表-20250610-1403.xlsx`."""
    name = register.form.sheet.name[0 if chinese else 1]
    return f"{register.code}-{name}-{at}.{file_format.lower()}"


def _lines(
    session: Session, wanted: Wanted, listed: Sequence[Column], around: Around,
    tell: Callable[[int], None],
) -> Iterator[list[Cell]]:  # fmt: skip
    rows = iter(queries.every(session, wanted.register, wanted.asked, chunk=CHUNK))
    manner = around.manner(chinese=wanted.chinese)
    known = declared_fields(wanted.register.form)
    hidden = wanted.view.hidden(purpose=wanted.purpose)
    done = 0
    while part := list(islice(rows, CHUNK)):
        around.learn(session, known, part)
        for row in part:
            session.expunge(row)  # read once; a large export must not grow
            yield line(row, listed, manner, hidden)
        done += len(part)
        tell(done)


def _about(session: Session, wanted: Wanted, count: int, around: Around) -> Sheet:
    """Say what was asked for, when and by whom."""
    for name, value in wanted.asked.filters.items():
        found = asking.field_of(wanted.register, name)
        if isinstance(found, Reference):
            around.learn_ids(session, found.to, {value})
    manner, sheet = around.manner(chinese=wanted.chinese), wanted.register.form.sheet
    at = f"{wanted.at.astimezone(ZoneInfo(around.zone)):%Y-%m-%d %H:%M} ({around.zone})"
    said = [
        (manner.say(("表格", "Form")), f"{sheet.code} {manner.say(sheet.name)}"),
        (manner.say(("门店", "Store")), wanted.store),
        (manner.say(("导出时间", "Taken out at")), at),
        (manner.say(("导出人", "Taken out by")), wanted.asked_by),
        (manner.say(("行数", "Rows")), str(count)),
        *asking.in_words(wanted.register, wanted.asked, manner),
    ]
    if wanted.purpose:
        said.append((manner.say(("用途", "Purpose")), wanted.purpose))
    return Sheet(name=manner.say(("说明", "About")), lines=said)
