"""Every declared form: named in both languages, classified, placed, kept in fitting columns."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from marshmallow import fields
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.domain.registers import REGISTERS
from shared.forms.fields import Choice, Day, Fen, Id, Key, Rows, Secrecy, Text, Whole
from shared.forms.kinds import Choices, Instant
from shared.forms.record import Record, conditions, declared_fields, derived, entered
from shared.records.register import Register
from tenants.people import permissions
from tests.house.test_routes import app  # noqa: F401 the fixture
from web.app import App
from web.records.schemas import filters_of

# Who came with a sale has a name and no profile yet, so nothing else of a profile can be demanded
# by its table; the verbs demand it.
HALF_FILLED = {"F04"}

each_register = pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.code)


def own(register: Register) -> dict[str, fields.Field[Any]]:
    """The form's fields beside what every record has."""
    return {**entered(register.form), **derived(register.form)}


def columns(register: Register) -> dict[str, Column[Any]]:
    """The columns of the form's table."""
    return dict(register.model.__table__.columns.items())


def texts(value: Any) -> bool:
    """Whether this is a text in Chinese and one in English."""
    zh, en = value
    return bool(zh.strip() and en.strip()) and not zh.isascii() and en.isprintable()


def test_codes_and_addresses_are_their_own() -> None:
    for name in ("code", "path"):
        said = [getattr(register.form.sheet, name) for register in REGISTERS]
        assert len(said) == len(set(said))


@each_register
def test_everything_is_named_in_both_languages(register: Register) -> None:
    sheet = register.form.sheet
    assert texts(sheet.name)
    assert [key for key, label in sheet.sections.items() if not texts(label)] == []
    for name, found in declared_fields(register.form).items():
        assert texts(found.metadata["label"]), name
        help_text = found.metadata.get("help")
        assert help_text is None or texts(help_text), name
        for label in getattr(found, "choices", {}).values() if _has_choices(found) else ():
            assert all(part.strip() for part in label), name


@each_register
def test_everything_is_classified(register: Register) -> None:
    for name, found in declared_fields(register.form).items():
        assert found.metadata["class"] in get_args(Secrecy), name


@each_register
def test_every_field_has_its_place_on_the_paper(register: Register) -> None:
    for name, found in own(register).items():
        assert found.metadata["section"] in register.form.sheet.sections, name
        assert found.metadata["width"] in range(1, 13), name
    used = {found.metadata["section"] for found in own(register).values()}
    assert used == set(register.form.sheet.sections)


@each_register
def test_every_field_has_a_column_that_holds_it(register: Register) -> None:
    for name, found in own(register).items():
        column = columns(register).get(name)
        if column is None:  # computed elsewhere, shown here
            assert found.dump_only, name
            assert hasattr(register.model, name), name
            continue
        assert _holds(found, column), f"{name}: {column.type!r}"
        if found.required and register.code not in HALF_FILLED:
            assert not column.nullable, name
        if not found.required and not found.dump_only:
            assert column.nullable or column.server_default is not None, name


@each_register
def test_lists_show_narrow_order_and_search_what_is_there(register: Register) -> None:
    sheet, known = register.form.sheet, declared_fields(register.form)
    assert set(sheet.columns) <= known.keys()
    assert set(sheet.filters) <= known.keys()
    assert filters_of(register.form).keys()  # each has a way to be asked for
    for name in (*sheet.filters, *sheet.searched):
        assert name in columns(register), name
    for sort in sheet.sorts:
        column = columns(register)[sort.removeprefix("-")]
        assert not column.nullable, f"{sort}: a cursor needs a value"
    for name in sheet.searched:
        assert isinstance(columns(register)[name].type, String), name


@each_register
def test_conditions_ask_about_fields_that_are_there(register: Register) -> None:
    for name, condition in conditions(register.form).items():
        assert condition.fields() <= own(register).keys(), name
        assert not own(register)[name].required, name


@each_register
def test_its_permissions_and_addresses_exist(register: Register, app: App) -> None:  # noqa: F811
    sheet = register.form.sheet
    assert {sheet.resource, *sheet.guarded.values()} <= permissions.matrix().keys()
    assert set(sheet.guarded) <= {*get_args(Secrecy)}
    served = {rule.rule for rule in app.url_map.iter_rules()}
    assert f"/api/v1/s/<slug>/{sheet.path}" in served
    assert set(register.owners) <= columns(register).keys()


def test_what_every_record_has_is_in_every_table() -> None:
    common = {name for name, found in declared_fields(Record).items() if not found.load_only}
    for register in REGISTERS:
        assert common <= columns(register).keys()


def _has_choices(found: fields.Field[Any]) -> bool:
    return isinstance(found, (Choice, Choices))


def _holds(found: fields.Field[Any], column: Column[Any]) -> bool:
    return any(_fits(found, column))


def _fits(found: fields.Field[Any], column: Column[Any]) -> Iterator[bool]:
    kind = column.type
    if isinstance(found, Choice):
        yield isinstance(kind, String) and _longest(found.choices) <= (kind.length or 0)
    elif isinstance(found, Choices):
        item = kind.item_type if isinstance(kind, ARRAY) else None
        yield isinstance(item, String) and _longest(found.choices) <= (item.length or 0)
    elif isinstance(found, Text):
        yield isinstance(kind, String) and found.max_length <= (kind.length or 0)
    elif isinstance(found, (Fen, Id)):
        yield isinstance(kind, BigInteger)
    elif isinstance(found, Whole):
        most = 2**63 if isinstance(kind, BigInteger) else 2**31
        yield isinstance(kind, Integer) and found.maximum < most
    elif isinstance(found, fields.List):
        yield isinstance(kind, ARRAY)
    else:
        exact = {Day: Date, Key: Uuid, fields.Boolean: Boolean}
        yield any(isinstance(found, a) and isinstance(kind, b) for a, b in exact.items())
        yield isinstance(found, Instant) and isinstance(kind, DateTime) and bool(kind.timezone)
        yield isinstance(found, Rows)


def _longest(choices: dict[Any, Any]) -> int:
    return max(len(str(code)) for code in choices)
