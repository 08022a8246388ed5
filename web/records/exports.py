"""Pages that take a register's rows out: ask for a workbook, watch it being made, fetch it once."""

from functools import partial
from io import BytesIO
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.registers import REGISTERS
from shared.events.jobs import publish
from shared.forms import workbook
from shared.records import asking, exporting, queries, runs
from shared.records.events import MakeExport
from shared.records.models import RecordRun
from shared.records.queries import Asked
from shared.records.register import Register
from shared.records.views import View
from tenants.people import permissions
from web.auth import NotPermitted, requires
from web.extensions import db
from web.forms import sought
from web.records import access, desk
from web.records import asked as reading

DIRECT_ROWS = 2_000  # more are made by a job


def exports_of(register: Register) -> Blueprint:
    """Make the pages of one register."""
    sheet = register.form.sheet
    blueprint = Blueprint(
        f"{sheet.code.lower()}_exports", __name__,
        url_prefix=f"/s/<slug>/{sheet.path}/exports", template_folder="templates",
    )  # fmt: skip
    for method, rule, view in (
        ("GET", "", history),
        ("POST", "", ask),
        ("GET", "/<id:run_id>", run),
        ("GET", "/<id:run_id>/progress", progress),
        ("POST", "/<id:run_id>/file", fetch),
    ):
        made = requires(sheet.resource, "X", only="store")(partial(view, register))
        blueprint.add_url_rule(rule, view.__name__, made, methods=[method])
    return blueprint


def history(register: Register) -> ResponseReturnValue:
    """Show what would be taken out, and what was."""
    session, view = db.session(), access.view(register, "X")
    asked, around = _asked(register, view), desk.around()
    count = queries.count(session, register, asked)
    return render_template(
        "records/exports.html",
        register=register,
        sheet=register.form.sheet,
        count=count,
        is_large=count > DIRECT_ROWS,
        words=asking.in_words(register, asked, around.manner(chinese=desk.chinese())),
        kept=[(name, text) for name, text in request.args.items() if name != "after"],
        languages=desk.languages(),
        has_veiled=bool(view.veiled - view.closed_in_lists),
        runs=runs.recent(session, register, "EXPORT", asked_by=g.actor.id),
    )


def ask(register: Register) -> ResponseReturnValue:
    """Make a small workbook at once; ask a job for a large one. Both are written down."""
    session, view = db.session(), access.view(register, "X")
    exporting.one_snapshot(session)
    asked = _asked(register, view)
    by = desk.asker(purpose=sought(request.form.get("purpose"), longest=100) or None)
    kind: workbook.FileFormat = "CSV" if request.form.get("format") == "CSV" else "XLSX"
    name = exporting.file_name(register, kind, chinese=by.chinese, at=f"{g.now:%Y%m%d-%H%M}")
    made = runs.begin(
        session, register, "EXPORT", by, file_name=name,
        asked={**asking.as_json(asked), **runs.view_as_json(view)},
    )  # fmt: skip
    if queries.count(session, register, asked) > DIRECT_ROWS:
        publish(session, MakeExport(run_id=made.id))
        return redirect(url_for(".run", run_id=made.id), 303)
    out = BytesIO()
    wanted = exporting.wanted_of(
        register, made, view, store=g.tenant.display_name, asked_by=g.actor.name
    )
    rows = exporting.export(session, out, wanted, desk.around())
    runs.given(made, rows=rows, now=g.now)
    return desk.file_answer(out.getvalue(), name)


def run(register: Register, run_id: int) -> ResponseReturnValue:
    """Show how far a workbook has come."""
    return render_template(
        "records/export_run.html",
        register=register, sheet=register.form.sheet, run=_mine(register, run_id), now=g.now,
    )  # fmt: skip


def progress(register: Register, run_id: int) -> ResponseReturnValue:
    """Show how far it has come; htmx asks again while it is made, and for the whole page after."""
    found = _mine(register, run_id)
    page = render_template("records/export_progress.html", run=found, now=g.now)
    return page if found.state == "WAITING" else (page, 200, {"HX-Refresh": "true"})


def fetch(register: Register, run_id: int) -> ResponseReturnValue:
    """Give the workbook, once, to who asked for it and may still take it out."""
    found = _mine(register, run_id)
    if runs.is_narrower(access.view(register, "X"), found.asked):
        raise NotPermitted(permission=f"{register.form.sheet.resource}:X")
    content = runs.fetch(db.session(), desk.shelf(), found, now=g.now)
    return desk.file_answer(content, found.file_name)


def _mine(register: Register, run_id: int) -> RecordRun:
    return runs.get(db.session(), register, "EXPORT", run_id, asked_by=g.actor.id)


def _asked(register: Register, view: View) -> Asked:
    """Read the list's own address: what is shown there is what is taken out."""
    hidden = view.unasked
    args: Any = request.values
    asked = reading.read(register.form, args, zone=g.tenant.time_zone, unasked=hidden)
    return asked.query(limit=0, after=None, own_of=view.own_of)


EXPORTS: tuple[Blueprint, ...] = tuple(
    exports_of(register)
    for register in REGISTERS
    if permissions.roles_with(register.form.sheet.resource, "X")
)
