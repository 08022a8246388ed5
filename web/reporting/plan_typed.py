"""The numbers of the plan as they are typed: texts to base units and back.

Form: F11.
"""

import re
from collections.abc import Mapping

from shared.domain.reporting.forms.plans import FIELDS
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Number, Unit
from shared.forms.texts import decimal_text
from web.forms import fen, whole

_TENTHS = re.compile(r"(\d{1,4})(?:\.(\d))?", re.ASCII)


def typed(name: Number, text: str | None) -> int | str | None:
    """Read a number in its unit; what is none stays text, so that the form says so."""
    unit = rules.NUMBERS[name][2]
    if unit is Unit.YUAN:
        return fen(text)
    if unit is Unit.PERSON:
        found = _TENTHS.fullmatch((text or "").strip())
        return int(found[1]) * 10 + int(found[2] or 0) if found else (text or "").strip() or None
    return whole((text or "").replace(",", ""))


def numbers(sent: Mapping[str, str], prefix: str) -> dict[str, int | str | None]:
    """Read one column of a form, by the fields of its declaration."""
    return {field: typed(name, sent.get(f"{prefix}{field}")) for name, field in FIELDS.items()}


def plain(name: str, amount: int | None) -> str:
    """Write a base number the way a field holds it: `12345.60`, `9.5`, `300`."""
    if amount is None:
        return ""
    unit = rules.NUMBERS[Number(name)][2]
    value = rules.shown_values({name: amount})[name]
    return decimal_text(value, places=rules.PLACES[unit])
