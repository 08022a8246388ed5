"""Every column of every table says what it holds about people, and every guest's row is reached."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from shared.domain.customers.models import Customer
from shared.domain.privacy.queries.inventory import Holding, holdings, strays
from shared.domain.registers import REGISTERS
from shared.forms.record import declared_fields

each = pytest.mark.parametrize("holding", holdings().values(), ids=lambda one: one.table.name)


def unclear(holding: Holding) -> dict[str, tuple[str, ...]]:
    """Name the columns that have no class, or two."""
    said = {column.name: holding.said.get(column.name, ()) for column in holding.table.columns}
    return {name: classes for name, classes in said.items() if len(classes) != 1}


@each
def test_every_column_has_exactly_one_class(holding: Holding) -> None:
    assert unclear(holding) == {}, "say it in shared/domain/privacy/queries/inventory.toml"


def test_a_column_that_nobody_declared_is_noticed() -> None:
    table = Table("guests", MetaData(), Column("id", Integer), Column("secret", String))
    silent = Holding(table=table, name=("", ""), said={"id": ("none",)})
    twice = Holding(table=table, name=("", ""), said={"id": ("none", "free"), "secret": ("free",)})
    assert list(unclear(silent)) == ["secret"]
    assert list(unclear(twice)) == ["id"]


@each
def test_what_is_personal_is_reached_in_exactly_one_way(holding: Holding) -> None:
    ways = [
        holding.of, holding.within, holding.by_record, holding.told,
        holding.thrown_away, holding.searched, holding.staff,
    ]  # fmt: skip
    chosen = len([way for way in ways if way])
    assert chosen <= 1
    if list(holding.columns()):
        assert chosen == 1, "say whose rows these are"
    if chosen:
        assert all(part.strip() for part in holding.name)


@each
def test_whoever_names_a_guest_says_whether_the_row_is_the_guests(holding: Holding) -> None:
    naming = {
        column.name
        for column in holding.table.columns
        if any(key.column is Customer.__table__.c.id for key in column.foreign_keys)
    }
    own = set(holding.of) - ({"id"} if holding.table is Customer.__table__ else set())
    assert naming == own | set(holding.points)


@each
def test_the_ways_lead_somewhere(holding: Holding) -> None:
    names = holding.table.columns.keys()
    if holding.within:
        column, parent = holding.within
        assert holdings()[parent].is_a_guests
        assert {key.column.table.name for key in holding.table.c[column].foreign_keys} == {parent}
    if holding.by_record:
        assert {"form", "record_id"} <= set(names)
    if holding.of_phone:
        assert holding.secrecy(holding.of_phone) == "personal"


def test_nothing_is_declared_that_is_not_there() -> None:
    assert strays() == ()


def test_a_form_that_tells_of_guests_is_theirs() -> None:
    """A declared form with a place for personal data cannot stay out of reach."""
    for register in REGISTERS:
        classes = {found.metadata["class"] for found in declared_fields(register.form).values()}
        if classes & {"personal", "sensitive"}:
            held = holdings()[register.model.__tablename__]
            assert held.is_a_guests or held.staff, register.code
