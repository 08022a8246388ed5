"""How a declared field's value reads on a page: labels, money, moments in store time, names.

Shape: values come as JSON, so that a row, a masked row and a history are shown by one function.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _p
from flask_babel import ngettext
from marshmallow import fields

from shared.forms.fields import Choice, Fen, Label, Ratio, Whole
from shared.forms.kinds import (
    BirthDay,
    Choices,
    Flag,
    Instant,
    Picture,
    Pictures,
    Reference,
    References,
    Staff,
)
from shared.forms.record import State
from web.frame import formats, language
from web.records.pickers import Names

Field = fields.Field[Any]

UNITS: dict[str, Any] = {
    "piece": _p("unit", "pcs"),
    "minute": _p("unit", "min"),
}  # money says its own unit
TONES = {State.DRAFT: "warn", State.APPROVED: "good", State.LOCKED: "still", State.VOID: "bad"}
ACTIONS: dict[str, Any] = {
    "CREATE": _l("Entered"),
    "CHANGE": _l("Changed"),
    "APPROVE": _l("Approved"),
    "VOID": _l("Voided"),
    "REVEAL": _l("Hidden data opened"),
    "COPY": _l("Copy for the guest"),
    "MERGE": _l("Merged with"),
    "MERGED": _l("Merged into"),
    "UNMERGE": _l("Merge taken back"),
    "ARRIVED": _l("Guest arrived"),
    "IN_SERVICE": _l("Treatment begun"),
    "COMPLETED": _l("Treatment done"),
    "NO_SHOW": _l("Did not come"),
    "CANCELLED": _l("Cancelled"),
    "GREET": _l("Guest greeted"),
    "DEPOSIT": _l("Deposit paid"),
    "OVERRIDE": _l("Grade set by hand"),
    "OVERRIDE_END": _l("Computed grade again"),
}


def said(label: Label) -> str:
    """Choose the reader's language of a declared text."""
    return language.chosen(*label)


def label_of(found: Field) -> str:
    """Name a field in the reader's language."""
    return said(found.metadata["label"])


def text(found: Field, value: Any, names: Names) -> str:
    """Write one value for people; nothing is an empty text."""
    if value is None or value == []:
        return ""
    if isinstance(found, (Picture, Pictures)):
        return _pictures(value)
    for kind, write in _WRITERS.items():
        if isinstance(found, kind):
            return str(write(found, value, names))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _pictures(value: Any) -> str:
    count = len(value) if isinstance(value, list) else 1
    told = ngettext("%(num)s picture", "%(num)s pictures", count) if count > 1 else _("Kept")
    return str(told)


def is_figure(found: Field) -> bool:
    """Tell whether values of a field stand in a column of figures."""
    return isinstance(found, (Whole, Ratio)) and not isinstance(found, Reference)


def _flag(found: Field, value: Any, names: Names) -> str:
    return str(_("Yes") if value else _("No"))


def _money(found: Field, value: Any, names: Names) -> str:
    return formats.money(value) if isinstance(value, int) else str(value)


def _whole(found: Field, value: Any, names: Names) -> str:
    return formats.count(value) if isinstance(value, int) else str(value)


def _moment(found: Field, value: Any, names: Names) -> str:
    with suppress(ValueError, TypeError):
        return formats.moment(datetime.fromisoformat(value), g.tenant.time_zone)
    return str(value)


def _choice(found: Any, value: Any, names: Names) -> str:
    chosen = value if isinstance(value, list) else [value]
    known: Mapping[str, Label] = {str(code): label for code, label in found.choices.items()}
    return str(_(", ")).join(said(known[code]) if code in known else str(code) for code in chosen)


_WRITERS: dict[Any, Any] = {
    Flag: _flag,
    Fen: _money,
    Ratio: lambda found, value, names: formats.percent(Decimal(value)),
    Reference: lambda found, value, names: names.record(found.to, value),
    References: lambda found, value, names: str(_(", ")).join(
        names.record(found.to, one) for one in value
    ),
    Staff: lambda found, value, names: names.person(value) or _("No longer here"),
    Instant: _moment,
    BirthDay: lambda found, value, names: value.removeprefix("--"),
    Choice: _choice,
    Choices: _choice,
    Whole: _whole,
    fields.AwareDateTime: _moment,
}
