"""Rows as JSON values by plain functions, made once for each schema.

marshmallow asks each value through five layers of calls, half the cost of a list. What comes out is
the same (a test compares them over every schema that answers are dumped with): a field that no
function here knows is asked the long way, a schema with hooks is left to marshmallow altogether.
A list that the database has written as JSON text already, in the schema's shape, goes out as it is.
"""

from collections.abc import Callable
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

import orjson
from marshmallow import Schema, fields, missing
from marshmallow.decorators import POST_DUMP, PRE_DUMP
from marshmallow.utils import ensure_text_type, get_value

from shared.days import month_text
from shared.forms.fields import Choice, Month, Ratio
from shared.forms.texts import ratio_text

Build = Callable[[Any], dict[str, Any]]
Say = Callable[[Any], Any]  # a value that is not None -> as JSON says it
_Part = tuple[str, str, Say | None, fields.Field[Any]]


@cache
def builder(schema: type[Schema], only: frozenset[str] | None = None) -> Build:
    """Make the function that dumps one object, or some fields of it, as `schema().dump` would."""
    made = schema(only=only)
    if made._hooks[PRE_DUMP] or made._hooks[POST_DUMP]:
        return made.dump
    parts: list[_Part] = [
        (found.data_key or name, found.attribute or name, _say(found), found)
        for name, found in made.dump_fields.items()
    ]

    if len(parts) < 2 or any(say is None for _, _, say, _ in parts):
        return lambda row: _one_by_one(parts, row)

    names = [attribute for _, attribute, _, _ in parts]
    by_key, by_name = itemgetter(*names), attrgetter(*names)  # all at once, in C
    said = [(key, say) for key, _, say, _ in parts]

    def build(row: Any) -> dict[str, Any]:
        try:
            if isinstance(row, dict):
                values = by_key(row)
            elif _answers_by_key(row):
                return _one_by_one(parts, row)
            else:
                values = by_name(row)
        except (AttributeError, KeyError):  # something is missing, and stays away
            return _one_by_one(parts, row)
        return {
            key: value if value is None or say is _same else say(value)  # type: ignore[misc]
            for (key, say), value in zip(said, values, strict=True)
        }

    return build


def _answers_by_key(row: Any) -> bool:
    return hasattr(row, "__getitem__") and not hasattr(row, "_fields")  # a named tuple's sign


def _one_by_one(parts: list[_Part], row: Any) -> dict[str, Any]:
    read = _reader(row)
    dumped = {}
    for key, attribute, say, found in parts:
        if say is None:
            value = found.serialize(attribute, row, accessor=get_value)
        else:
            value = read(row, attribute, missing)
            if value is not None and value is not missing:
                value = say(value)
        if value is not missing:
            dumped[key] = value
    return dumped


def _reader(row: Any) -> Callable[[Any, str, Any], Any]:
    if isinstance(row, dict):
        return _item
    return get_value if hasattr(row, "__getitem__") else getattr


def _item(row: dict[str, Any], key: str, default: Any) -> Any:
    return row[key] if key in row else getattr(row, key, default)


def _say(found: fields.Field[Any]) -> Say | None:
    """Give the function for one field's values; None where marshmallow has to be asked."""
    if found.dump_default is not missing or "." in (found.attribute or ""):
        return None
    way = _WAYS.get(type(found)._serialize)  # whoever overrides it is not known here
    return way(found) if way is not None else None


def _nested(found: fields.Nested) -> Say | None:
    schema = found.schema
    if found.only or found.exclude or type(found) is not fields.Nested:
        return None
    build = builder(type(schema))
    if found.many or schema.many:
        return lambda rows: [build(row) for row in rows]
    return build


def _list(found: fields.List[Any]) -> Say | None:
    say = _say(found.inner)
    if say is None:
        return None
    return lambda values: (
        orjson.Fragment(values)
        if type(values) is str
        else [None if value is None else say(value) for value in values]
    )


def _instant(found: fields.DateTime) -> Say:
    if found.format == "%Y-%m-%d":  # the years of our forms have four digits
        return lambda value: value.isoformat()
    return found.SERIALIZATION_FUNCS.get(found.format or "", lambda v: v.strftime(found.format))


def _number(found: fields.Number[Any]) -> Say | None:
    if found.as_string:
        return None
    is_plain = type(found)._format_num is fields.Number._format_num
    return found.num_type if is_plain else found._format_num  # one call less for each number


def _text(value: Any) -> str:
    return value if type(value) is str else ensure_text_type(value)


def _same(value: Any) -> Any:
    return value


# how a class writes its values -> what makes the function that does the same
_WAYS: dict[Any, Callable[[Any], Say | None]] = {
    fields.Field._serialize: lambda _: _same,
    fields.String._serialize: lambda _: _text,
    fields.UUID._serialize: lambda _: str,
    fields.Number._serialize: _number,
    fields.DateTime._serialize: _instant,
    fields.List._serialize: _list,
    fields.Nested._serialize: _nested,
    Choice._serialize: lambda _: str,
    Month._serialize: lambda _: month_text,
    Ratio._serialize: lambda _: ratio_text,
}
