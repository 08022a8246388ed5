"""What pages and API read of people and tokens: the forms, and what they mean."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from shared.forms.fields import Form, Text
from tenants.people import api_tokens
from tenants.people.members import ROLES_OF
from tenants.people.permissions import ROLES

MOST_SCOPES = 20
_CODES: dict[str, Any] = {"required": "REQUIRED", "null": "REQUIRED", "invalid": "TYPE"}
DAYS = (30, 90, 180, api_tokens.LONGEST_DAYS)


class Scope(fields.String):
    """What a token may do: `resource:verbs`."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if not isinstance(value, str):
            raise ValidationError("TYPE")
        if not api_tokens.is_scope(value):
            raise ValidationError("ENUM")
        return value


class Role(fields.String):
    """The code of a role."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            validate=validate.OneOf(ROLES, error="ENUM"), error_messages=_CODES, **options
        )


class NewToken(Form):
    """A name for a personal token, what it may do, and how long."""

    label = Text(("名称", "Label"), max_length=80, required=True)
    scopes = fields.List(
        Scope(),
        load_default=lambda: [api_tokens.ALL],
        validate=validate.Length(1, MOST_SCOPES, error="RANGE"),
        error_messages=_CODES,
        metadata={"description": "`resource:verbs`, such as `F08:CR`, `*:RX`, `*:*` (the default)"},
    )
    days = fields.Integer(
        strict=True,
        error_messages={**_CODES, "too_large": "RANGE"},
        load_default=90,
        validate=validate.Range(1, api_tokens.LONGEST_DAYS, error="RANGE"),
        metadata={"description": "until it opens nothing any more"},
    )


_MOST_ROLES = validate.Length(0, len(ROLES), error="RANGE")


class Roles(Form):
    """The roles somebody shall have, and those he or she was believed to have."""

    roles = fields.List(Role(), required=True, validate=_MOST_ROLES, error_messages=_CODES)
    seen = fields.List(Role(), load_default=None, validate=_MOST_ROLES, error_messages=_CODES)


class NewMember(Form):
    """Whom to invite, as what."""

    address = Text(("邮箱或手机号", "Mail or phone"), max_length=120, required=True)
    name = Text(("姓名", "Name"), max_length=80, required=True, secrecy="personal")
    roles = fields.List(Role(), required=True, validate=_MOST_ROLES, error_messages=_CODES)


def roles_here(kind: str) -> tuple[str, ...]:
    """List the roles that this kind of tenant has."""
    return ROLES_OF["hq" if kind == "hq" else "store"]
