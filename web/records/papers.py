"""The paper twins of declared forms: in the browser, to be printed there, and as PDF by a job."""

from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.registers import REGISTERS
from shared.events.jobs import publish
from shared.records import exporting, paper, queries, runs
from shared.records.events import SetPaper
from shared.records.models import RecordRun
from shared.records.paper import Paper, Printing
from shared.records.register import Register
from shared.records.views import WHOLE, View
from tenants.people import permissions
from web.auth import NotPermitted, requires
from web.extensions import db
from web.forms import whole
from web.records import access, desk
from web.records import asked as reading

MOST_ROWS = 1_000  # of a list on paper; more is what workbooks are for


def papers_of(register: Register) -> Blueprint:
    """Make the pages of one register."""
    sheet = register.form.sheet
    blueprint = Blueprint(
        f"{sheet.code.lower()}_papers", __name__,
        url_prefix=f"/s/<slug>/{sheet.path}", template_folder="templates",
    )  # fmt: skip
    for method, rule, verb, view in (
        ("GET", "/<id:record_id>/print", "R", one),
        ("GET", "/print", "R", blank),
        ("GET", "/print-list", "R", many),
        ("GET", "/papers", "R", history),
        ("POST", "/papers", "R", ask),
        ("GET", "/papers/<id:run_id>", "R", run),
        ("GET", "/papers/<id:run_id>/progress", "R", progress),
        ("POST", "/papers/<id:run_id>/file", "R", fetch),
    ):
        if permissions.roles_with(sheet.resource, verb) and not (sheet.is_made and view is blank):
            made = requires(sheet.resource, verb, only="store")(partial(view, register))
            blueprint.add_url_rule(rule, view.__name__, made, methods=[method])
    return blueprint


def one(register: Register, record_id: int) -> ResponseReturnValue:
    """Show a record as its paper."""
    view = access.view(register, "R")
    row = queries.get(db.session(), register, record_id, own_of=view.own_of)
    made = paper.one(db.session(), _printing(register, view), row)
    return _shown(made, record_id=record_id)


def blank(register: Register) -> ResponseReturnValue:
    """Show the empty paper, to be filled in by hand; there is nothing on it to be hidden."""
    made = paper.one(db.session(), _printing(register, WHOLE), None)
    return _shown(made, record_id=None)


def many(register: Register) -> ResponseReturnValue:
    """Show the list as it is asked for, across the page."""
    view = access.view(register, "R")
    hidden = view.unasked
    asked = reading.read(register.form, request.args, zone=g.tenant.time_zone, unasked=hidden)
    query = asked.query(limit=MOST_ROWS, after=None, own_of=view.own_of)
    rows = queries.page(db.session(), register, query)
    made = paper.many(db.session(), _printing(register, view), rows)
    return render_template("records/paper.html", paper=made, record_id=None, can_be_set=False)


def history(register: Register) -> ResponseReturnValue:
    """List one's own papers."""
    return render_template(
        "records/papers.html",
        register=register, sheet=register.form.sheet,
        runs=runs.recent(db.session(), register, "PAPER", asked_by=g.actor.id),
    )  # fmt: skip


def ask(register: Register) -> ResponseReturnValue:
    """Ask a job for a record, or the empty form, as PDF."""
    record_id = whole(request.form.get("record_id"))
    view = access.view(register, "R")
    if record_id is not None:
        if not isinstance(record_id, int):
            raise queries.NoSuchRecord
        queries.get(db.session(), register, record_id, own_of=view.own_of)
    by = desk.asker()
    name = exporting.file_name(register, "PDF", chinese=by.chinese, at=f"{g.now:%Y%m%d-%H%M}")
    made = runs.begin(
        db.session(), register, "PAPER", by, file_name=name,
        asked={"record_id": record_id, **runs.view_as_json(view)},
    )  # fmt: skip
    publish(db.session(), SetPaper(run_id=made.id))
    return redirect(url_for(".run", run_id=made.id), 303)


def run(register: Register, run_id: int) -> ResponseReturnValue:
    """Show how far a paper has come."""
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
    """Give the paper, once, to who asked for it and may still see all of it."""
    found = _mine(register, run_id)
    if runs.is_narrower(access.view(register, "R"), found.asked):
        raise NotPermitted(permission=f"{register.form.sheet.resource}:R")
    content = runs.fetch(db.session(), desk.shelf(), found, now=g.now)
    return desk.file_answer(content, found.file_name)


def _mine(register: Register, run_id: int) -> RecordRun:
    return runs.get(db.session(), register, "PAPER", run_id, asked_by=g.actor.id)


def _printing(register: Register, view: View) -> Printing:
    return Printing(
        register=register, view=view, around=desk.around(), chinese=desk.chinese(),
        store=g.tenant.display_name, at=g.now,
    )  # fmt: skip


def _shown(made: Paper, *, record_id: int | None) -> str:
    return render_template("records/paper.html", paper=made, record_id=record_id, can_be_set=True)


PAPERS: tuple[Blueprint, ...] = tuple(
    papers_of(register)
    for register in REGISTERS
    if permissions.roles_with(register.form.sheet.resource, "R")
)
