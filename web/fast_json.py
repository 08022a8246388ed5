"""JSON answers by orjson: the fastest measured, and the one that takes JSON text as it is."""

from typing import Any

import orjson
from flask import Response, current_app
from flask.json.provider import DefaultJSONProvider


class FastJson(DefaultJSONProvider):
    """Flask's JSON, written by orjson; keys stay in the order in which they were made."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **options: Any) -> str:
        """Write for whoever wants text, with options of its own the long way."""
        return super().dumps(obj, **options) if options else self._written(obj).decode()

    def response(self, *args: Any, **named: Any) -> Response:
        """Answer without a detour through text."""
        body = self._written(self._prepare_response_obj(args, named))
        return current_app.response_class(body, mimetype=self.mimetype)

    def _written(self, obj: Any) -> bytes:
        try:
            return orjson.dumps(obj, default=self.default)
        except TypeError:  # numbers as keys become texts; asking for that costs every answer
            return orjson.dumps(obj, default=self.default, option=orjson.OPT_NON_STR_KEYS)
