"""Pages that bring a register's rows in: an empty workbook, a filled one judged, shown, kept."""

from functools import partial
from io import BytesIO
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.registers import REGISTERS
from shared.errors import DomainError, problem
from shared.forms.record import declared_fields
from shared.records import blank, exporting, importing, returning, runs
from shared.records.models import RecordRun
from shared.records.register import Register
from tenants.people import permissions
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, Refused, reasons_of
from web.frame import language
from web.records import access, desk

SHOWN_LINES = 50


def imports_of(register: Register) -> Blueprint:
    """Make the pages of one register."""
    sheet = register.form.sheet
    blueprint = Blueprint(
        f"{sheet.code.lower()}_imports", __name__,
        url_prefix=f"/s/<slug>/{sheet.path}/imports", template_folder="templates",
    )  # fmt: skip
    for method, rule, view in (
        ("GET", "", history),
        ("POST", "", receive),
        ("GET", "/blank", blank_workbook),
        ("GET", "/<id:run_id>", run),
        ("GET", "/<id:run_id>/progress", progress),
        ("GET", "/<id:run_id>/checked", checked),
        ("POST", "/<id:run_id>/confirmation", confirm),
        ("POST", "/<id:run_id>/cancellation", cancel),
    ):
        made = requires(sheet.resource, "C", only="store")(partial(view, register))
        blueprint.add_url_rule(rule, view.__name__, made, methods=[method])
    return blueprint


def history(register: Register) -> ResponseReturnValue:
    """List one's own workbooks, and take a new one."""
    return _history(register, {})


def blank_workbook(register: Register) -> ResponseReturnValue:
    """Give an empty workbook to fill in."""
    out, chinese = BytesIO(), desk.chinese()
    blank.write_blank(out, register, access.view(register, "C"), desk.around(), chinese=chinese)
    name = exporting.file_name(register, "XLSX", chinese=chinese, at=f"{g.today:%Y%m%d}")
    return desk.file_answer(out.getvalue(), name)


def receive(register: Register) -> ResponseReturnValue:
    """Take in a workbook; jobs read and judge it."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Refused(problems=(problem("file", "REQUIRED"),))
        made = importing.receive(
            db.session(), desk.shelf(), register, desk.asker(),
            file_name=sent.filename, content=sent.read(),
        )  # fmt: skip
    except DomainError as error:
        found = reasons_of(error)
        return _history(register, {"file": [text for part in found.values() for text in part]}), 422
    return redirect(url_for(".run", run_id=made.id), 303)


def run(register: Register, run_id: int) -> ResponseReturnValue:
    """Show what would come of a workbook, or what came of it."""
    found = _mine(register, run_id)
    return render_template(
        "records/import_run.html",
        register=register,
        sheet=register.form.sheet,
        run=found,
        lines=importing.some_lines(db.session(), found, limit=SHOWN_LINES),
        labels=_labels(register),
    )


def progress(register: Register, run_id: int) -> ResponseReturnValue:
    """Show how far it has come; htmx asks again while it runs, and for the whole page after."""
    found = _mine(register, run_id)
    page = render_template("records/import_progress.html", run=found)
    if found.state in ("WAITING", "SAVING"):
        return page
    return page, 200, {"HX-Refresh": "true"}


def checked(register: Register, run_id: int) -> ResponseReturnValue:
    """Give the workbook back with the reasons beside its bad lines: all of it, or those alone."""
    found, out = _mine(register, run_id), BytesIO()
    runs.check_kept(found)
    everything = request.args.get("lines") != "bad"
    returning.write_checked(db.session(), out, found, register, everything=everything)
    return desk.file_answer(out.getvalue(), found.file_name)


def confirm(register: Register, run_id: int) -> ResponseReturnValue:
    """Let the good lines be kept; a job keeps them."""
    importing.confirm(db.session(), _mine(register, run_id))
    return redirect(url_for(".run", run_id=run_id), 303)


def cancel(register: Register, run_id: int) -> ResponseReturnValue:
    """Leave a judged workbook alone."""
    importing.cancel(db.session(), _mine(register, run_id), now=g.now)
    return redirect(url_for(".history"), 303)


def _mine(register: Register, run_id: int) -> RecordRun:
    return runs.get(db.session(), register, "IMPORT", run_id, asked_by=g.actor.id)


def _labels(register: Register) -> dict[str, str]:
    place = 0 if language.is_chinese() else 1
    known: dict[str, Any] = declared_fields(register.form)
    return {name: found.metadata["label"][place] for name, found in known.items()}


def _history(register: Register, problems: Reasons) -> str:
    return render_template(
        "records/imports.html",
        register=register,
        sheet=register.form.sheet,
        runs=runs.recent(db.session(), register, "IMPORT", asked_by=g.actor.id),
        languages=desk.languages(),
        problems=problems,
    )


IMPORTS: tuple[Blueprint, ...] = tuple(
    imports_of(register)
    for register in REGISTERS
    if permissions.roles_with(register.form.sheet.resource, "C")
)
