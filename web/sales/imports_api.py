"""Files of sales as JSON: upload, progress, the rows that could not be imported.

Rows may hold names and phones, so only who may import sees them; the auditor sees the counts.
"""

from io import BytesIO
from typing import Any

from flask import Response, g, send_file
from flask_smorest.fields import Upload
from marshmallow import Schema, fields

from shared.domain.sales.queries import imports as queries
from shared.domain.sales.service import importing
from shared.forms.fields import Form
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("imports", __name__, description="导入 files of sales")

_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class NewImport(Form):
    """A CSV or XLSX file of this store's sales."""

    file = Upload(required=True, error_messages={"required": "REQUIRED"})


class ImportRun(Schema):
    """A file and how far its import has come."""

    id = fields.Integer(required=True)
    file_name = fields.String(required=True)
    file_format = fields.String(required=True)
    sha256 = fields.String(required=True)
    state = fields.String(required=True)
    rows_total = fields.Integer(required=True)
    rows_done = fields.Integer(required=True)
    rows_saved = fields.Integer(required=True)
    rows_known = fields.Integer(required=True)
    rows_bad = fields.Integer(required=True)
    created_by = fields.UUID(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class RowProblem(Schema):
    """What is wrong with one cell."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    message_zh = fields.String(required=True)
    message_en = fields.String(required=True)


class ImportRow(Schema):
    """A row of the file that could not be imported."""

    line_no = fields.Integer(required=True)
    cells = fields.List(fields.String(), required=True)
    state = fields.String(required=True)
    problems = fields.List(fields.Nested(RowProblem), required=True)


@blueprint.call("GET", "/imports")
@requires("import", "R")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(ImportRun))
def list_imports(asked: dict[str, Any]) -> paging.Page:
    """List imported files, newest first."""
    after = paging.after(asked)
    rows = queries.runs(db.session(), before=after[0] if after else None, limit=asked["limit"] + 1)
    return paging.page(rows, limit=asked["limit"], position=lambda run: [run.id])


@blueprint.call("POST", "/imports")
@requires("import", "C", only="store")
@blueprint.takes(NewImport, "files")
@blueprint.gives(202, ImportRun)
def receive_file(loaded: dict[str, Any]) -> Any:
    """Take in a file; jobs import its rows."""
    return importing.receive_file(
        db.session(),
        file_name=loaded["file"].filename or "",
        content=loaded["file"].read(),
        actor_id=g.actor.id,
        now=g.now,
        own_store={g.tenant.display_name, g.tenant.code, g.tenant.slug},
    )


@blueprint.call("GET", "/imports/<id:run_id>")
@requires("import", "R")
@blueprint.gives(200, ImportRun)
def get_import(run_id: int) -> Any:
    """Show how far an import has come."""
    return queries.get(db.session(), run_id)


@blueprint.call("GET", "/imports/<id:run_id>/bad-rows")
@requires("import", "C")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(ImportRow))
def list_bad_rows(asked: dict[str, Any], run_id: int) -> paging.Page:
    """List the rows that could not be imported, with reasons, by line."""
    after = paging.after(asked)
    session = db.session()
    rows = queries.rows(
        session,
        queries.get(session, run_id).id,
        state="BAD",
        after=after[0] if after else 0,
        limit=asked["limit"] + 1,
    )
    return paging.page(rows, limit=asked["limit"], position=lambda row: [row.line_no])


@blueprint.call("GET", "/imports/<id:run_id>/bad-rows/file")
@requires("import", "C")
@blueprint.gives_file(*_TYPES.values())
def bad_rows_file(run_id: int) -> Response:
    """Give the file of bad rows back, to be repaired and sent again."""
    content, name = importing.bad_rows_file(db.session(), run_id)
    kind = _TYPES[".xlsx" if name.endswith(".xlsx") else ".csv"]
    return send_file(BytesIO(content), mimetype=kind, download_name=name, as_attachment=True)
