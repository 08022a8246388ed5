"""Words that name a guest, taken out of what other rows say.

Shape: a word that names somebody else as well, or is part of another guest's name, stays: taking
    it out would harm them. Names are two signs or more, what is written in ASCII four.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, String, Text, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.customers.rules.contact import is_own_number
from shared.domain.customers.service.erasing import MARK
from shared.domain.privacy.queries.inventory import holdings
from shared.domain.privacy.queries.persons import Person
from shared.domain.registers import BY_CODE
from shared.events import queries as jobs

_NAMES = ("name", "guardian_name")
_NAMING = (*_NAMES, "phone", "wechat", "email")
_SHORTEST, _SHORTEST_ASCII = 2, 4
_CHINA = "+86"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A pattern that finds them, in texts and in JSON; empty: there is nothing to look for."""

    pattern: str = ""
    in_json: str = ""


def naming(session: Session, person: Person) -> Words:
    """Gather what names a person, now and in the history of the profiles."""
    found: dict[str, set[str]] = {name: set() for name in _NAMING}
    rows = customers.by_ids(session, person.profiles).values()
    for name in _NAMING:
        found[name] = {value for row in rows if (value := getattr(row, name))}
    for name, value in _written_before(session, person):
        found[name].add(value)
    words = {
        word
        for name, values in found.items()
        for word in values
        if _is_long_enough(word) and not _is_anothers(session, person, name, word)
    }
    phones = words & found["phone"]
    others = words - phones
    others |= {
        row.number
        for row in rows
        if _is_long_enough(row.number) and not is_own_number(row.number, row.id)
    }
    return Words(
        pattern=_pattern([*map(_phone, phones), *map(_word, others)]),
        in_json=_pattern([*map(_phone, phones), *(_word(_as_json(word)) for word in others)]),
    )


def take_out(session: Session, words: Words, *, tenant: str) -> int:
    """Put the mark in place of the words, wherever somebody typed them; give how many rows had any.

    Locks: those rows, and job rows.
    """
    if not words.pattern:
        return 0
    changed = 0
    for holding in holdings().values():
        columns = [one for one in holding.columns() if _is_text(one)]
        if not columns or holding.staff or holding.table.metadata is not _TENANT:
            continue
        changed += session.execute(
            update(holding.table)
            .where(or_(*(_has(one, words) for one in columns)))
            .values({one.name: _without(one, words) for one in columns})
        ).rowcount  # type: ignore[attr-defined]
    return changed + jobs.take_out_words(session, tenant=tenant, pattern=words.in_json, mark=MARK)


_TENANT = holdings()["customers"].table.metadata


def _written_before(session: Session, person: Person) -> Iterator[tuple[str, str]]:
    values, changes = holdings()["record_change_values"].table, holdings()["record_changes"].table
    wanted = (
        select(values.c.field, values.c.old, values.c.new)
        .join(changes, changes.c.id == values.c.change_id)
        .where(
            changes.c.form == BY_CODE["F04"].code,
            changes.c.record_id.in_(person.profiles),
            values.c.field.in_(_NAMING),
        )
    )
    for name, *both in session.execute(wanted):
        yield from ((name, value) for value in both if isinstance(value, str) and value)


def _is_long_enough(word: str) -> bool:
    return word != MARK and len(word) >= (_SHORTEST_ASCII if word.isascii() else _SHORTEST)


def _is_anothers(session: Session, person: Person, name: str, word: str) -> bool:
    table = holdings()["customers"].table
    meets = (
        or_(*(table.c[one].contains(word, autoescape=True) for one in _NAMES))
        if name in _NAMES
        else table.c[name] == word
    )
    others = table.c.id.not_in(person.profiles)
    wanted = select(table.c.id).where(others, table.c.restricted_at.is_(None), meets).limit(1)
    return session.scalar(wanted) is not None


def _pattern(parts: Iterable[str]) -> str:
    return "|".join(sorted(parts, key=len, reverse=True))


def _word(word: str) -> str:
    escaped = re.escape(word)
    return rf"(?<![0-9A-Za-z]){escaped}(?![0-9A-Za-z])" if word.isascii() else escaped


def _phone(phone: str) -> str:
    digits = [sign for sign in phone.removeprefix(_CHINA) if sign.isdigit()]
    return rf"(?<![0-9])(\+?86[ -]?)?{'[ -]?'.join(digits)}(?![0-9])"


def _as_json(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)[1:-1]


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, (String, JSONB))


def _has(column: Column[Any], words: Words) -> Any:
    if isinstance(column.type, JSONB):
        return cast(column, Text).regexp_match(words.in_json, flags="i")
    return column.regexp_match(words.pattern, flags="i")


def _without(column: Column[Any], words: Words) -> Any:
    if isinstance(column.type, JSONB):
        text = func.regexp_replace(cast(column, Text), words.in_json, MARK, "gi")
        return cast(text, column.type)
    text = func.regexp_replace(column, words.pattern, MARK, "gi")
    length = getattr(column.type, "length", None)
    return func.left(text, length) if length else text
