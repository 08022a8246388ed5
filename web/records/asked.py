"""What of a list is asked for, from the address of its page.

Shape: `text` is searched, `sort` orders, `after` goes on; a filter stands under its field's name,
ranges as `name_from` and `name_to`. What cannot be read narrows nothing and is said beside it.
Units: a day of a moment is the store's calendar day, both ends included.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields

from shared.errors import problem
from shared.forms.fields import Day
from shared.forms.kinds import Choices, Flag, Instant
from shared.forms.record import Record, declared_fields
from shared.forms.texts import day_of, whole_of
from shared.records.queries import Asked
from web.forms import message, sought

Field = fields.Field[Any]
YES_NO = {"true": True, "false": False}


@dataclass(slots=True)
class ListAsked:
    """The list as asked for; `typed` are the texts as they came."""

    typed: dict[str, str] = field(default_factory=dict)
    filters: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""
    sort: str = "-id"

    def query(self, *, limit: int, after: tuple[Any, int] | None, own_of: UUID | None) -> Asked:
        """Give the question for the database."""
        return Asked(
            text=self.text, filters=self.filters, sort=self.sort, after=after, limit=limit,
            own_of=own_of,
        )  # fmt: skip

    def words(self) -> dict[str, Any]:
        """Give what to write into an address that asks for the same."""
        return {**self.typed, "sort": self.sort} | ({"text": self.text} if self.text else {})

    @property
    def is_narrowed(self) -> bool:
        """Whether somebody asked for less than everything."""
        return bool(self.text or self.filters)


def is_range(found: Field) -> bool:
    """Tell whether a filter is asked for by its two ends."""
    return isinstance(found, (Day, Instant, fields.Date))


def read(
    form: type[Record], args: Mapping[str, str], *, zone: str, unasked: Collection[str]
) -> ListAsked:
    """Read the address of a list; by the fields of `unasked` nothing is sorted or narrowed."""
    sheet, known = form.sheet, declared_fields(form)
    asked = ListAsked(text=sought(args.get("text")))
    sorts = [sort for sort in sheet.sorts if sort.removeprefix("-") not in unasked]
    asked.sort = args["sort"] if args.get("sort") in sorts else sorts[0]
    for name in (name for name in sheet.filters if name not in unasked):
        ends = ("_from", "_to") if is_range(known[name]) else ("",)
        for end in ends:
            typed = args.get(name + end, "").strip()
            if not typed:
                continue
            asked.typed[name + end] = typed
            try:
                asked.filters[name + end] = _value(known[name], typed, end, zone)
            except (ValueError, KeyError, ValidationError, OverflowError):
                asked.problems[name + end] = [message(problem(name, "TYPE"))]
    return asked


def _value(found: Field, typed: str, end: str, zone: str) -> Any:
    if isinstance(found, Instant):
        return _end_of(day_of(typed), end, zone)
    if is_range(found):
        return day_of(typed)
    if isinstance(found, Flag):
        return YES_NO[typed]
    if isinstance(found, Choices):
        return str(found.inner.deserialize(typed))
    is_number = isinstance(found, fields.Integer)
    return found.deserialize(whole_of(typed) if is_number else typed)


def _end_of(day: date, end: str, zone: str) -> datetime:
    first = day if end == "_from" else day + timedelta(days=1)
    at = datetime.combine(first, time.min, ZoneInfo(zone))
    return at if end == "_from" else at - timedelta(microseconds=1)
