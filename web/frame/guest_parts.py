"""What a capability puts on the page of one guest (顾客): a part with lines, and the next steps.

A capability has a module `web/<capability>/guest.py` with one function `part(session, guest)`. It
asks for the person's permission itself and gives None to who may see nothing; `guest` lists them.
A part that is there and empty says so: that no card was bought is worth knowing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from web.frame.home_parts import Line as Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """The guest whose page it is, as the asking person sees the profile.

    Shape: `profiles` are the ids of all profiles that are this person; `values` is the profile as
        JSON, closed fields empty and masked ones masked; `closed` names the closed ones.
    """

    id: int
    profiles: frozenset[int]
    values: Mapping[str, Any]
    closed: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a part; texts as they are shown, `tone` colours `stamp`."""

    text: str
    day: date | None = None
    note: str = ""
    end: str = ""
    stamp: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one capability knows of a guest; `key` names it for programs.

    Shape: `count` is how many lines there are in all, `more` where they are listed; `pictures` are
        addresses; `steps` stand with those of the others, at the top. With nothing to show and
        nothing to say about it (`empty`), only the steps are seen.
    """

    key: str
    title: str
    icon: str
    empty: str
    lines: Sequence[Line] = field(default=())
    count: int = 0
    more: str = ""
    pictures: Sequence[str] = field(default=())
    steps: Sequence[Step] = field(default=())
