"""What a declared form does with values nobody should send: it refuses them, each by its field.

Group E-07 and S-22; generated over every declaration and field, without a database.
"""

import json
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError

from shared.domain.registers import REGISTERS
from shared.errors import TEXTS
from shared.forms.problems import problems_of
from shared.forms.record import BESIDE, declared_fields, entered

NUL, SURROGATE, TURNING = "a\0b", "a\ud800b", "a\u202eb"
HOSTILE: tuple[Any, ...] = (
    NUL, SURROGATE, TURNING, "\x1b[31m", "\x7f", "x" * 1_000_000, "王" * 10_000, "é" * 5_000,
    10**40, -(10**40), 2**63, -(2**63) - 1, 10**4000, 0.1, 1e308, True, False,
    [], {}, [[]], [None], [{}], [NUL], [[[[]]]] * 3, {"a": {"b": []}}, {"": ""}, [1] * 10_000,
    "0000-00-00", "9999-99-99", "2025-02-30", "2025-06-10T25:00:00Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "2025-06-10T10:00:00", "--02-30", "24:00-25:00", "12:00-14:00\n",
    "1e5", "0x10", "٣", "１２", "NaN", "Infinity", "null", "=1+1", "<script>", "' OR 1=1 --",
    "00000000-0000-0000-0000-00000000000g", "138000012345", "+0", "1380000123４",
)  # fmt: skip

each_register = pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.code)


@each_register
def test_each_field_refuses_or_takes_and_never_breaks(register: Any) -> None:
    form = register.form()
    for name in (*entered(register.form), *BESIDE):
        for value in HOSTILE:
            try:
                taken = form.load({name: value}, partial=True)
            except ValidationError as error:
                told = problems_of(error)
                assert told
                assert {problem.code for problem in told} <= TEXTS.keys(), (name, value)
                assert {problem.field.split(".")[0] for problem in told} == {name}
            else:
                assert _is_clean(taken[name]), (name, repr(value)[:60])


@each_register
def test_what_is_no_field_of_the_form_is_refused(register: Any) -> None:
    known = declared_fields(register.form)
    derived = [name for name, found in known.items() if found.dump_only]
    for name in (*derived, "role", "tenant_id", "is_admin", "search_text", "__class__", NUL):
        with pytest.raises(ValidationError) as refused:
            register.form().load({name: 1}, partial=True)
        assert {problem.code for problem in problems_of(refused.value)} == {"UNKNOWN_FIELD"}


@each_register
@pytest.mark.parametrize("body", [None, [], "x", 1, True, [{}]], ids=repr)
def test_what_is_no_form_is_refused(register: Any, body: Any) -> None:
    with pytest.raises(ValidationError):
        register.form().load(body)


def _is_clean(value: Any) -> bool:
    """Whether PostgreSQL and JSON can hold this."""
    if isinstance(value, list | tuple):
        return all(_is_clean(one) for one in value)
    if isinstance(value, dict):
        return all(_is_clean(one) for one in value.values())
    if isinstance(value, StrEnum | UUID | date | datetime | bool | None):
        return True
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    written = json.dumps(value, ensure_ascii=False)
    return "\\u0000" not in written and bool(written.encode()) and len(value) <= 600
