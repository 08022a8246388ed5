"""What a message is, and its wire form.

Shape: a message is a frozen dataclass of ids, numbers, strings, dates and UUIDs; on the wire a
flat JSON object. Unknown fields are dropped and missing ones take their defaults, so old and new
workers read each other's messages.
"""

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeVar
from uuid import UUID

Wire = dict[str, Any]
Queue = Literal["now", "reports", "bulk", "mail", "texts", "hooks"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened, in the past tense; whoever listens gets one job each."""

    wire: ClassVar[str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something to be done, in the imperative; exactly one actor does it."""

    wire: ClassVar[str]
    queue: ClassVar[Queue] = "now"
    max_attempt: ClassVar[int] = 4  # the first try and three retries

    def uniq(self) -> str | None:
        """Name what makes two waiting requests one; None when each one counts."""
        return None


F = TypeVar("F", bound=Fact)
R = TypeVar("R", bound="Request | None")
M = TypeVar("M", bound="Fact | Request")
Listener = Callable[[Any], "Request | None"]

_listeners: dict[type[Fact], list[Listener]] = {}


def on(
    fact: type[F],
) -> Callable[[Callable[[F], "Request | None"]], Callable[[F], "Request | None"]]:
    """Make a function of the listening capability turn each such fact into a request."""

    def register(listener: Callable[[F], R]) -> Callable[[F], R]:
        _listeners.setdefault(fact, []).append(listener)
        return listener

    return register


def listeners(fact: type[Fact]) -> list[Listener]:
    """List who turns this fact into requests."""
    return list(_listeners.get(fact, []))


def to_wire(message: Fact | Request) -> Wire:
    """Flatten a message into JSON values."""
    return {
        field.name: _plain(getattr(message, field.name)) for field in dataclasses.fields(message)
    }


def from_wire(kind: type[M], args: Wire) -> M:
    """Build a message from JSON values, dropping what this version does not know."""
    hints = typing.get_type_hints(kind)
    known = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: _typed(hints[name], args[name]) for name in args if name in known})


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


_READERS: dict[Any, Callable[[Any], Any]] = {
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    UUID: UUID,
}


def _typed(hint: Any, value: Any) -> Any:
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        if value is None:
            return None
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    if typing.get_origin(hint) is tuple:
        return tuple(_typed(typing.get_args(hint)[0], item) for item in value)
    return _READERS.get(hint, lambda same: same)(value)
