"""What a field's value looks like in a cell of a workbook, and how a cell is read back.

Shape: a cell is None, a text, a number, a day, or a moment without an offset; read back it is JSON
    for the declaration to load, and what makes no sense stays text, so that the declaration says
    what is wrong with it. Records and people stand under their names.
Units: money is yuan with two decimals, a ratio its exact 4 decimals, moments on the store's clock.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from marshmallow import fields

from shared.forms.fields import Choice, Day, Fen, Label, Month, Ratio, Text, Whole
from shared.forms.kinds import (
    BirthDay,
    Choices,
    Flag,
    Hours,
    Instant,
    Picture,
    Pictures,
    Reference,
    References,
    Staff,
)
from shared.forms.texts import day_of, fen_of, ratio_text, whole_of

Cell: TypeAlias = "str | int | Decimal | date | datetime | None"
Kind = Literal["text", "whole", "money", "ratio", "day", "moment"]
Field: TypeAlias = "fields.Field[Any]"

YES_NO: dict[bool, Label] = {True: ("是", "Yes"), False: ("否", "No")}
_YES = {"是", "yes", "y", "true", "1", "√", "✓", "☑"}
_NO = {"否", "no", "n", "false", "0", "×", "☐"}
_APART = re.compile(r"[、,，;；\n]+")
_RECORDS_APART = re.compile(r"[;；\n]+")  # names of records may hold commas
_MOMENT = re.compile(r"(.+?)[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?", re.ASCII)
_FIRST_SURE_DAY = date(1900, 3, 1)  # before it spreadsheets count a day that never was


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How cells are written: for whom, on whose clock.

    Shape: `records` are (list, id) -> what it is called there; `people` id -> name.
    """

    chinese: bool
    zone: str
    records: Mapping[tuple[str, int], str]
    people: Mapping[UUID, str]

    def say(self, label: Label) -> str:
        """Choose the language."""
        return label[0] if self.chinese else label[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What texts in cells point to.

    Shape: `records` are (list, text) -> id; `people` name -> id.
    """

    zone: str
    records: Mapping[tuple[str, str], int]
    people: Mapping[str, UUID]


def kind_of(found: Field) -> Kind:
    """Say of which kind the cells of a field are.

    Raises: TypeError for a field that no cell can hold.
    """
    for known, kind in _KINDS.items():
        if isinstance(found, known):
            return kind
    raise TypeError(f"no cell can hold {type(found).__name__}")


def cell(found: Field, value: Any, manner: Manner) -> Cell:
    """Write a value as a cell; of a kind that is masked, the mask stands there as text."""
    if value is None:
        return None
    if isinstance(found, Reference):
        return manner.records.get((found.to, value), f"#{value}")
    if isinstance(found, References):
        return "\n".join(manner.records.get((found.to, one), f"#{one}") for one in value)
    if _is_person(found):
        return manner.people.get(value, str(value))
    write = _writer(found)
    return write(found, value, manner) if write is not None else str(value)


def as_read(written: Cell) -> str:
    """Give the text as which a reader finds a cell that was written."""
    if written is None:
        return ""
    if isinstance(written, datetime):
        at = written.replace(microsecond=0)
        return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at}"
    if isinstance(written, Decimal):
        return f"{float(written):.15g}"
    return str(written).strip()


def read(found: Field, text: str, known: Known) -> Any:
    """Read a filled cell as JSON; a record or person that is not known stays text."""
    if isinstance(found, Reference):
        return known.records.get((found.to, text), text)
    if isinstance(found, References):
        return [known.records.get((found.to, one), one) for one in named(text)]
    if _is_person(found):
        person = known.people.get(text)
        return str(person) if person else text
    reader = _reader(found)
    if reader is None:
        return text
    try:
        return reader(found, text, known)
    except (ValueError, OverflowError):
        return text


def points(found: Field) -> bool:
    """Tell whether a field's cells name a record or a person."""
    return isinstance(found, (Reference, References)) or _is_person(found)


def named(text: str) -> list[str]:
    """Take the names of several records out of one cell: one a line, or with semicolons."""
    return [part.strip() for part in _RECORDS_APART.split(text) if part.strip()]


def is_lost(found: Field, text: str, known: Known) -> bool:
    """Tell whether a cell names a record or a person that is not there."""
    if isinstance(found, Reference):
        return (found.to, text) not in known.records
    if isinstance(found, References):
        return any((found.to, one) not in known.records for one in named(text))
    return _is_person(found) and text not in known.people


def people_names(people: Mapping[UUID, str]) -> dict[UUID, str]:
    """Give each person a name of their own here: `王丽 #1a2b3c4d` when two are called so."""
    seen: dict[str, int] = {}
    for name in people.values():
        seen[name] = seen.get(name, 0) + 1
    return {
        person: name if seen[name] == 1 else f"{name} #{person.hex[:8]}"
        for person, name in people.items()
    }


def listed(texts: list[str], *, chinese: bool) -> str:
    """Write several texts in one cell."""
    return ("、" if chinese else ", ").join(texts)


@cache
def _writer(found: Any) -> Callable[[Any, Any, Manner], Cell] | None:
    return next((write for known, write in _WRITERS.items() if isinstance(found, known)), None)


@cache
def _reader(found: Any) -> Callable[[Any, str, Known], Any] | None:
    return next((read for known, read in _READERS.items() if isinstance(found, known)), None)


def _is_person(found: Field) -> bool:
    """Who made a record is declared as a plain UUID; a file's id is a key."""
    return isinstance(found, Staff) or type(found) is fields.UUID


def _write_day(found: Field, value: Any, manner: Manner) -> Cell:
    return value if value >= _FIRST_SURE_DAY else str(value)


def _write_moment(found: Field, value: Any, manner: Manner) -> Cell:
    local: datetime = value.astimezone(ZoneInfo(manner.zone)).replace(tzinfo=None)
    return local if local.date() >= _FIRST_SURE_DAY else f"{local:%Y-%m-%d %H:%M:%S}"


def _write_choice(found: Any, value: Any, manner: Manner) -> Cell:
    return _choice_name(found, str(value), manner)


def _write_choices(found: Any, value: Any, manner: Manner) -> Cell:
    names = [_choice_name(found, str(one), manner) for one in value]
    return listed(names, chinese=manner.chinese)


def _write_list(found: Field, value: Any, manner: Manner) -> Cell:
    return listed([str(one) for one in value], chinese=manner.chinese)


def _write_whole(found: Field, value: Any, manner: Manner) -> Cell:
    return int(value) if abs(value) < 10**15 else str(value)


def _choice_name(found: Any, code: str, manner: Manner) -> str:
    label: Label | None = found.choices.get(code)
    return manner.say(label) if label else code


def _read_flag(found: Field, text: str, known: Known) -> Any:
    plain = text.casefold()
    return True if plain in _YES else False if plain in _NO else text


def _read_choice(found: Any, text: str, known: Known) -> Any:
    return _codes(found).get(_plain(text), text)


def _read_choices(found: Any, text: str, known: Known) -> Any:
    codes = _codes(found)
    return [codes.get(_plain(part), part) for part in _parts(text)]


def _read_list(found: Field, text: str, known: Known) -> Any:
    return _parts(text)


def _read_moment(found: Field, text: str, known: Known) -> Any:
    zone = ZoneInfo(known.zone)
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        given = datetime.fromisoformat(plain)
    except ValueError:
        parts = _MOMENT.fullmatch(plain)
        day = day_of(parts[1] if parts else plain)
        hour, minute, second = (
            (int(part or 0) for part in parts.groups()[1:]) if parts else (0,) * 3
        )
        given = datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 below
    return (given if given.tzinfo else given.replace(tzinfo=zone)).isoformat()


@cache
def _codes(found: Any) -> dict[str, str]:
    names = {_plain(name): str(code) for code, label in found.choices.items() for name in label}
    return {**names, **{_plain(str(code)): str(code) for code in found.choices}}


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _APART.split(text) if part.strip()]


