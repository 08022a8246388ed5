"""The paper twin of a form: what stands in which box, for the browser and for the typesetter.

Form: specification 4.1: every print has the store, the business date, the number, maker, reviewer.
Shape: plain JSON, so that nothing in it can run. A box has its `width` in twelfths and one of:
    `text`; `ticks`, a list of {text, is_on}; `pictures`, ids of files, or none to be signed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.forms import cells
from shared.forms.cells import Field, Manner
from shared.forms.fields import Choice, Fen, Label, Text
from shared.forms.kinds import Choices, Flag, Picture, Pictures, Signature, Staff
from shared.forms.masking import masked
from shared.forms.record import STATES, State, declared_fields, derived, in_sections
from shared.records.directories import Around
from shared.records.register import Register, Row
from shared.records.views import View

MOST_TICKS = 16
_WHOLE = 12  # twelfths
_UNITS: dict[str, Label] = {
    "fen": ("元", "yuan"),
    "piece": ("件", "pcs"),
    "minute": ("分钟", "min"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One choice with its box."""

    text: str
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One field on paper; `lines` is how many empty lines it has to be written on."""

    label: str
    width: int
    kind: str  # text, ticks, picture
    text: str = ""
    lines: int = 1
    ticks: tuple[Tick, ...] = ()
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One form, or a list of many, ready to be set.

    Shape: `head` are (what, text); `sections` (title, rows of boxes that fill twelve twelfths);
        `table` the header and the lines of a list, of `figures` those columns that hold numbers;
        `stamp` says that the form is void or locked.
    """

    code: str
    titles: Label
    chinese: bool
    store: str
    head: list[tuple[str, str]]
    sections: list[tuple[str, list[list[Box]]]] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    table: list[list[str]] = field(default_factory=list)
    figures: list[int] = field(default_factory=list)
    is_landscape: bool = False
    stamp: str = ""
    is_void: bool = False
    printed: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return asdict(self)

    @property
    def pictures(self) -> list[str]:
        """List the files that are shown."""
        listed = [box for _, rows in self.sections for row in rows for box in row]
        return [picture for box in listed for picture in box.pictures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """For whom, where and when something is printed."""

    register: Register
    view: View
    around: Around
    chinese: bool
    store: str
    at: datetime

    @property
    def manner(self) -> Manner:
        """Say how values are written."""
        return self.around.manner(chinese=self.chinese)


def one(session: Session, printing: Printing, row: Row | None) -> Paper:
    """Print a record, or an empty form to be filled in by hand."""
    _learn(session, printing, [row] if row is not None else [])
    sheet, manner = printing.register.form.sheet, printing.manner
    maker = manner.people.get(row.created_by, "") if row is not None else ""
    reviewer = manner.people.get(row.reviewed_by, "") if row is not None else ""
    return Paper(
        code=sheet.code,
        titles=sheet.name,
        chinese=manner.chinese,
        store=printing.store,
        head=[
            (manner.say(("日期", "Date")), str(row.business_date or "") if row is not None else ""),
            (manner.say(("编号", "Number")), row.number if row is not None else ""),
            (manner.say(("制表人", "Made by")), maker),
            (manner.say(("审核人", "Reviewed by")), reviewer),
        ],
        sections=_sections(printing, row),
        signatures=[manner.say(("制表人签名", "Maker")), manner.say(("审核人签名", "Reviewer"))],
        stamp=manner.say(STATES[row.life]) if row is not None and row.life in _STAMPED else "",
        is_void=row is not None and row.life == State.VOID,
        printed=_printed(printing),
    )


def many(session: Session, printing: Printing, rows: Sequence[Row]) -> Paper:
    """Print a list as the register book it replaces, across the page."""
    _learn(session, printing, rows)
    sheet, manner = printing.register.form.sheet, printing.manner
    known = declared_fields(printing.register.form)
    names = [name for name in sheet.columns if name not in printing.view.closed_in_lists]
    lines = [[_value(printing, known[name], name, row) for name in names] for row in rows]
    return Paper(
        code=sheet.code,
        titles=sheet.name,
        chinese=manner.chinese,
        store=printing.store,
        head=[(manner.say(("行数", "Rows")), str(len(lines)))],
        table=[[_label(known[name], manner) for name in names], *lines],
        figures=[n for n, name in enumerate(names) if cells.kind_of(known[name]) in _FIGURES],
        is_landscape=True,
        printed=_printed(printing),
    )


_FIGURES = ("money", "whole", "ratio")
_STAMPED = (State.VOID, State.LOCKED)


def _learn(session: Session, printing: Printing, rows: Sequence[Row]) -> None:
    printing.around.learn(session, declared_fields(printing.register.form), rows)


def _printed(printing: Printing) -> str:
    at = f"{printing.at.astimezone(ZoneInfo(printing.manner.zone)):%Y-%m-%d %H:%M}"
    return printing.manner.say((f"打印于 {at}", f"printed {at}"))


def _sections(printing: Printing, row: Row | None) -> list[tuple[str, list[list[Box]]]]:
    form = printing.register.form
    known, computed = declared_fields(form), derived(form)
    closed = printing.view.closed if row is None else printing.view.closed_in(row)
    made = []
    for section, names in in_sections(form).items():
        shown = [
            name
            for name in names
            if name not in closed and (row is not None or name not in computed)
        ]
        boxes = [_box(printing, known[name], name, row) for name in shown]
        if boxes:
            made.append((printing.manner.say(form.sheet.sections[section]), _in_rows(boxes)))
    return made


def _in_rows(boxes: list[Box]) -> list[list[Box]]:
    """Put boxes in rows; the last one of a row takes what is left of it."""
    rows: list[list[Box]] = [[]]
    for box in boxes:
        if sum(one.width for one in rows[-1]) + box.width > _WHOLE:
            rows.append([])
        rows[-1].append(box)
    for row in rows:
        left = _WHOLE - sum(one.width for one in row)
        row[-1] = replace(row[-1], width=row[-1].width + left)
    return rows


def _box(printing: Printing, found: Field, name: str, row: Row | None) -> Box:
    manner, width = printing.manner, found.metadata.get("width", 6)
    label = _label(found, manner)
    value = getattr(row, name) if row is not None else None
    is_hidden = value is not None and name in printing.view.hidden()
    if isinstance(found, (Picture, Pictures)):
        shown = _shown(value) if not is_hidden else ()
        is_drawn = isinstance(found, Picture) and not isinstance(found, Signature)
        is_small = not shown and (row is not None or not is_drawn) or isinstance(found, Signature)
        lines = 2 if is_small else 8
        return Box(label=label, width=width, kind="picture", pictures=shown, lines=lines)
    ticks = () if is_hidden else _ticks(found, value, manner)
    if ticks:
        return Box(label=label, width=max(width, _breadth(ticks)), kind="ticks", ticks=ticks)
    is_long = isinstance(found, Text) and found.multiline
    lines = 1 if not is_long else 3 if width == 12 else 2
    text = _value(printing, found, name, row) if row is not None else ""
    return Box(label=label, width=width, kind="text", text=text, lines=lines)


def _shown(value: Any) -> tuple[str, ...]:
    named = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in named if one is not None)


