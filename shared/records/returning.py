"""Give a brought-in workbook back with the reasons beside its bad lines, to be repaired.

Shape: the same columns in the same order, in the same format; the last column says what is wrong.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.forms import cells, workbook
from shared.forms.cells import Cell, Kind
from shared.forms.record import declared_fields
from shared.forms.tables import header_key
from shared.forms.texts import day_of, fen_of, whole_of
from shared.forms.workbook import FileFormat, Head
from shared.records import lines
from shared.records.models import RecordLine, RecordRun
from shared.records.register import Register

CHUNK = 1_000


def write_checked(
    session: Session, out: BinaryIO, run: RecordRun, register: Register, *, everything: bool
) -> int:
    """Write the bad lines alone, or all of them; give how many there are."""
    known = declared_fields(register.form)
    own = {header_key(text) for text in lines.REASONS}
    keep = [n for n, text in enumerate(run.columns) if header_key(text) not in own]
    names = lines.header_of(register, run.columns).names
    kinds: list[Kind] = [_kind(names[n], register) for n in keep]
    chinese = run.language == "zh"
    heads = [Head(text=run.columns[n], kind=kind) for n, kind in zip(keep, kinds, strict=True)]
    heads.append(Head(text=lines.REASONS[0 if chinese else 1], is_wide=True, is_required=True))

    def rows() -> Iterator[list[Cell]]:
        for line in _lines(session, run, everything=everything):
            typed = [_typed(line.raw[n], kind) for n, kind in zip(keep, kinds, strict=True)]
            said = [_said(one, known, chinese=chinese) for one in line.problems]
            yield [*typed, "\n".join(said)]

    file_format: FileFormat = "CSV" if run.file_format == "CSV" else "XLSX"
    return workbook.write(out, file_format, register.code, heads, rows())


def _lines(session: Session, run: RecordRun, *, everything: bool) -> Iterator[RecordLine]:
    wanted = select(RecordLine).where(RecordLine.run_id == run.id).order_by(RecordLine.line_no)
    if not everything:
        wanted = wanted.where(RecordLine.state.in_(("BAD", "CONFLICT")))
    yield from session.scalars(wanted.execution_options(yield_per=CHUNK))


def _kind(name: str | None, register: Register) -> Kind:
    known = declared_fields(register.form)
    if name is None or name not in known or cells.points(known[name]):
        return "text"
    return cells.kind_of(known[name])


def _typed(text: str, kind: Kind) -> Cell:
    """Give a cell its kind again where its text allows; what does not stays as it was typed."""
    if not text:
        return None
    try:
        if kind == "money":
            return Decimal(fen_of(text)) / 100
        if kind == "whole":
            return whole_of(text)
        if kind == "day":
            return day_of(text)
        return datetime.fromisoformat(text) if kind == "moment" else text
    except ValueError:
        return text


def _said(one: dict[str, str], known: dict[str, cells.Field], *, chinese: bool) -> str:
    message = one["message_zh"] if chinese else one["message_en"]
    name = one["field"].partition(".")[0]
    if name not in known:
        return message
    zh, en = known[name].metadata["label"]
    return f"{zh}:{message}" if chinese else f"{en}: {message}"
