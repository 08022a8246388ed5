"""The list of a declared form: filters, columns, rows and the way on, made from its declaration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from marshmallow import ValidationError, fields

from shared.forms.kinds import Flag, Reference
from shared.forms.record import STATES, State, declared_fields
from shared.records import queries
from shared.records.register import Register, Row
from web import paging
from web.extensions import db
from web.records import asked as asking
from web.records import boxes, shown
from web.records.access import Sight
from web.records.pickers import Names

ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading; `sort` is what a press on it asks for, `order` how it is sorted now."""

    name: str
    label: str
    is_figure: bool
    sort: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row; `cells` stand in the order of the columns, a plain no among them is `faint`."""

    id: int
    cells: list[str]
    faint: frozenset[int]
    state: str
    state_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list, ready to be shown."""

    columns: list[Column]
    lines: list[Line]
    filters: list[boxes.Box]
    count: int
    next: str
    first: str
    asked: asking.ListAsked


def listed(register: Register, seen: Sight) -> Listed:
    """Read the page of the list that the address asks for."""
    session, form = db.session(), register.form
    asked = asking.read(form, request.args, zone=g.tenant.time_zone, unasked=seen.view.unasked)
    own = asked.query(limit=ROWS + 1, after=_after(register, asked.sort), own_of=seen.view.own_of)
    rows = queries.page(session, register, own)
    cut = paging.page(rows, limit=ROWS, position=lambda row: _place(row, asked.sort))
    count = queries.count(session, register, own)
    known = {name: declared_fields(form)[name] for name in form.sheet.columns}
    values = [seen.shown(row, frozenset({*known, "state"})) for row in cut.items]
    names = Names()
    names.learn(session, known, [*values, _picked(asked, form)])
    return Listed(
        columns=[_column(name, found, form.sheet.sorts, asked) for name, found in known.items()],
        lines=[_line(row, known, names) for row in values],
        filters=_filters(register, asked, names, unasked=seen.view.unasked),
        count=count,
        next=_with(asked, after=cut.next) if cut.next else "",
        first=_with(asked) if request.args.get("after") else "",
        asked=asked,
    )


def _after(register: Register, sort: str) -> tuple[Any, int] | None:
    """Read where the last page ended; a mark of another list or order begins anew."""
    try:
        position = paging.after({"cursor": request.args.get("after")})
    except ValidationError:
        return None
    if position is None or len(position) != 3 or position[0] != sort:
        return None
    found = declared_fields(register.form)[sort.removeprefix("-")]
    value = position[1]
    return (value if isinstance(found, fields.String) else found.deserialize(value)), position[2]


def _place(row: Row, sort: str) -> list[Any]:
    value, record_id = queries.position(row, sort)
    plain = value.isoformat() if isinstance(value, (date, datetime)) else value
    return [sort, plain, record_id]


def _column(
    name: str, found: fields.Field[Any], sorts: Sequence[str], asked: asking.ListAsked
) -> Column:
    orders = [order for order in (name, f"-{name}") if order in sorts]
    other = [order for order in orders if order != asked.sort]
    is_sorted = asked.sort.removeprefix("-") == name
    return Column(
        name=name,
        label=shown.label_of(found),
        is_figure=shown.is_figure(found),
        sort=_with(asked, sort=other[0]) if other else "",
        order=("descending" if asked.sort[0] == "-" else "ascending") if is_sorted else "",
    )


def _line(row: Mapping[str, Any], known: Mapping[str, fields.Field[Any]], names: Names) -> Line:
    state = State(row["state"])
    return Line(
        id=row["id"],
        cells=[shown.text(found, row[name], names) for name, found in known.items()],
        faint=frozenset(n for n, name in enumerate(known) if row[name] is False),
        state=state if state != State.SUBMITTED else "",
        state_label=shown.said(STATES[state]),
    )


def _picked(asked: asking.ListAsked, form: Any) -> dict[str, Any]:
    known = declared_fields(form)
    return {n: v for n, v in asked.filters.items() if isinstance(known.get(n), Reference)}


def _filters(
    register: Register, asked: asking.ListAsked, names: Names, *, unasked: frozenset[str]
) -> list[boxes.Box]:
    made = []
    for name in register.form.sheet.filters:
        if name in unasked:
            continue
        found = declared_fields(register.form)[name]
        ends = {"_from": _("from"), "_to": _("to")} if asking.is_range(found) else {"": ""}
        for end, words in ends.items():
            text = asked.typed.get(name + end, "")
            made.append(_filter(name + end, found, words, text, names, register.in_period))
    return made


def _filter(
    name: str, found: fields.Field[Any], words: str, text: str, names: Names, is_lockable: bool
) -> boxes.Box:
    kind, options = boxes.control(found), boxes.options(found, names)
    if words:
        kind = "date"
    elif isinstance(found, Flag):
        kind = "select"
        options = [("", pgettext("filter", "All")), ("true", _("Yes")), ("false", _("No"))]
    elif kind in ("radio", "multi"):
        kind = "select"
    if name == "state":
        options = options if is_lockable else [o for o in options if o[0] != State.LOCKED]
        options = [("", pgettext("state", "All but void")), *options]
    elif kind == "select" and not isinstance(found, Flag):
        options = [("", pgettext("filter", "All")), *options]
    to = found.to if isinstance(found, Reference) else ""
    return boxes.Box(
        name=name,
        kind=kind,
        label=f"{shown.label_of(found)} {words}".strip(),
        width=2,
        texts=[text] if text else [],
        shown=names.record(to, int(text)) if to and text.isdecimal() else "",
        options=options,
        url=url_for(f"picking.{to}") if to else "",
    )


def _with(asked: asking.ListAsked, **changed: str) -> str:
    """Give the address of this list with something else asked for; from its beginning."""
    return url_for(str(request.endpoint), **{**asked.words(), **changed})
