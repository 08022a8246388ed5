"""What search over everything is made of: a capability's source, and the hits that it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flask import g
from sqlalchemy.orm import Session

MOST = 6  # of one source; who needs more searches on the list's own page


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One line of an answer; without an address it only says that it is there."""

    text: str
    note: str = ""
    end: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a capability can find, and the permission of the matrix that it takes.

    `find` gets what was typed, never empty, and gives up to MOST hits with one statement; it shows
    no more than this person's reach allows.
    """

    heading: Any  # a lazy text
    icon: str
    find: Callable[[Session, str], Sequence[Hit]]
    resource: str
    verb: str = "R"
    only: Literal["store", "hq"]

    def is_open(self) -> bool:
        """Whether this person may look here."""
        allowed: bool = g.actor.may(self.resource, self.verb)
        return self.only == g.tenant.kind and allowed
