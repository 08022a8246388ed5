"""Writing the productivity plan: a year's numbers, and their split by month, person and category.

Form: F11.
"""

from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.reporting.forms import plans as forms
from shared.domain.reporting.queries import plan_sheet, plans
from shared.domain.reporting.rules import figures
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Cell, SplitBy
from shared.domain.reporting.service import planning
from shared.errors import DomainError, problem
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, Refused, fen, loaded, reasons_of
from web.frame.labels import label
from web.reporting.plan_api import new_plan
from web.reporting.plan_pages import names
from web.reporting.plan_typed import numbers, plain

blueprint = Blueprint(
    "plan_edit_pages", __name__, url_prefix="/s/<slug>/plans", template_folder="templates"
)


@blueprint.get("/<year:year>/draft")
@requires("F11", "U", only="store")
def draft(year: int) -> ResponseReturnValue:
    """Show the form of a year's numbers, filled with what is known."""
    return _draft(year)


@blueprint.post("/<year:year>/draft")
@requires("F11", "U", only="store")
def save_draft(year: int) -> ResponseReturnValue:
    """Write a year's numbers."""
    sent: dict[str, Any] = {side: numbers(request.form, f"{side}.") for side in ("prior", "plan")}
    if request.form.get("reason"):
        sent["reason"] = request.form["reason"]
    try:
        new = new_plan(loaded(forms.NewPlan(), sent))
        planning.save_draft(db.session(), year=year, new=new, actor_id=g.actor.id, now=g.now)
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        return _draft(year, problems=reasons_of(error)), 422
    flash(_("The numbers are kept; look at the split next."), "good")
    return redirect(url_for("plan_edit_pages.split", year=year), 303)


@blueprint.get("/<year:year>/split")
@requires("F11", "U", only="store")
def split(year: int) -> ResponseReturnValue:
    """Show the split of the draft, to be changed."""
    return _split(year)


@blueprint.post("/<year:year>/split")
@requires("F11", "U", only="store")
def save_split(year: int) -> ResponseReturnValue:
    """Write the split, or spread the rest of it."""
    try:
        cells = _typed_cells()
        is_spread = request.form.get("then") == "spread"
        planning.save_split(db.session(), year=year, cells=cells, is_spread=is_spread)
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        return _split(year, problems=reasons_of(error)), 422
    flash(_("The split is kept; it adds up to the fen."), "good")
    if is_spread:
        return redirect(url_for("plan_edit_pages.split", year=year), 303)
    revision = plans.revisions(db.session(), year)[0].revision
    return redirect(url_for("plan_pages.plan", year=year, revision=revision), 303)


def _draft(year: int, *, problems: Reasons | None = None) -> str:
    session = db.session()
    known = {"prior": dict[str, str](), "plan": dict[str, str]()}
    listed = plans.revisions(session, year)
    if listed:
        stood = plans.numbers(session, listed[0].id)
        for side in known:
            known[side] = {n: plain(n, amount) for n, amount in stood[side.upper()].items()}
    else:
        before = plan_sheet.actuals(session, year - 1, only_closed=False)
        if before.months:
            known["prior"] = {
                str(name): plain(str(name), round(amount))
                for name, amount in before.numbers.items()
                if amount
            }
    return render_template(
        "reporting/plan_draft.html",
        year=year,
        known=known,
        numbers=rules.NUMBERS,
        fields=forms.FIELDS,
        is_revision=any(one.state == "APPROVED" for one in listed),
        reason=next((one.reason for one in listed if one.state == "DRAFT"), "") or "",
        typed=request.form,
        problems=problems or {},
    )


def _split(year: int, *, problems: Reasons | None = None) -> str:
    session = db.session()
    listed = plans.revisions(session, year)
    if not listed:
        raise plans.NoSuchPlan(year=year)
    head = listed[0]
    cells = plans.cells(session, head.id)
    people = names()
    parts: dict[str, list[tuple[str, str]]] = {
        "CATEGORY": [(code, label(code, "category")) for code in figures.CATEGORIES],
        "CONSULTANT": [],
    }
    for part in sorted({part for _m, kind, part in cells if kind == SplitBy.CONSULTANT}):
        called = {str(person): name for person, name in people.items()}
        parts["CONSULTANT"].append((part, called.get(part, _("Former colleague"))))
    return render_template(
        "reporting/plan_split.html",
        year=year,
        head=head,
        revenue_fen=plans.numbers(session, head.id)["PLAN"]["R"],
        months=[date(year, number, 1) for number in range(1, 13)],
        cells=cells,
        parts=parts,
        kinds=rules.SPLIT_LABELS,
        typed=request.form,
        problems=problems or {},
    )


def _typed_cells() -> dict[Cell, int | None]:
    """Read the cells: their names are `month/kind/part`; an empty one waits for the rest."""
    cells: dict[Cell, int | None] = {}
    wrong = []
    for name, text in request.form.items():
        month, _slash, rest = name.partition("/")
        kind, _slash, part = rest.partition("/")
        if not rest:
            continue
        amount = fen(text)
        row = {"month": month, "kind": kind, "part": part or None, "amount_fen": amount}
        if isinstance(amount, str) or forms.SplitCell().validate(row):
            wrong.append(problem(name, "TYPE"))
            continue
        cells[date.fromisoformat(f"{month}-01"), kind, part] = amount
    if wrong:
        raise Refused(problems=tuple(wrong))
    return cells
