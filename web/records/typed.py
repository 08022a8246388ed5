"""What a browser sends of a declared form, as JSON values; and values as its fields hold them.

Shape: a field stands in a page under its own name; a list of ticks has one text for each. What
cannot be read stays text, so that the declaration says what is wrong with it.
Units: money is typed in yuan, moments on the store's own clock.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields

from shared.forms.fields import Day, Fen, Whole
from shared.forms.kinds import BirthDay, Choices, Flag, Hours, Instant, Pictures, References
from shared.forms.texts import day_of, fen_of, whole_of, yuan_text

Texts = list[str]
Field = fields.Field[Any]

_TO = re.compile(r"\s*[-–—~至]\s*")
_HOURS_APART = re.compile(r"[,;\s、]+")
_MONTH_DAY = re.compile(r"-{0,2}(\d{1,2})(?:[-/.]|月)(\d{1,2})日?", re.ASCII)


def read(found: Field, texts: Sequence[str], *, zone: str) -> Any:
    """Read what stands in one field; empty is None, or no for a tick."""
    filled = [text for text in texts if text.strip()]
    if isinstance(found, Flag):
        return bool(filled)
    if isinstance(found, Hours):
        return _hours(" ".join(filled)) or None
    if isinstance(found, Pictures):
        return " ".join(filled).split() or None
    if isinstance(found, (Choices, References)):
        return [_one(found.inner, text, zone) for text in filled] or None
    if not filled:
        return None
    return _one(found, filled[-1], zone)


def texts(found: Field, value: Any, *, zone: str) -> Texts:
    """Write a JSON value as its field holds it: the opposite of `read`."""
    if value is None or value is False:
        return []
    if isinstance(value, list):
        parts = [str(part) for part in value]
        if isinstance(found, Pictures):
            return [" ".join(parts)]
        return [", ".join(parts)] if isinstance(found, Hours) else parts
    if value is True:
        return ["true"]
    if isinstance(found, Instant):
        return [_local(value, zone)]
    return [yuan_text(value) if isinstance(found, Fen) else str(value)]


def _one(found: Field, text: str, zone: str) -> Any:
    for kind, reader in _READERS.items():
        if isinstance(found, kind):
            with suppress(ValueError):
                return reader(text)
            return text
    return _instant(text, zone) if isinstance(found, Instant) else text


def _birthday(text: str) -> str:
    """Read a whole day, or `5-20` without a year."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if found := _MONTH_DAY.fullmatch(plain):
        return f"--{int(found[1]):02d}-{int(found[2]):02d}"
    return f"{day_of(plain)}"


def _hours(text: str) -> list[str]:
    plain = _TO.sub("-", unicodedata.normalize("NFKC", text))
    parts = (part for part in _HOURS_APART.split(plain) if part)
    return ["-".join(end.zfill(5) for end in part.split("-")) for part in parts]


def _instant(text: str, zone: str) -> str:
    """Read a moment without an offset as one on the store's clock."""
    with suppress(ValueError, OverflowError):
        read = datetime.fromisoformat(text.strip())
        return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))).isoformat()
    return text


def _local(value: str, zone: str) -> str:
    with suppress(ValueError, OverflowError):
        local = datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        return local.isoformat(timespec="seconds" if local.second else "minutes")
    return value


_READERS: Mapping[type[Field], Callable[[str], Any]] = {
    Fen: fen_of,  # before Whole, which it is one of
    Whole: whole_of,
    Day: lambda text: f"{day_of(text)}",
    BirthDay: _birthday,
}
