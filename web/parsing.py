"""Read request bodies and query strings strictly: what is unclear is refused, not guessed.

Shape: JSON without duplicate keys, NaN, NUL or surrogate in a key, and at most 32 levels deep;
a query string names each parameter once.
"""

import json
from typing import Any, NoReturn

import flask
import marshmallow
from webargs import core
from webargs.flaskparser import FlaskParser, abort, is_json_request
from webargs.multidictproxy import MultiDictProxy

DEEPEST = 32


class StrictParser(FlaskParser):
    """webargs, refusing unknown query parameters, repeated ones and loose JSON."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": marshmallow.RAISE,
        "querystring": marshmallow.RAISE,
        "files": marshmallow.RAISE,
    }

    def _raw_load_json(self, req: flask.Request) -> Any:
        if not is_json_request(req):
            return core.missing
        return read_json(req.get_data(cache=True))

    def load_querystring(self, req: flask.Request, schema: marshmallow.Schema) -> MultiDictProxy:
        """Hand over the query string; a parameter written twice is refused."""
        repeated = [name for name, values in req.args.lists() if len(values) > 1]
        if repeated:
            raise marshmallow.ValidationError({name: ["TYPE"] for name in repeated[:10]})
        return self._makeproxy(req.args, schema)

    def handle_error(
        self,
        error: marshmallow.ValidationError,
        req: flask.Request,
        schema: marshmallow.Schema,
        *,
        error_status_code: int | None,
        error_headers: Any,
    ) -> NoReturn:
        """Let web/errors.py answer, without webargs' layer that names the place."""
        (found,) = error.messages_dict.values()
        raise marshmallow.ValidationError(found)

    def _handle_invalid_json_error(
        self, error: Any, req: flask.Request, *args: Any, **kwargs: Any
    ) -> NoReturn:
        abort(400, exc=error)


def plain_object(req: flask.Request) -> dict[str, Any]:
    """Read the body as a JSON object.

    Raises: marshmallow.ValidationError; aborts with 400 or 415.
    """
    if not is_json_request(req):
        abort(415)
    try:
        value = read_json(req.get_data(cache=True))
    except json.JSONDecodeError as error:
        abort(400, exc=error)
    if not isinstance(value, dict):
        raise marshmallow.ValidationError("TYPE")
    return value


def read_json(body: bytes) -> Any:
    """Read strict JSON.

    Raises: json.JSONDecodeError for everything that is not.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError) as error:  # bad UTF-8, a number of 5,000 digits, too deep
        raise json.JSONDecodeError("not acceptable", " ", 0) from error
    if _depth(value) > DEEPEST:
        raise json.JSONDecodeError("too deep", " ", 0)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate key")
    for key in made:
        key.encode("utf-8")  # a lone surrogate is a ValueError
        if "\x00" in key:
            raise ValueError("NUL in key")
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _depth(value: Any) -> int:
    """Count levels without recursion: the body chose them."""
    deepest, layer = 0, [value]
    while layer and deepest <= DEEPEST:
        deepest += 1
        inner: list[Any] = []
        for item in layer:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        layer = [item for item in inner if isinstance(item, (dict, list))]
    return deepest
