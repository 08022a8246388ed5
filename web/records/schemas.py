"""The shapes of a declared form's calls, made from its declaration.

Shape: `<Form>New` and `<Form>Change` are sent, `<Form>Shown` is answered; in it every field may be
null: a person may not see it, or an old row has none.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate

from shared.forms.fields import Choice, Day, Form, Key, Label, Text, Whole, declared
from shared.forms.kinds import Choices, Instant
from shared.forms.record import Record, declared_fields, entered
from tenants.people import permissions
from web import paging

APPROVER = ("approver_login", "approver_password")
_MOST_NAMES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The schemas of one register's calls."""

    new: type[Schema]
    change: type[Schema]
    shown: type[Schema]
    asked: type[Schema]


class Names(fields.Field[tuple[str, ...]]):
    """Some of the form's fields in a query string, `number,phone`."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(load_default=None, metadata={"label": ("只要这些字段", "Fields")})
        self.known = known

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[str, ...]:
        names = tuple(str(value)[:_MOST_NAMES].split(","))
        if not set(names) <= set(self.known):
            raise ValidationError("ENUM")
        return names


class YesNo(fields.Boolean):
    """Yes or no in a query string, `true` or `false`."""

    def __init__(self, label: Label) -> None:
        super().__init__(load_default=None, metadata={"label": label})

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if value not in ("true", "false"):
            raise ValidationError("ENUM")
        return bool(value == "true")


class Void(Form):
    """Why a record is voided."""

    reason = Text(("作废原因", "Reason"), max_length=200, required=True)


class Reveal(Form):
    """Which masked fields somebody opens, and what for."""

    opened = fields.List(
        Text(("字段", "Field"), max_length=60, required=True),
        data_key="fields",
        **declared(("字段", "Fields"), {"required": True, "validate": validate.Length(1, 40)}),
    )
    purpose = Text(("用途", "Purpose"), max_length=100, required=True)


class Revealed(Schema):
    """The opened fields as they are: field -> value."""

    values = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class Change(Schema):
    """One entry of a record's history; `values` is field -> [old, new]."""

    version = fields.Integer(required=True)
    action = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    made_by = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    values = fields.Dict(keys=fields.String(), values=fields.List(fields.Raw()), required=True)


@cache
def shapes_of(form: type[Record]) -> Shapes:
    """Make the schemas of a form's calls."""
    name, label = form.__name__, " ".join(form.sheet.name)
    own, sent = declared_fields(form), {**entered(form), **_approver(form)}
    confirmations = {"confirmations": own["confirmations"]}
    reason = {"change_reason": own["change_reason"]}
    relaxed = {n: _copied(f, required=False, load_default=missing) for n, f in sent.items()}
    as_is = {"required": False, "allow_none": True, "dump_only": False, "validators": []}
    shown = {n: _copied(f, **as_is) for n, f in own.items() if not f.load_only}
    return Shapes(
        new=_schema(f"{name}New", f"{label}: a new one.", {**sent, **confirmations}, Form),
        change=_schema(
            f"{name}Change", f"{label}: what changes.", {**relaxed, **reason, **confirmations}, Form
        ),
        shown=_schema(f"{name}Shown", f"{label}: one as it stands.", shown, Schema),
        asked=_schema(f"{name}Asked", f"{label}: which ones.", _asked(form), paging.PageAsked),
    )


def filters_of(form: type[Record]) -> dict[str, fields.Field[Any]]:
    """List what a list may be narrowed by: query parameter -> how it is read."""
    own, made = declared_fields(form), dict[str, fields.Field[Any]]()
    for name in form.sheet.filters:
        found = own[name]
        label = found.metadata["label"]
        if isinstance(found, (Choice, Choices)):
            made[name] = Choice(label, found.choices)
        elif isinstance(found, fields.Boolean):
            made[name] = YesNo(label)
        elif isinstance(found, Day):
            made |= {f"{name}_{end}": Day(label) for end in ("from", "to")}
        elif isinstance(found, Instant):
            made |= {f"{name}_{end}": Instant(label) for end in ("from", "to")}
        elif isinstance(found, Key):
            made[name] = Key(label)
        elif isinstance(found, Whole):
            made[name] = paging.Number(label, minimum=found.minimum, maximum=found.maximum)
        else:
            raise TypeError(f"{form.sheet.code}: nothing filters by {name}")
    return made


def _asked(form: type[Record]) -> dict[str, fields.Field[Any]]:
    shown = tuple(n for n, f in declared_fields(form).items() if not f.load_only)
    return {
        "text": Text(("查找", "Search"), max_length=80),
        "sort": Text(
            ("排序", "Order"), max_length=60, load_default=form.sheet.sorts[0],
            validate=validate.OneOf(form.sheet.sorts, error="ENUM"),
        ),
        "fields": Names(shown),
        **filters_of(form),
    }  # fmt: skip


def _approver(form: type[Record]) -> dict[str, fields.Field[Any]]:
    """Name the fields in which a second person signs, where somebody may approve this form."""
    if not permissions.roles_with(form.sheet.signed, "A"):
        return {}
    return {
        "approver_login": Text(("批准人账号", "Approver"), max_length=120, load_only=True),
        "approver_password": fields.String(
            **declared(
                ("批准人密码", "Approver's password"),
                {"load_only": True, "validate": validate.Length(max=200, error="LENGTH")},
            )
        ),
    }


def _copied(found: fields.Field[Any], **changed: Any) -> fields.Field[Any]:
    made = copy.copy(found)
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def _schema(
    name: str, doc: str, declared_as: Mapping[str, fields.Field[Any]], base: type[Schema]
) -> type[Schema]:
    return type(name, (base,), {**declared_as, "__doc__": doc})
