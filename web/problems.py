"""Read marshmallow's tree of messages as the specification's list of problems.

Shape: our fields (shared/forms/fields.py) say a code of specification 4.3 where marshmallow
would say a sentence; a sentence of marshmallow's own counts as TYPE.
"""

from typing import Any

from shared.errors import TEXTS, Problem, problem

MOST = 100  # a form of a thousand wrong lines is not explained line by line


def problems_of(messages: Any) -> tuple[Problem, ...]:
    """Flatten `{"lines": {0: {"quantity": ["RANGE"]}}}` into dotted fields, at most a hundred."""
    found: list[Problem] = []
    _walk(messages, "", found)
    return tuple(found[:MOST])


def _walk(messages: Any, path: str, found: list[Problem]) -> None:
    if len(found) >= MOST:
        return
    if isinstance(messages, dict):
        for key, inner in messages.items():
            _walk(inner, _joined(path, key), found)
    elif isinstance(messages, list):
        for message in messages:
            _walk(message, path, found)
    else:
        found.append(problem(path, messages if messages in TEXTS else "TYPE"))


_PLACES = ("_schema", "json", "query", "form", "files", "json_or_form", "querystring")


def _joined(path: str, key: Any) -> str:
    if key == "_schema" or (not path and key in _PLACES):
        return path
    name = str(key)[:80].encode("ascii", "backslashreplace").decode()
    return f"{path}.{name}" if path else name
