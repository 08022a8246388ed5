"""Read the lines of a file against a register: which record each is about, and what it says anew.

Shape: a line with a number is about the record of that number, any other makes a new one. A cell
    that stands as it would be taken out now says nothing, whatever it is: a mask, a name, a date.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid5

from shared.errors import Problem, problem
from shared.forms import cells
from shared.forms.cells import Known, Manner
from shared.forms.kinds import Flag
from shared.forms.masking import masked
from shared.forms.tables import refused
from shared.records.columns import EXTRA, Column, by_header, header_key
from shared.records.register import Register, Row
from shared.records.views import View

Texts = Mapping[str, str]  # field -> cell
State = Literal["NEW", "CHANGED", "SAME", "CONFLICT", "BAD"]

NAMESPACE = UUID("3d8a6f52-7f0c-5a0e-9f35-51c7d9a2b6e4")  # of keys made from lines
REASONS = ("导入问题", "Import problems")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the columns of a file are.

    Shape: `names` are the fields by place, None for a column that nobody reads.
    """

    names: tuple[str | None, ...]

    def texts(self, raw: Sequence[str]) -> dict[str, str]:
        """Give a line's cells by field."""
        return {name: raw[n] for n, name in enumerate(self.names) if name is not None}


@dataclass(slots=True, kw_only=True)
class Said:
    """What a line says: `typed` fields as JSON, `record` that it is about, what is wrong."""

    state: State
    record: Row | None = None
    version: int | None = None
    typed: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, code: str, *, zh: str | None = None, en: str | None = None) -> None:
        """Note what is wrong; the line is bad."""
        self.state = "BAD"
        self.problems.append(problem(name, code, zh=zh, en=en))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is needed to read some lines of a file.

    Shape: `rows` are the records by number, as far as they may be changed; `manners` write cells in
        both languages; `views` say what may be brought in: for a new one, for a change.
    """

    register: Register
    columns: Mapping[str, Column]
    rows: Mapping[str, Row]
    known: Known
    manners: Sequence[Manner]
    views: tuple[View | None, View | None]


def header_of(register: Register, columns: Sequence[str]) -> Header:
    """Read the header of a file.

    Raises: FileRefused when a column stands there twice, or none is the form's.
    """
    found = by_header(register)
    extras = {header_key(text): name for name, (label, _) in EXTRA.items() for text in label}
    names = [_named(header_key(text), found, extras) for text in columns]
    twice = [columns[n] for n, name in enumerate(names) if name and name in names[:n]]
    if twice:
        listed = ", ".join(twice)
        raise refused("DUPLICATE", f"列重复:{listed}", f"a column stands there twice: {listed}")
    entered = {one.name for one in found.values() if one.use == "entered"}
    if not entered & {*names}:
        zh, en = "没有认识的列,请使用空白模板", "no column is known; use the blank workbook"
        raise refused("REQUIRED", zh, en)
    return Header(names=tuple(names))


def unread(header: Header, columns: Sequence[str]) -> list[str]:
    """Name the columns that nobody reads; those of an earlier round's problems are no loss."""
    own = {header_key(text) for text in REASONS}
    return [
        text
        for text, name in zip(columns, header.names, strict=True)
        if name is None and header_key(text) not in own and text
    ]


class Keys:
    """The keys of lines without a number: the same line sent again has the same key.

    Shape: two equal lines of one file are two; the second has a key of its own.
    """

    def __init__(self, register: Register, header: Header) -> None:
        self._form, self._header = register.code, header
        self._seen: Counter[UUID] = Counter()

    def of(self, raw: Sequence[str]) -> UUID | None:
        """Make the key of the next line; None for one with a number."""
        texts = self._header.texts(raw)
        if texts.get("number"):
            return None
        said = {name: text for name, text in texts.items() if text and name not in EXTRA}
        content = json.dumps([self._form, said], ensure_ascii=False, sort_keys=True)
        first = uuid5(NAMESPACE, f"1 {content}")
        self._seen[first] += 1
        times = self._seen[first]
        return first if times == 1 else uuid5(NAMESPACE, f"{times} {content}")


def read_line(texts: Texts, reading: Reading) -> Said:
    """Read one line."""
    number = texts.get("number", "")
    said = _read_known(number, texts, reading) if number else _read_new(texts, reading)
    reason = texts.get("change_reason")
    if reason and said.typed and said.record is not None:
        said.typed["change_reason"] = reason
    return said


def _read_new(texts: Texts, reading: Reading) -> Said:
    said, (view, _) = Said(state="NEW"), reading.views
    if view is None:
        said.refuse("", "FORBIDDEN")
        return said
    for name, column in _entered(texts, reading):
        if texts[name]:
            _say(said, column, texts[name], view.closed, reading)
    return said


def _read_known(number: str, texts: Texts, reading: Reading) -> Said:
    row, (_, view) = reading.rows.get(number), reading.views
    said = Said(state="CHANGED", record=row)
    if row is None or view is None:
        said.refuse("number", "NOT_FOUND" if view else "FORBIDDEN")
        return said
    said.version, closed = row.version, view.closed_in(row)
    for name, column in _entered(texts, reading):
        is_hidden = not texts[name] and (name in closed or name in view.masked)
        if not is_hidden and not _stands(column, row, texts[name], reading):
            _say(said, column, texts[name], closed, reading)
    if said.state == "CHANGED" and not said.typed:
        said.state = "SAME"
    elif said.state == "CHANGED":
        _check_version(said, texts.get("version", ""), row)
    return said


def _entered(texts: Texts, reading: Reading) -> list[tuple[str, Column]]:
    listed = [(name, reading.columns[name]) for name in texts if name in reading.columns]
    return [(name, column) for name, column in listed if column.use == "entered"]


def _say(said: Said, column: Column, text: str, closed: frozenset[str], reading: Reading) -> None:
    value = cells.read(column.found, text, reading.known) if text else None
    if said.record is not None and value == column.found.serialize(column.name, said.record):
        return
    if column.name in closed:
        said.refuse(column.name, "FORBIDDEN")
    elif text and cells.is_lost(column.found, text, reading.known):
        said.refuse(column.name, "NOT_FOUND")
    else:
        said.typed[column.name] = value


def _stands(column: Column, row: Row, text: str, reading: Reading) -> bool:
    """Tell whether a cell is what would be taken out now, in either language, masked or not."""
    found, value = column.found, getattr(row, column.name)
    if not text:
        return value is None or (isinstance(found, Flag) and not value) or value == []
    written = [cells.cell(found, value, manner) for manner in reading.manners]
    written.append(masked(found, value))
    return text in {cells.as_read(one) for one in written}


def _check_version(said: Said, text: str, row: Row) -> None:
    if not text:
        zh, en = (
            "缺少版本,无法判断他人是否修改过",
            "without it nobody knows who changed it meanwhile",
        )
        said.refuse("version", "REQUIRED", zh=zh, en=en)
    elif text != str(row.version):
        said.state = "CONFLICT"
        said.problems.append(problem("version", "CONFLICT"))


def _named(key: str, found: Mapping[str, Column], extras: Mapping[str, str]) -> str | None:
    if key in extras:
        return extras[key]
    return found[key].name if key in found else None
