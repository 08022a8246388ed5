"""Files of sales as pages: send one, watch it, take the bad rows back."""

from io import BytesIO

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from shared.domain.catalog import queries as catalog
from shared.domain.sales.queries import imports
from shared.domain.sales.service import import_parsing, importing
from shared.errors import DomainError, problem
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, Refused, reasons_of
from web.frame import language, live

blueprint = Blueprint(
    "import_pages", __name__, url_prefix="/s/<slug>/imports", template_folder="../templates"
)

SHOWN_BAD_ROWS = 50


@blueprint.get("")
@requires("import", "R", only="store")
def history() -> ResponseReturnValue:
    """List the files that came, and take a new one."""
    return _history({})


@blueprint.post("")
@requires("import", "C", only="store")
def receive() -> ResponseReturnValue:
    """Take in a file; a job imports its rows."""
    try:
        run = importing.receive_file(
            db.session(),
            file_name=_sent().filename or "",
            content=_sent().read(),
            actor_id=g.actor.id,
            now=g.now,
            own_store={g.tenant.display_name, g.tenant.code, g.tenant.slug},
        )
    except DomainError as error:
        found = reasons_of(error)
        return _history({"file": [text for texts in found.values() for text in texts]}), 422
    return redirect(url_for("import_pages.run", run_id=run.id), 303)


@blueprint.get("/<id:run_id>")
@requires("import", "R", only="store")
def run(run_id: int) -> ResponseReturnValue:
    """Show how far a file has come, and its bad rows."""
    session = db.session()
    return render_template(
        "sales/import_run.html",
        run=imports.get(session, run_id),
        bad_rows=imports.rows(session, run_id, state="BAD", limit=SHOWN_BAD_ROWS),
        columns=_column_names(),
    )


@blueprint.get("/<id:run_id>/progress")
@requires("import", "R", only="store")
def progress(run_id: int) -> ResponseReturnValue:
    """Show how far a file has come; at its end the page is read again, for its bad rows."""
    found = imports.get(db.session(), run_id)
    counts = (found.rows_total, found.rows_done, found.rows_saved, found.rows_known, found.rows_bad)
    return live.part(
        "sales/import_progress.html",
        facts=(found.state, *counts),
        is_over=found.state in ("DONE", "FAILED"),
        run=found,
    )


@blueprint.get("/<id:run_id>/bad-rows")
@requires("import", "R", only="store")
def bad_rows(run_id: int) -> ResponseReturnValue:
    """Give the bad rows back in the same kind of file, the reasons beside them."""
    content, name = importing.bad_rows_file(db.session(), run_id)
    return send_file(BytesIO(content), as_attachment=True, download_name=name)


@blueprint.get("/<id:run_id>/checked")
@requires("import", "R", only="store")
def checked(run_id: int) -> ResponseReturnValue:
    """Give the whole file back, the reasons beside the bad rows, to repair and send again."""
    content, name = importing.bad_rows_file(db.session(), run_id, everything=True)
    return send_file(BytesIO(content), as_attachment=True, download_name=name)


def _column_names() -> dict[str, str]:
    place = 1 if language.is_chinese() else 0
    return {field: names[place] for field, names in import_parsing.HEADERS.items()}


def _sent() -> FileStorage:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refused(problems=(problem("file", "REQUIRED"),))
    return sent


def _history(problems: Reasons) -> str:
    return render_template(
        "sales/imports.html",
        runs=imports.runs(db.session()),
        has_items=catalog.has_items(db.session()),
        problems=problems,
        columns=[
            {
                "name": "、".join(dict.fromkeys((names[1], names[0]))),
                "note": _("needed") if field in import_parsing.NEEDED else "",
            }
            for field, names in import_parsing.HEADERS.items()
        ],
    )
