"""What a capability puts on the store's home page (门店首页): figures, panels, tasks, alarms.

A capability has a module `web/<capability>/home.py` with one function `part(session)`, which asks
for the person's permission itself and gives an empty part to who may see nothing; web/frame/home.py lists
them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of today in the head row; texts as they are shown."""

    name: str
    value: str
    foot: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A sheet of its own: a template that sees `values` under its name `panel`."""

    template: str
    values: Mapping[str, Any]
    is_narrow: bool = False  # at the side, beneath tasks and alarms


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that waits for this person, and the page where it is done."""

    stamp: str
    tone: str
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one capability gives; alarms are what went wrong, tasks what is due."""

    figures: Sequence[Figure] = field(default=())
    panels: Sequence[Panel] = field(default=())
    tasks: Sequence[Line] = field(default=())
    alarms: Sequence[Line] = field(default=())
