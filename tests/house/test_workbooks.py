"""Every declared form can be taken out, brought in and explained: walked here, one by one."""

import pytest

from shared.domain.directories import DIRECTORIES
from shared.domain.registers import REGISTERS
from shared.forms import cells, wording
from shared.forms.kinds import Choices, Reference
from shared.forms.record import declared_fields, entered
from shared.records.columns import blank_columns, by_header, columns, header_key
from shared.records.register import Register

BY_CODE = pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.code)


@BY_CODE
def test_every_field_has_a_column_of_its_own_in_both_languages(register: Register) -> None:
    listed = columns(register)
    assert set(entered(register.form)) == {column.name for column in blank_columns(register)}
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
        if isinstance(found, Reference):
            assert found.to in DIRECTORIES
        if isinstance(found, Choices):
            names = [name for label in found.choices.values() for name in label]
            assert not [name for name in names if set(name) & set("、,，;；")]
