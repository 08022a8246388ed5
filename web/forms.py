"""What a page does with a form: texts to values, and what was refused back beside the fields."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from marshmallow import ValidationError

from shared.errors import DomainError, Problem
from shared.forms.fields import FIRST_DAY, LAST_DAY, Form
from shared.forms.problems import problems_of
from web.frame import formats, language

Reasons = dict[str, list[str]]


def loaded(form: Form, typed: dict[str, Any], *, also: Iterable[Problem] = ()) -> Any:
    """Load a declared form from values; `also` are problems the page found while reading texts.

    Raises: Refused with everything that is wrong, a field's first finding winning.
    """
    found = list(also)
    try:
        value = form.load(typed)
    except ValidationError as error:
        known = {problem.field for problem in found}
        found += [problem for problem in problems_of(error) if problem.field not in known]
    if found:
        raise Refused(problems=tuple(found))
    return value


class Refused(DomainError):
    """The form has errors."""


def reasons_of(error: DomainError) -> Reasons:
    """Sort what was refused by field, in the reader's language; "" is the whole form."""
    sorted_by_field: defaultdict[str, list[str]] = defaultdict(list)
    for problem in error.problems:
        sorted_by_field[problem.field].append(message(problem))
    if not error.problems:
        sorted_by_field[""].append(language.chosen(error.message_zh, error.message_en))
    return dict(sorted_by_field)


def message(problem: Problem) -> str:
    """Say what is wrong in the reader's language."""
    return language.chosen(problem.message_zh, problem.message_en)


def fen(text: str | None) -> int | str | None:
    """Read yuan as fen; what is no money stays text, so that the form says so; empty is None."""
    bare = (text or "").strip()
    amount = formats.read_money(bare)
    return (bare or None) if amount is None else amount


def whole(text: str | None) -> int | str | None:
    """Read a whole number; what is none stays text, so that the form says so; empty is None."""
    bare = (text or "").strip()
    return int(bare) if bare.isdecimal() and len(bare) < 19 else bare or None


def day_of(text: str | None) -> date | None:
    """Read the day an address names; what is no day, or one with none before or after, is none."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def sought(text: str | None, *, longest: int = 80) -> str:
    """Read what somebody looks for; what no keyboard types, like NUL, is dropped, not refused."""
    return "".join(sign for sign in text or "" if sign.isprintable())[:longest].strip()


def key_of(text: str | None) -> UUID:
    """Read the key a form was given when it was shown; a form without one gets a new one."""
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