# The first kind that fits counts: Fen is a Whole, a BirthDay a Text, a Picture a UUID.
_KINDS: Mapping[type[Field], Kind] = {
    Reference: "text", References: "text", Fen: "money", Whole: "whole", Ratio: "ratio",
    Day: "day", Month: "text",
    Instant: "moment", fields.AwareDateTime: "moment", Flag: "text", Choice: "text",
    Choices: "text", Hours: "text", Pictures: "text", BirthDay: "text", Text: "text",
    Picture: "text", fields.UUID: "text",
}  # fmt: skip
_WRITERS: Mapping[type[Field], Callable[[Any, Any, Manner], Cell]] = {
    Fen: lambda found, value, manner: Decimal(value) / 100,
    Whole: _write_whole,
    Ratio: lambda found, value, manner: Decimal(ratio_text(value)),
    Day: _write_day,
    Month: lambda found, value, manner: f"{value:%Y-%m}",
    fields.AwareDateTime: _write_moment,
    Flag: lambda found, value, manner: manner.say(YES_NO[bool(value)]),
    Choice: _write_choice,
    Choices: _write_choices,
    fields.List: _write_list,
}
_READERS: Mapping[type[Field], Callable[[Any, str, Known], Any]] = {
    Fen: lambda found, text, known: fen_of(text),
    Whole: lambda found, text, known: whole_of(text),
    Day: lambda found, text, known: str(day_of(text)),
    Month: lambda found, text, known: text if len(text) == 7 else f"{day_of(text):%Y-%m}",
    Instant: _read_moment,
    Flag: _read_flag,
    Choice: _read_choice,
    Choices: _read_choices,
    fields.List: _read_list,
}
