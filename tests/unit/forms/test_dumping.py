"""What the compiled functions dump is what marshmallow dumps, for every schema of answers."""

import importlib
import pkgutil
import random
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from marshmallow import Schema, fields, post_dump

from shared import domain
from shared.domain.registers import REGISTERS
from shared.forms.dumping import builder
from shared.forms.fields import Choice, Month, Ratio
from web import blueprints
from web.records.schemas import shapes_of

ROUNDS = 40


def _schemas() -> Iterator[type[Schema]]:
    for found in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        importlib.import_module(found.name)
    waiting, seen = [Schema], set[type[Schema]]()
    while waiting:
        for below in waiting.pop().__subclasses__():
            if below not in seen:
                seen.add(below)
                waiting.append(below)
                if below.__module__.startswith(("shared.", "web.")):
                    yield below
    yield from (shapes_of(register.form).shown for register in REGISTERS)


SCHEMAS = sorted(set(_schemas()), key=lambda schema: (schema.__module__, schema.__name__))


def test_the_schemas_of_all_answers_are_known_here() -> None:
    assert blueprints.API  # importing them made their schemas
    assert len(SCHEMAS) > 40
    assert {shapes_of(register.form).shown for register in REGISTERS} <= set(SCHEMAS)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.__name__)
def test_rows_are_dumped_as_marshmallow_does(schema: type[Schema]) -> None:
    draw = random.Random(schema.__name__)
    build, made = builder(schema), schema()
    for _ in range(ROUNDS):
        values = _row(made, draw)
        for row in (values, SimpleNamespace(**values)):
            dumped = build(row)
            assert dumped == Schema.dump(made, row)
            assert list(dumped) == list(Schema.dump(made, row))  # the order too


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.code)
def test_some_fields_are_dumped_alone(register: Any) -> None:
    shown, draw = shapes_of(register.form).shown, random.Random(register.code)
    names = sorted(shown().dump_fields)
    for _ in range(ROUNDS):
        only = frozenset(draw.sample(names, draw.randint(1, len(names))))
        row = _row(shown(), draw)
        assert builder(shown, only)(row) == shown(only=only).dump(row)


def test_a_schema_that_changes_what_it_dumped_still_does() -> None:
    class Louder(Schema):
        name = fields.String()

        @post_dump
        def _shout(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
            return {**data, "name": data["name"].upper()}

    assert builder(Louder)({"name": "a"}) == {"name": "A"}


def test_names_defaults_and_unknown_kinds_are_as_in_marshmallow() -> None:
    class Odd(Schema):
        sent = fields.String(data_key="Sent")
        other = fields.Integer(attribute="inner.value")
        usual = fields.Integer(dump_default=7)
        worked_out = fields.Function(lambda row: len(row))
        amount = fields.Decimal(as_string=True)
        raw = fields.Raw()

    row = {"sent": "x", "inner": {"value": "3"}, "amount": Decimal("1.50"), "raw": [1]}
    assert builder(Odd)(row) == Odd().dump(row)


def _row(schema: Schema, draw: random.Random) -> dict[str, Any]:
    row = {}
    for name, found in schema.dump_fields.items():
        value = None if draw.random() < 0.2 else _value(found, draw)
        if hasattr(dict, name) or draw.random() > 0.05:  # else a dict's own method is dumped
            row[found.attribute or name] = value
    return row


def _value(found: fields.Field[Any], draw: random.Random) -> Any:  # noqa: PLR0911 one line a kind
    if isinstance(found, fields.Nested):
        several = found.many or found.schema.many
        rows = [_row(found.schema, draw) for _ in range(draw.randint(0, 3))]
        return rows if several else _row(found.schema, draw)
    if isinstance(found, fields.List):
        return [_value(found.inner, draw) for _ in range(draw.randint(0, 3))]
    if isinstance(found, fields.Dict):
        key = _value(found.key_field, draw) if found.key_field else "a"
        return {key: _value(found.value_field, draw) if found.value_field else 1}
    if isinstance(found, Choice):
        return draw.choice([*found.choices, *map(str, found.choices)])
    if isinstance(found, Ratio):
        return draw.choice([Fraction(draw.randint(-9, 9), 7), Decimal("0.12345")])
    day = date(1900, 1, 1) + timedelta(days=draw.randint(0, 300_000))
    instant = datetime(day.year, day.month, day.day, 1, 2, 3, draw.choice([0, 5]), tzinfo=UTC)
    plain: dict[type, Any] = {
        fields.AwareDateTime: instant,
        fields.DateTime: instant,
        fields.Date: day,
        Month: day.replace(day=1),
        fields.Time: instant.time(),
        fields.UUID: UUID(int=draw.getrandbits(128)),
        fields.Boolean: draw.random() < 0.5,
        fields.Integer: draw.choice([draw.randint(-(2**62), 2**62), True]),
        fields.Number: draw.random(),
        fields.String: "".join(draw.choices(string.printable + "王丽é", k=8)),
    }
    for kind, value in plain.items():
        if isinstance(found, kind):
            return value
    return {"x": [1, None]}
