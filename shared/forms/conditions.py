"""Conditions a declaration may name: when a field must be filled in.

Shape: small values that can be asked (`holds`), told to a page (`plain`) and compared;
a field that is left out is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Plain = list[Any]


class Condition(Protocol):
    """Something that the other fields of a form fulfil or not."""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Ask the values of a form."""

    def plain(self) -> Plain:
        """Write the condition as JSON for the page: the first element names its kind."""

    def fields(self) -> frozenset[str]:
        """Name the fields asked about."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values."""

    field: str
    values: tuple[Any, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Ask the values of a form."""
        return values.get(self.field) in self.values

    def plain(self) -> Plain:
        """`["one_of", field, [values]]`."""
        return ["one_of", self.field, [_json(value) for value in self.values]]

    def fields(self) -> frozenset[str]:
        """Name the field."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The field is a number that reaches the bound."""

    field: str
    bound: int

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Ask the values of a form."""
        value = values.get(self.field)
        return isinstance(value, int) and value >= self.bound

    def plain(self) -> Plain:
        """`["at_least", field, bound]`."""
        return ["at_least", self.field, self.bound]

    def fields(self) -> frozenset[str]:
        """Name the field."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class Present:
    """The field is filled in."""

    field: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Ask the values of a form."""
        return values.get(self.field) is not None

    def plain(self) -> Plain:
        """`["present", field]`."""
        return ["present", self.field]

    def fields(self) -> frozenset[str]:
        """Name the field."""
        return frozenset({self.field})


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold."""

    parts: tuple[Condition, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Ask the values of a form."""
        return all(part.holds(values) for part in self.parts)

    def plain(self) -> Plain:
        """`["every", parts...]`."""
        return ["every", *(part.plain() for part in self.parts)]

    def fields(self) -> frozenset[str]:
        """Name the fields of all parts."""
        return frozenset().union(*(part.fields() for part in self.parts))


@dataclass(frozen=True, slots=True)
class Unless:
    """This does not hold."""

    part: Condition

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Ask the values of a form."""
        return not self.part.holds(values)

    def plain(self) -> Plain:
        """`["unless", part]`."""
        return ["unless", self.part.plain()]

    def fields(self) -> frozenset[str]:
        """Name the fields of the part."""
        return self.part.fields()


def _json(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)
