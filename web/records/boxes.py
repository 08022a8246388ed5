"""The fields of a form as a page shows them: kind of control, label, choices, place on the paper.

Shape: everything comes from the declaration; the kinds are those of macros/fields.html and of
records/controls.html.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from marshmallow import fields

from shared.forms.conditions import Condition
from shared.forms.fields import Choice, Day, Fen, Month, Text, Whole
from shared.forms.kinds import (
    BirthDay,
    Choices,
    FaceChart,
    Flag,
    Hours,
    Instant,
    Phone,
    Picture,
    Pictures,
    Reference,
    References,
    Signature,
    Staff,
)
from shared.forms.record import Record, derived, entered, in_sections
from web.extensions import db
from web.frame import labels
from web.records.pickers import Names
from web.records.shown import UNITS, label_of, said

Field = fields.Field[Any]
FEW = 5  # so many choices stand side by side, more are a list

# a kind of field -> its control; the first that fits, so what is more special stands first
_KINDS: tuple[tuple[Any, str], ...] = (
    (Signature, "signature"),
    (FaceChart, "chart"),
    (Picture, "photo"),
    (Pictures, "photos"),
    (Phone, "phone"),
    (BirthDay, "text"),
    (Text, "text"),
    (Fen, "money"),
    (Reference, "reference"),
    (Whole, "number"),
    (Instant, "datetime"),
    (Month, "month"),
    (Day, "date"),
    (Flag, "bool"),
    (Choices, "multi"),
    (References, "multi"),
    (Hours, "text"),
    (Choice, "select"),
    (Staff, "select"),
)
_HELP = {
    BirthDay: (("1990-05-20,不填年份写 5-20"), ("1990-05-20, or 5-20 without the year")),
    Hours: (("如 12:00-14:00, 20:00-10:00"), ("such as 12:00-14:00, 20:00-10:00")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One field on a page; `texts` are what stands in it, `urls` where its pictures are seen."""

    name: str
    kind: str
    label: str
    width: int
    texts: list[str] = field(default_factory=list)
    shown: str = ""
    help: str = ""
    unit: str = ""
    required: bool = False
    condition: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    urls: list[str] = field(default_factory=list)
    attrs: dict[str, str] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """What the control of its kind takes: all texts or the one."""
        if self.kind == "multi":
            return self.texts
        return self.texts[0] if self.texts else ""


def control(found: Field) -> str:
    """Say which control a field has."""
    if isinstance(found, Text) and found.multiline:
        return "multiline"
    if isinstance(found, Choice) and found.required and len(found.choices) <= FEW:
        return "radio"
    return next((kind for known, kind in _KINDS if isinstance(found, known)), "text")


def box(name: str, found: Field, texts: list[str], names: Names, values: Mapping[str, Any]) -> Box:
    """Make one field ready for the page; `values` decide what is required on a condition."""
    condition: Condition | None = found.metadata.get("required_if")
    kind = control(found)
    return Box(
        name=name,
        kind=kind,
        label=label_of(found),
        width=found.metadata.get("width", 12),
        texts=texts,
        shown=pictures_at()
        if isinstance(found, (Picture, Pictures))
        else _called(found, texts, names),
        help=_help(found),
        unit="" if kind == "money" else str(UNITS.get(found.metadata.get("unit", ""), "")),
        required=found.required or (condition is not None and condition.holds(values)),
        condition=_condition(condition),
        options=_with_present(options(found, names), found, texts),
        url=_address(name, found),
        attrs=_attributes(found, kind),
    )


def options(found: Field, names: Names) -> list[tuple[str, str]]:
    """List what may be chosen: codes with their labels, members with their roles."""
    if isinstance(found, (Choice, Choices)):
        return [(str(code), said(label)) for code, label in found.choices.items()]
    if isinstance(found, References):
        return [(str(one), text) for one, text in names.every(db.session(), found.to).items()]
    if isinstance(found, Staff):
        return [
            (str(person), f"{known.name} · {labels.label(known.roles[0], 'role')}")
            for person, known in names.staff.items()
        ]
    return []


def _with_present(
    listed: list[tuple[str, str]], found: Field, texts: list[str]
) -> list[tuple[str, str]]:
    """Keep somebody who left choosable where they stand."""
    if not isinstance(found, Staff) or not texts or texts[0] in dict(listed):
        return listed
    return [*listed, (texts[0], _("No longer here"))]


@cache
def own_fields(form: type[Record]) -> dict[str, Field]:
    """Give the form's own fields, entered and derived, in its order."""
    own = {**entered(form), **derived(form)}
    return {name: own[name] for names in in_sections(form).values() for name in names}


def sections(form: type[Record], boxes: Iterable[Box]) -> list[tuple[str, list[Box]]]:
    """Sort boxes under the headings of the paper; a section without any is left out."""
    by_name = {one.name: one for one in boxes}
    placed = [
        (said(form.sheet.sections[section]), [by_name[name] for name in names if name in by_name])
        for section, names in in_sections(form).items()
    ]
    return [(title, listed) for title, listed in placed if listed]


def _called(found: Field, texts: list[str], names: Names) -> str:
    if not isinstance(found, Reference) or not texts:
        return ""
    return names.record(found.to, int(texts[0])) if texts[0].isdecimal() else texts[0]


def _address(name: str, found: Field) -> str:
    """Name where a reference is looked for, or a picture is sent."""
    if isinstance(found, Reference):
        return url_for(f"picking.{found.to}")
    return _sending(name) if isinstance(found, (Picture, Pictures)) else ""


def _sending(name: str) -> str:
    code = str(request.blueprint).removesuffix("_pages")
    return url_for(f"attachments_api.send_{code}", field=name)


def pictures_at() -> str:
    """Give the address of the pictures, an id behind it."""
    nobody = str(UUID(int=0))
    return url_for("attachments.show", attachment_id=nobody).removesuffix(nobody)


def _help(found: Field) -> str:
    if "help" in found.metadata:
        return said(found.metadata["help"])
    return next((said(text) for kind, text in _HELP.items() if isinstance(found, kind)), "")


def _condition(condition: Condition | None) -> str:
    return json.dumps(condition.plain()) if condition is not None else ""


def _attributes(found: Field, kind: str) -> dict[str, str]:
    attributes = {}
    if isinstance(found, Text):
        attributes = {"maxlength": str(found.max_length), "autocomplete": "off"}
    if isinstance(found, Pictures):
        attributes = {"data-most": str(found.most)}
    if kind == "datetime" and getattr(found, "past", False):
        attributes["step"] = "60"
    return attributes
