"""Turn what marshmallow refuses into problems with the specification's codes.

Shape: a field says what is wrong as `CODE` or `CODE|中文|English`, with a code of errors.TEXTS.
"""

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from shared.errors import TEXTS, Problem, problem

_WHOLE_FORM = "_schema"


def said(code: str, zh: str = "", en: str = "") -> str:
    """Write a code, and better words than the specification's general ones, as one text."""
    return f"{code}|{zh}|{en}" if zh or en else code


def problems_of(error: ValidationError) -> tuple[Problem, ...]:
    """List everything marshmallow found, each with its dotted path such as `lines.0.item_id`."""
    return tuple(_walk(error.messages, ()))


def _walk(found: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(found, dict):
        for name, below in found.items():
            yield from _walk(below, path if name == _WHOLE_FORM else (*path, str(name)))
    elif isinstance(found, list):
        for below in found:
            yield from _walk(below, path)
    else:
        yield _problem(".".join(path), str(found))


def _problem(field: str, text: str) -> Problem:
    code, _, words = text.partition("|")
    if code not in TEXTS:
        return problem(field, "TYPE", en=text)
    zh, _, en = words.partition("|")
    return problem(field, code, zh=zh or None, en=en or None)
