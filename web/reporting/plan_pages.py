"""The productivity plan as a page: last year, plan, to date, variances; months with solutions.

Form: F11.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.reporting.forms import plans as forms
from shared.domain.reporting.queries import plan_sheet as sheets
from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Number
from shared.domain.reporting.service import approving, planning
from shared.errors import DomainError
from tenants.people.colleagues import colleagues
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of
from web.reporting.plan_typed import plain, typed

blueprint = Blueprint(
    "plan_pages", __name__, url_prefix="/s/<slug>/plans", template_folder="templates"
)


@blueprint.get("")
@requires("F11", "R", only="store")
def years() -> ResponseReturnValue:
    """List the years with their revisions; the running one may be begun."""
    listed = plans.revisions(db.session())
    known = {one.year for one in listed}
    begin = [year for year in (g.today.year, g.today.year + 1) if year not in known]
    return render_template("reporting/plans.html", plans=listed, begin=begin, people=names())


@blueprint.get("/<year:year>")
@requires("F11", "R", only="store")
def plan(year: int) -> ResponseReturnValue:
    """Show the plan of a year beside what it brought so far."""
    return _page(year)


@blueprint.post("/<year:year>/submission")
@requires("F11", "U", only="store")
def submit(year: int) -> ResponseReturnValue:
    """Hand the draft in for approval."""
    return _done(
        year,
        lambda: planning.submit_plan(db.session(), year=year, actor_id=g.actor.id, now=g.now),
        _("The plan is handed in; the headquarters approves it.")
        if g.tenant.hq
        else _("The plan is handed in; another person approves it."),
    )


@blueprint.post("/<year:year>/approval")
@requires("F11", "U", only="store")
def approve(year: int) -> ResponseReturnValue:
    """Approve a plan that another person wrote, in a store without a headquarters."""
    return _done(
        year,
        lambda: approving.approve_plan(
            db.session(), year=year, actor_id=g.actor.id, has_hq=g.tenant.hq is not None, now=g.now
        ),
        _("The plan is approved."),
    )


@blueprint.post("/<year:year>/rejection")
@requires("F11", "U", only="store")
def reject(year: int) -> ResponseReturnValue:
    """Send a submitted plan back."""

    def send_back() -> None:
        data = loaded(forms.PlanRejection(), {"reason": request.form.get("reason", "")})
        approving.reject_plan(db.session(), year=year, reason=data["reason"])

    return _done(year, send_back, _("The plan is sent back."))


@blueprint.post("/<year:year>/months/<month:month>/solution")
@requires("F11", "U", only="store")
def solve(year: int, month: date) -> ResponseReturnValue:
    """Say why a month stayed below its plan, and what is done about it."""

    def write() -> None:
        data = loaded(forms.Solution(), {"text": request.form.get("text", "")})
        planning.write_solution(
            db.session(), month=month, text=data["text"], actor_id=g.actor.id, now=g.now
        )

    return _done(year, write, _("The solution is noted."))


@blueprint.post("/<year:year>/months/<month:month>/inputs")
@requires("F11", "U", only="store")
def enter(year: int, month: date) -> ResponseReturnValue:
    """Note a month's interest, people and investment."""

    def keep() -> None:
        sent = {
            forms.FIELDS[name]: number
            for name in (Number.I, Number.H, Number.K)
            if (number := typed(name, request.form.get(forms.FIELDS[name]))) is not None
        }
        data = loaded(forms.PlanInputs(), sent)
        amounts = forms.inputs_value(data)
        planning.enter_inputs(db.session(), month=month, amounts=amounts)

    return _done(year, keep, _("The numbers of the month are noted."))


@blueprint.get("/<year:year>/what-if")
@requires("F11", "R", only="store")
def what_if(year: int) -> ResponseReturnValue:
    """Move revenue, wages, people and see P01-P14 change; nothing is kept."""
    sheet = sheets.sheet(db.session(), year)
    base = sheet.numbers["PLAN"]
    moved = {}
    for name in Number:
        number = typed(name, request.args.get(str(name)))
        moved[str(name)] = number if isinstance(number, int) else base[str(name)]
    return render_template(
        "reporting/what_if.html",
        year=year,
        head=sheet.head,
        numbers=rules.NUMBERS,
        lines=rules.LINES,
        base=base,
        moved=moved,
        was=rules.productivity(base),
        now=rules.productivity(moved),
        plain=plain,
        variance=rules.variance,
    )


def names() -> dict[UUID, str]:
    """Name the people of this store."""
    return {person: known.name for person, known in colleagues(g.tenant).items()}


def _done(year: int, work: Callable[[], Any], said: str) -> ResponseReturnValue:
    try:
        work()
    except plans.NoSuchPlan:
        raise
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        return _page(year, problems=reasons_of(error)), 422
    flash(said, "good")
    return redirect(url_for("plan_pages.plan", year=year), 303)


def _page(year: int, *, problems: Reasons | None = None) -> str:
    session = db.session()
    revisions = plans.revisions(session, year)
    waiting = next((one for one in revisions if one.state in ("DRAFT", "SUBMITTED")), None)
    asked = request.args.get("revision", type=int)
    sheet = sheets.sheet(session, year, revision=asked)
    months = {month: plans.inputs(session, month) for month in sheet.actuals.months}
    return render_template(
        "reporting/plan.html",
        year=year,
        sheet=sheet,
        head=sheet.head,
        waiting=waiting,
        revisions=revisions,
        kinds=rules.SPLIT_LABELS,
        numbers=rules.NUMBERS,
        inputs=months,
        fields=forms.FIELDS,
        plain=plain,
        people=names(),
        typed=request.form,
        problems=problems or {},
    )
