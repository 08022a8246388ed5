"""What was asked of a register: kept as JSON for a job, checked against who asks, told in words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marshmallow import fields

from shared import errors
from shared.forms import cells
from shared.forms.cells import Field, Manner
from shared.forms.fields import Label
from shared.forms.kinds import Choices
from shared.forms.record import declared_fields
from shared.records.queries import Asked
from shared.records.register import Register
from shared.records.views import View

_ENDS: dict[str, Label] = {"_from": ("从", "from"), "_to": ("到", "to")}


class HiddenField(errors.Forbidden):
    """Rows cannot be chosen by a field that you may not take out."""

    zh = "不能按无权导出的字段筛选"


def as_json(asked: Asked) -> dict[str, Any]:
    """Write which rows are asked for as JSON; whose they may be is asked again when reading."""
    filters = {name: _json(value) for name, value in asked.filters.items()}
    return {"text": asked.text, "sort": asked.sort, "filters": filters}


def of_json(register: Register, kept: Mapping[str, Any], view: View) -> Asked:
    """Read what was kept, narrowed to what a view allows.

    Raises: HiddenField.
    """
    filters = {
        name: _value(field_of(register, name), value) for name, value in kept["filters"].items()
    }
    asked = Asked(text=kept["text"], filters=filters, sort=kept["sort"], own_of=view.own_of)
    check(register, asked, view)
    return asked


def check(register: Register, asked: Asked, view: View) -> None:
    """Make sure that no row is chosen by what must not be seen: that would show it.

    Raises: HiddenField.
    """
    used = {_base(register, name) for name in asked.filters} | {asked.sort.removeprefix("-")}
    if asked.text:
        used |= set(register.form.sheet.searched)
    hidden = sorted(name for name in used if name in view.unasked)
    if hidden:
        raise HiddenField(fields=hidden)


def in_words(register: Register, asked: Asked, manner: Manner) -> list[tuple[str, str]]:
    """Say what was asked for: (what, how)."""
    said = []
    if asked.text:
        said.append((manner.say(("查找", "Search")), asked.text))
    for name, value in asked.filters.items():
        found = field_of(register, name)
        base = _base(register, name)
        end = _ENDS.get(name.removeprefix(base), ("", ""))
        label = f"{manner.say(found.metadata['label'])} {manner.say(end)}".strip()
        said.append((label, _text(found, value, manner)))
    sort = declared_fields(register.form)[asked.sort.removeprefix("-")]
    downwards = manner.say(("降序", "descending")) if asked.sort.startswith("-") else ""
    label = manner.say(sort.metadata["label"])
    said.append((manner.say(("排序", "Order")), f"{label} {downwards}".strip()))
    return said


def field_of(register: Register, name: str) -> Field:
    """Give the field that a filter asks about; ranges end in `_from` and `_to`."""
    return declared_fields(register.form)[_base(register, name)]


def _base(register: Register, name: str) -> str:
    return name if name in declared_fields(register.form) else name.rpartition("_")[0]


def _json(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, (bool, int)) else str(value)


def _value(found: Field, kept: Any) -> Any:
    if isinstance(found, fields.AwareDateTime):
        return datetime.fromisoformat(kept)
    if isinstance(found, fields.Date):
        return date.fromisoformat(kept)
    return UUID(kept) if isinstance(found, fields.UUID) else kept


def _text(found: Field, value: Any, manner: Manner) -> str:
    one = [value] if isinstance(found, Choices) else value
    return cells.as_read(cells.cell(found, one, manner))
