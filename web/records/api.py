"""The calls of a declared form, made from its declaration: one blueprint for each register.

Shape: GET and POST /<path>; GET and PATCH /<path>/<id>; POST /<path>/<id>/void, /approval, /reveal;
GET /<path>/<id>/history. A call whose verb the matrix grants to nobody is not served. An answer
with one record carries its version as ETag, and every change names the version seen in If-Match.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, jsonify
from marshmallow import ValidationError, fields

from shared import errors
from shared.forms.dumping import builder
from shared.forms.record import declared_fields
from shared.records import queries, service
from shared.records.register import Register, Row
from tenants.people import permissions
from web import paging
from web.api import ApiBlueprint
from web.auth import NotPermitted, requires
from web.extensions import db
from web.records import access
from web.records.schemas import Change, Reveal, Revealed, Void, filters_of, shapes_of
from web.versions import ETAG, IF_MATCH, seen_version, tagged

_OWN = frozenset({"id", "number", "state", "version"})  # what a maker who may not read learns

Decorate = Callable[[Callable[..., Any]], Callable[..., Any]]


def made_for(register: Register) -> ApiBlueprint:
    """Make the blueprint of one register."""
    sheet = register.form.sheet
    name, about = f"records_{sheet.code.lower()}", f"{sheet.code} {' '.join(sheet.name)}"
    blueprint = ApiBlueprint(name, __name__, description=about)
    for verb, add in (("R", _add_reading), ("C", _add_making), ("U", _add_changing)):
        if permissions.roles_with(sheet.resource, verb):
            add(register, blueprint)
    if permissions.roles_with(sheet.resource, "A") and not sheet.is_made:
        _add_approving(register, blueprint)
    if access.voiding(register):
        _add_voiding(register, blueprint)
    return blueprint


def _add_reading(register: Register, blueprint: ApiBlueprint) -> None:
    sheet, shapes = register.form.sheet, shapes_of(register.form)

    @blueprint.call("GET", f"/{sheet.path}")
    @requires(sheet.resource, "R", only="store")
    @blueprint.takes(shapes.asked, "query")
    @blueprint.gives(200, paging.page_of(shapes.shown))
    @_says(blueprint, register, "列表", "List, as asked for.")
    def list_records(asked: dict[str, Any]) -> Response:
        return _list(register, asked)

    @blueprint.call("GET", f"/{sheet.path}/<id:record_id>")
    @requires(sheet.resource, "R", only="store")
    @blueprint.gives(200, shapes.shown, headers=ETAG)
    @_says(blueprint, register, "查看", "Show one.")
    def get_record(record_id: int) -> Response:
        sight = access.sight(register)
        row = queries.get(db.session(), register, record_id, own_of=sight.view.own_of)
        return _one(register, row)

    @blueprint.call("GET", f"/{sheet.path}/<id:record_id>/history")
    @requires(sheet.resource, "R", only="store")
    @blueprint.takes(paging.PageAsked, "query")
    @blueprint.gives(200, paging.page_of(Change))
    @_says(blueprint, register, "修改历史", "List who changed one, newest first.")
    def list_changes(asked: dict[str, Any], record_id: int) -> Response:
        return _history(register, record_id, asked)

    @blueprint.call("POST", f"/{sheet.path}/<id:record_id>/reveal")
    @requires(sheet.resource, "R", only="store")
    @blueprint.takes(Reveal)
    @blueprint.gives(200, Revealed)
    @_says(blueprint, register, "查看完整信息", "Open masked fields of one; it is written down.")
    def reveal(loaded: dict[str, Any], record_id: int) -> Response:
        return _reveal(register, record_id, loaded)


def _add_making(register: Register, blueprint: ApiBlueprint) -> None:
    sheet, shapes = register.form.sheet, shapes_of(register.form)

    @blueprint.call("POST", f"/{sheet.path}")
    @requires(sheet.resource, "C", only="store")
    @blueprint.takes_plain(shapes.new)
    @blueprint.gives(201, shapes.shown, headers=ETAG)
    @_says(blueprint, register, "新建", "Keep a new one.")
    def add_record(typed: dict[str, Any]) -> Response:
        by = access.editor(register, "C", typed)
        row = service.keep_new(db.session(), register, typed=typed, by=by)
        made = _one(register, row)
        made.status_code = 201
        return made


def _add_changing(register: Register, blueprint: ApiBlueprint) -> None:
    sheet, shapes = register.form.sheet, shapes_of(register.form)

    @blueprint.call("PATCH", f"/{sheet.path}/<id:record_id>")
    @requires(sheet.resource, "U", only="store")
    @blueprint.takes_plain(shapes.change)
    @blueprint.gives(200, shapes.shown, headers=ETAG)
    @_says(blueprint, register, "修改", "Change some fields of one.", parameters=[IF_MATCH])
    def change_record(typed: dict[str, Any], record_id: int) -> Response:
        by = access.editor(register, "U", typed)
        row = service.keep_change(
            db.session(),
            register,
            record_id=record_id,
            version=seen_version(),
            typed=typed,
            by=by,
        )
        return _one(register, row)


def _add_approving(register: Register, blueprint: ApiBlueprint) -> None:
    sheet, shapes = register.form.sheet, shapes_of(register.form)

    @blueprint.call("POST", f"/{sheet.path}/<id:record_id>/approval")
    @requires(sheet.resource, "A", only="store")
    @blueprint.gives(200, shapes.shown, headers=ETAG)
    @_says(blueprint, register, "审核", "Approve one.", parameters=[IF_MATCH])
    def approve_record(record_id: int) -> Response:
        by = access.editor(register, "A")
        row = service.approve(
            db.session(), register, record_id=record_id, version=seen_version(), by=by
        )
        return _one(register, row)


def _add_voiding(register: Register, blueprint: ApiBlueprint) -> None:
    sheet, shapes, verb = register.form.sheet, shapes_of(register.form), access.voiding(register)

    @blueprint.call("POST", f"/{sheet.path}/<id:record_id>/void")
    @requires(sheet.resource, verb, only="store")
    @blueprint.takes(Void)
    @blueprint.gives(200, shapes.shown, headers=ETAG)
    @_says(blueprint, register, "作废", "Void one; its number stays.", parameters=[IF_MATCH])
    def void_record(loaded: dict[str, Any], record_id: int) -> Response:
        row = service.void(
            db.session(), register, record_id=record_id, version=seen_version(),
            reason=loaded["reason"], by=access.editor(register, verb),
        )  # fmt: skip
        return _one(register, row)


def _says(blueprint: ApiBlueprint, register: Register, zh: str, en: str, **more: Any) -> Decorate:
    """Tell the description what a call does, in both languages."""
    name_zh, name_en = register.form.sheet.name
    return blueprint.says(
        summary=f"{name_zh}{zh} · {name_en}: {en[0].lower()}{en[1:].rstrip('.')}", **more
    )


def _one(register: Register, row: Row) -> Response:
    if g.actor.reach(register.form.sheet.resource, "R") is None:
        shown = builder(shapes_of(register.form).shown, _OWN)(row)
    else:
        shown = access.sight(register).shown(row)
    return tagged(jsonify(shown), row.version)


def _list(register: Register, asked: dict[str, Any]) -> Response:
    sight = access.sight(register)
    asked["sort"] = asked["sort"] or register.form.sheet.sorts[0]
    found = queries.page(db.session(), register, _asked(register, sight, asked))
    sort, only = asked["sort"], asked["fields"]
    stands = _standing(register, sort)
    cut = paging.page(found, limit=asked["limit"], position=stands)
    kept = frozenset(only) if only is not None else None
    return jsonify({"items": [sight.shown(row, kept) for row in cut.items], "next": cut.next})


def _asked(register: Register, sight: access.Sight, asked: dict[str, Any]) -> queries.Asked:
    known, hidden = declared_fields(register.form), sight.view.unasked
    filters = {name: asked[name] for name in filters_of(register.form) if asked[name] is not None}
    named = {name if name in known else name.rpartition("_")[0] for name in filters}
    named.add(asked["sort"].removeprefix("-"))
    own_of = sight.view.own_of
    if named & hidden:
        if not named & hidden <= sight.view.closed_of_others:
            raise NotPermitted(permission=f"{register.form.sheet.resource}:R (unmasked)")
        own_of = g.actor.id
    return queries.Asked(
        text=asked["text"] or "",
        by_number_only=bool(hidden & {*register.form.sheet.searched}),
        filters=filters,
        sort=asked["sort"],
        after=_after(register, asked),
        limit=asked["limit"] + 1,
        own_of=own_of,
    )


def _standing(register: Register, sort: str) -> Callable[[Row], list[Any]]:
    name = sort.removeprefix("-")
    found = declared_fields(register.form)[name]
    return lambda row: [sort, found.serialize(name, row), row.id]


def _after(register: Register, asked: Mapping[str, Any]) -> tuple[Any, int] | None:
    position = paging.after(asked)
    if position is None:
        return None
    sort, value, row_id = position
    if sort != asked["sort"]:
        raise ValidationError({"cursor": ["TYPE"]})
    found = declared_fields(register.form)[sort.removeprefix("-")]
    return (value if isinstance(found, fields.String) else found.deserialize(value)), row_id


def _history(register: Register, record_id: int, asked: dict[str, Any]) -> Response:
    sight, session = access.sight(register), db.session()
    row = queries.get(session, register, record_id, own_of=sight.view.own_of)
    after = paging.after(asked)
    changes = queries.history(
        session, register, row.id, before=after[0] if after else None, limit=asked["limit"] + 1
    )
    cut = paging.page(changes, limit=asked["limit"], position=lambda change: [change.id])
    dump = builder(Change)
    return jsonify(
        {"items": [dump(sight.change(change, row)) for change in cut.items], "next": cut.next}
    )


def _reveal(register: Register, record_id: int, loaded: dict[str, Any]) -> Response:
    sight, session = access.sight(register), db.session()
    row = queries.get(session, register, record_id, own_of=sight.view.own_of)
    asked, known = loaded["opened"], declared_fields(register.form)
    if not set(asked) <= known.keys():
        raise errors.FormInvalid(problems=(errors.problem("fields", "ENUM"),))
    if not set(asked) <= sight.view.openable(row):
        raise NotPermitted(permission=f"{register.form.sheet.resource}:R (unmasked)")
    by = access.editor(register, "R")
    reason = f"{', '.join(sorted(set(asked)))}: {loaded['purpose']}"
    service.note_taken_out(session, register, row, action="REVEAL", reason=reason, by=by)
    return jsonify({"values": {name: known[name].serialize(name, row) for name in asked}})
