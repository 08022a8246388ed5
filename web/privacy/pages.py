"""Personal data as pages: what a guest may ask for, and the receipts of what was done."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.domain.customers import queries as customers
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.privacy.forms import NewCopy, NewErasure
from shared.domain.privacy.queries.inventory import holdings
from shared.errors import DomainError
from shared.records import runs
from shared.records.register import Row
from tenants.people.colleagues import colleagues
from web.auth import fresh, requires
from web.errors import STATUS, STATUS_BY_CODE
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of
from web.frame import language
from web.privacy import asking
from web.records import desk

blueprint = Blueprint(
    "privacy_pages", __name__, url_prefix="/s/<slug>", template_folder="templates"
)

MOST = 100


@blueprint.get("/customer-profiles/<id:record_id>/personal-data")
@requires("privacy", "X", only="store")
def person(record_id: int) -> ResponseReturnValue:
    """Offer a copy and the erasure of one guest."""
    return _person_page(asking.profile(record_id))


@blueprint.post("/customer-profiles/<id:record_id>/copies")
@requires("privacy", "X", only="store")
@fresh
def ask_copy(record_id: int) -> ResponseReturnValue:
    """Ask a job for the copy."""
    try:
        asked = loaded(NewCopy(), {"purpose": request.form.get("purpose")})
    except DomainError as error:
        return _person_page(asking.profile(record_id), error)
    return redirect(url_for(".run", run_id=asking.copy(record_id, asked).id), 303)


@blueprint.get("/personal-data/copies/<id:run_id>")
@requires("privacy", "X", only="store")
def run(run_id: int) -> ResponseReturnValue:
    """Show how far a copy has come."""
    found = asking.my_copy(run_id)
    return render_template(
        "privacy/copy.html", run=found, now=g.now, record_id=found.asked.get("record_id")
    )


@blueprint.get("/personal-data/copies/<id:run_id>/progress")
@requires("privacy", "X", only="store")
def progress(run_id: int) -> ResponseReturnValue:
    """Show how far it has come; htmx asks again while it is made, and for the whole page after."""
    found = asking.my_copy(run_id)
    page = render_template("records/export_progress.html", run=found, now=g.now)
    return page if found.state == "WAITING" else (page, 200, {"HX-Refresh": "true"})


@blueprint.post("/personal-data/copies/<id:run_id>/file")
@requires("privacy", "X", only="store")
def fetch(run_id: int) -> ResponseReturnValue:
    """Give the file, once, to who asked for it."""
    found = asking.my_copy(run_id)
    content = runs.fetch(db.session(), desk.shelf(), found, now=g.now)
    return desk.file_answer(content, found.file_name)


@blueprint.post("/customer-profiles/<id:record_id>/erasure")
@requires("privacy", "A", only="store")
@fresh
def ask_erasure(record_id: int) -> ResponseReturnValue:
    """Hide the guest at once and ask a job for the erasure."""
    typed = {name: request.form.get(name) for name in ("reason", "number")}
    row = asking.profile(record_id)
    try:
        made = asking.erase(row.id, loaded(NewErasure(), typed))
    except DomainError as error:
        return _person_page(row, error)
    return redirect(url_for(".erasure", erasure_id=made.id), 303)


@blueprint.get("/personal-data/erasures")
@requires("privacy", "R", only="store")
def erasures() -> ResponseReturnValue:
    """List the receipts."""
    found = customers.erasures(db.session(), limit=MOST)
    numbers = customers.by_ids(db.session(), [one.customer_id for one in found])
    return render_template("privacy/erasures.html", erasures=found, numbers=numbers, names=_names())


@blueprint.get("/personal-data/erasures/<id:erasure_id>")
@requires("privacy", "R", only="store")
def erasure(erasure_id: int) -> ResponseReturnValue:
    """Show one receipt, to be printed."""
    found = customers.erasure(db.session(), erasure_id)
    place = 0 if language.is_chinese() else 1
    known = holdings()  # a receipt may be older than the tables
    lost = [(known[n].name[place], rows) for n, rows in found.erased.items() if n in known]
    return render_template(
        "privacy/erasure.html",
        erasure=found,
        number=customers.by_ids(db.session(), [found.customer_id])[found.customer_id].number,
        lost=sorted(lost, key=lambda one: -one[1]),
        names=_names(),
    )


def _person_page(row: Row, refused: DomainError | None = None) -> ResponseReturnValue:
    problems: Reasons = reasons_of(refused) if refused else {}
    page = render_template(
        "privacy/person.html",
        row=row,
        runs=[
            one
            for one in runs.recent(db.session(), PROFILES, "COPY", asked_by=g.actor.id)
            if one.asked.get("record_id") == row.id
        ],
        typed=request.form,
        problems=problems,
    )
    if refused is None:
        return page
    return page, STATUS_BY_CODE.get(refused.code, STATUS[refused.kind])


def _names() -> dict[Any, str]:
    return {person_id: one.name for person_id, one in colleagues(g.tenant).items()}
