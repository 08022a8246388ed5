"""Every declared form can be taken out, brought in and explained: walked here, one by one."""

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from sqlalchemy.orm import Session

from shared.domain.directories import DIRECTORIES
from shared.domain.registers import REGISTERS
from shared.forms import cells, wording
from shared.forms.cells import Field, Known, Manner
from shared.forms.fields import Choice, Day, Fen, Month, Ratio, Text, Whole
from shared.forms.kinds import (
    BirthDay,
    Choices,
    Flag,
    Hours,
    Instant,
    Phone,
    Picture,
    Pictures,
    Reference,
    References,
    Staff,
)
from shared.forms.masking import masked
from shared.forms.record import declared_fields, entered
from shared.records import exporting, lines, paper
from shared.records.columns import (
    WHOLE,
    View,
    blank_columns,
    by_header,
    columns,
    header_key,
    header_text,
)
from shared.records.directories import Around
from shared.records.register import Register

PICTURES = (Picture, Pictures)  # no cell holds one
BY_CODE = pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.code)
BROUGHT_IN = pytest.mark.parametrize(
    "register",
    [one for one in REGISTERS if not one.form.sheet.is_made],
    ids=lambda register: register.code,
)


@BY_CODE
def test_every_field_has_a_column_of_its_own_in_both_languages(register: Register) -> None:
    listed = columns(register)
    writable = {n for n, f in entered(register.form).items() if not isinstance(f, PICTURES)}
    assert writable == {column.name for column in blank_columns(register)}
    for place in (0, 1):
        headers = [header_key(column.header[place]) for column in listed]
        assert len(set(headers)) == len(headers)
    found = by_header(register)
    for column in listed:
        assert {found[header_key(text)].name for text in column.header} == {column.name}


@BY_CODE
def test_every_field_says_in_both_languages_what_it_holds_and_when(register: Register) -> None:
    known = declared_fields(register.form)
    for column in columns(register):
        assert cells.kind_of(column.found)
        assert all(wording.holds(column.found))
        zh, en = wording.required(column.found, known)
        assert bool(zh) == bool(en)


@BY_CODE
def test_every_reference_has_a_directory_and_no_choice_looks_like_two(register: Register) -> None:
    for found in declared_fields(register.form).values():
        if isinstance(found, (Reference, References)):
            assert found.to in DIRECTORIES
        if isinstance(found, Choices):
            names = [name for label in found.choices.values() for name in label]
            assert not [name for name in names if set(name) & set("、,，;；")]


PERSON = uuid.UUID(int=1)
NAMES = {PERSON: "王丽"}
AT = datetime(2025, 6, 10, 6, 5, 7, 123_456, tzinfo=UTC)
SAMPLES: Mapping[type[Field], Any] = {
    BirthDay: "--05-20", Phone: "+8613812345678", Text: "=1+1; '丽\n第二行, 007",
    Reference: 7, References: [7], Fen: 1_234_56, Whole: 2, Ratio: Fraction(1, 3),
    Day: date(2025, 6, 10),
    Month: date(2025, 6, 1), Instant: AT, Flag: True, Hours: ["12:00-14:00", "20:00-10:00"],
    Pictures: [str(uuid.UUID(int=5))], Staff: PERSON,
}  # fmt: skip


def sample(found: Field) -> Any:
    """Make a value that a cell may well spoil."""
    if isinstance(found, Choices):
        return [str(code) for code in list(found.choices)[:2]]
    if isinstance(found, Choice):
        return str(next(iter(found.choices)))
    is_typed = isinstance(found, (Phone, BirthDay))
    if isinstance(found, Text) and not found.multiline and not is_typed:
        return "=1+1; '丽 007"
    fits = (value for kind, value in SAMPLES.items() if isinstance(found, kind))
    return next(fits, AT if type(found).__name__ == "AwareDateTime" else PERSON)


def filled(register: Register) -> SimpleNamespace:
    """Make a row with everything filled in."""
    known = declared_fields(register.form)
    row = {name: sample(found) for name, found in known.items() if not found.load_only}
    beside = {"id": 3, "number": "N-1", "version": 2, "life": "SUBMITTED"}
    return SimpleNamespace(**{**row, **beside})


@BROUGHT_IN
@pytest.mark.parametrize("chinese", [True, False])
@pytest.mark.parametrize("is_masked", [True, False])
def test_what_is_taken_out_says_nothing_when_it_comes_back(
    register: Register, chinese: bool, is_masked: bool
) -> None:
    row, listed = filled(register), columns(register)
    records = {(to, 7): "K 1 王小丽" for to in DIRECTORIES}
    manners = [
        Manner(chinese=one, zone="Asia/Shanghai", records=records, people=NAMES)
        for one in (True, False)
    ]
    hidden = frozenset(declared_fields(register.form)) - {"number", "version"}
    written = exporting.line(
        row, listed, manners[0 if chinese else 1], hidden if is_masked else frozenset()
    )
    header = lines.header_of(register, [header_text(one, chinese=chinese) for one in listed])
    reading = lines.Reading(
        register=register,
        columns={one.name: one for one in listed},
        rows={"N-1": row},
        known=Known(zone="Asia/Shanghai", records={}, people={}),
        manners=manners,
        views=(View(closed=hidden), View(closed=hidden)),
    )

    said = lines.read_line(header.texts([cells.as_read(cell) for cell in written]), reading)

    assert (said.state, said.typed, said.problems) == ("SAME", {}, [])


@BY_CODE
def test_every_value_is_read_back_from_its_cell(register: Register) -> None:
    known = Known(
        zone="Asia/Shanghai",
        records={(to, "K 1"): 7 for to in DIRECTORIES},
        people={"王丽": PERSON},
    )
    for column in blank_columns(register):
        value = sample(column.found)
        whole = value.replace(microsecond=0) if isinstance(value, datetime) else value
        for chinese in (True, False):
            manner = Manner(
                chinese=chinese, zone="Asia/Shanghai", people=NAMES,
                records={(to, 7): "K 1" for to in DIRECTORIES},
            )  # fmt: skip
            text = cells.as_read(cells.cell(column.found, value, manner))
            read = cells.read(column.found, text, known)
            assert column.found.deserialize(read) == column.found.deserialize(
                column.found.serialize(column.name, SimpleNamespace(**{column.name: whole}))
            )
        assert masked(column.found, column.found.serialize("x", SimpleNamespace(x=value))) != text


@BY_CODE
@pytest.mark.parametrize("chinese", [True, False])
def test_every_field_stands_on_paper_in_rows_of_twelve(register: Register, chinese: bool) -> None:
    session = MagicMock(spec=Session)
    around = Around(
        zone="Asia/Shanghai", people=NAMES, readable=lambda _: True,
        directories={name: MagicMock(names=lambda *_: {}) for name in DIRECTORIES},
    )  # fmt: skip
    printing = paper.Printing(
        register=register, view=WHOLE, around=around, chinese=chinese, store="店", at=AT
    )
    for row in (None, filled(register))[register.form.sheet.is_made :]:
        made = paper.one(session, printing, row)
        rows = [boxes for _, section in made.sections for boxes in section]
        assert {sum(box.width for box in boxes) for boxes in rows} == {12}
        own = len(entered(register.form)) if row is None else len(columns(register))
        assert sum(len(boxes) for boxes in rows) >= min(own, len(entered(register.form)))