def _ticks(found: Any, value: Any, manner: Manner) -> tuple[Tick, ...]:
    if isinstance(found, Flag):
        return tuple(
            Tick(text=manner.say(label), is_on=value is not None and bool(value) == on)
            for on, label in cells.YES_NO.items()
        )
    if not isinstance(found, (Choice, Choices)) or len(found.choices) > MOST_TICKS:
        return ()
    chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
    return tuple(
        Tick(text=manner.say(label), is_on=str(code) in chosen)
        for code, label in found.choices.items()
    )


def _breadth(ticks: tuple[Tick, ...]) -> int:
    """Say how many twelfths choices need to stand in one or two lines."""
    signs = sum(3 + sum(1 if char.isascii() else 2 for char in tick.text) for tick in ticks)
    return 3 if signs < 18 else 6 if signs < 70 else 12


def _value(printing: Printing, found: Field, name: str, row: Row) -> str:
    value = getattr(row, found.attribute or name)
    if value is None:
        return ""
    if name in printing.view.hidden():
        return str(masked(found, value) or "")
    if isinstance(found, Staff) and value not in printing.manner.people:
        return printing.manner.say(("已离职", "no longer here"))
    written = cells.cell(found, value, printing.manner)
    if isinstance(written, datetime):
        return f"{written:%Y-%m-%d %H:%M}"
    return f"{written:,.2f}" if isinstance(found, Fen) else cells.as_read(written)


def _label(found: Field, manner: Manner) -> str:
    unit = _UNITS.get(found.metadata.get("unit", ""))
    label = manner.say(found.metadata["label"])
    return f"{label} ({manner.say(unit)})" if unit else label
