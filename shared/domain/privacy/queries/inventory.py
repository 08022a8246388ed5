"""What each table holds about people: the classes of its columns, and whose its rows are.

Shape: `inventory.toml` beside this file explains its fields. Of a declared form the declaration
itself says the classes, so that masking, copies and erasure follow one word.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import Column, Table

from shared.domain import tables
from shared.domain.registers import REGISTERS
from shared.forms.fields import Label, Secrecy
from shared.forms.record import declared_fields
from shared.records.register import Register

_FILE = Path(__file__).with_name("inventory.toml")
_CLASSES: tuple[Secrecy, ...] = get_args(Secrecy)
REGISTER_OF: dict[str, Register] = {one.model.__tablename__: one for one in REGISTERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one table holds about people; empty fields say that the table does not work that way.

    Shape: `said` is column -> the classes that somebody said for it, one of them if all is well.
    """

    table: Table
    name: Label
    said: Mapping[str, tuple[Secrecy, ...]]
    of: tuple[str, ...] = ()
    of_phone: str = ""
    within: tuple[str, str] | tuple[()] = ()
    by_record: bool = False
    told: bool = False
    thrown_away: bool = False
    searched: bool = False
    staff: bool = False
    deleted: bool = False
    points: tuple[str, ...] = ()

    @property
    def register(self) -> Register | None:
        """The declared form that the table keeps."""
        return REGISTER_OF.get(self.table.name)

    @property
    def is_a_guests(self) -> bool:
        """Whether rows of it are one guest's."""
        return bool(self.of or self.within or self.by_record or self.told)

    def secrecy(self, column: str) -> Secrecy:
        """Give the class of a column."""
        return self.said[column][0]

    def columns(self, *classes: Secrecy) -> Iterator[Column[Any]]:
        """Give the columns of these classes; without any those of all but `none`."""
        wanted = classes or _CLASSES[1:]
        return (one for one in self.table.columns if self.secrecy(one.name) in wanted)


@cache
def holdings() -> dict[str, Holding]:
    """Read the inventory for every table of both histories; an undeclared column has no class."""
    with _FILE.open("rb") as file:
        blocks = tomllib.load(file)
    found = {
        one.name: one for history in tables.HISTORIES.values() for one in history.sorted_tables
    }
    return {name: _holding(table, dict(blocks.get(name, {}))) for name, table in found.items()}


@cache
def strays() -> tuple[str, ...]:
    """Name what the inventory declares and no table has; for the house test."""
    with _FILE.open("rb") as file:
        blocks = tomllib.load(file)
    return tuple(
        [name for name in blocks if name not in holdings()]
        + [
            f"{name}.{column}"
            for name, holding in holdings().items()
            for column in holding.said
            if column not in holding.table.columns
        ]
    )


def _holding(table: Table, block: dict[str, Any]) -> Holding:
    said: dict[str, tuple[Secrecy, ...]] = {}
    for secrecy in _CLASSES:
        for column in str(block.pop(secrecy, "")).split():
            said[column] = (*said.get(column, ()), secrecy)
    register = REGISTER_OF.get(table.name)
    name = block.pop("name", ("", ""))
    if register is not None:
        name = register.form.sheet.name
        for column, found in declared_fields(register.form).items():
            if column in table.columns:
                said[column] = (*said.get(column, ()), found.metadata["class"])
    lists = {key: tuple(block.pop(key, ())) for key in ("of", "within")}
    points = tuple(str(block.pop("points", "")).split())
    return Holding(table=table, name=tuple(name), said=said, points=points, **lists, **block)  # type: ignore[arg-type]
