"""Lists by keyset: a page ends with a signed cursor that works for this tenant and list only."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from flask import current_app, g, request
from itsdangerous import BadData, URLSafeSerializer
from marshmallow import Schema, ValidationError, fields

from shared.forms.dumping import builder
from shared.forms.fields import Form, Text, Whole

MOST = 100
_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
Row = TypeVar("Row")


class Number(Whole):
    """A whole number in a query string, where everything is text."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class PageAsked(Form):
    """How much of a list, and where to go on."""

    limit = Number(("每页行数", "Rows"), minimum=1, maximum=MOST, load_default=50)
    cursor = Text(("续页标记", "Cursor"), max_length=500)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; `next` is None at its end."""

    items: Sequence[Any]
    next: str | None


@cache
def page_of(schema: type[Schema]) -> type[Schema]:
    """Make the schema of a page of such rows; rows are dumped by a function made once."""
    build = builder(schema)

    def dump(self: Schema, page: Page, *, many: bool | None = None) -> dict[str, Any]:
        return {"items": [build(row) for row in page.items], "next": page.next}

    return type(
        f"{schema.__name__}Page",
        (Schema,),
        {
            "items": fields.List(fields.Nested(schema), required=True),
            "next": fields.String(required=True, allow_none=True),
            "dump": dump,
            "__doc__": "A part of a list.",
        },
    )


def after(asked: Mapping[str, Any]) -> list[Any] | None:
    """Read where the last page ended; None at the start.

    Raises: ValidationError when the cursor is not of this tenant and list.
    """
    cursor = asked["cursor"]
    if not cursor:
        return None
    try:
        position: list[Any] = _signer().loads(cursor)
    except BadData as error:
        raise ValidationError({"cursor": ["TYPE"]}) from error
    return position


def page(rows: Sequence[Row], *, limit: int, position: Callable[[Row], list[Any]]) -> Page:
    """Cut a page from up to `limit + 1` rows; `position` says where a row stands in the order."""
    kept = rows[:limit]
    more = len(rows) > limit
    return Page(kept, str(_signer().dumps(position(kept[-1]))) if more else None)


def _signer() -> URLSafeSerializer:
    salt = f"cursor:{g.tenant.name}:{request.endpoint}"
    return URLSafeSerializer(str(current_app.secret_key), salt=salt)
