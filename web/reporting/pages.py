"""Pages of the months: the list, the monthly detail with its close, differences of revisions.

Form: F10, F17, W9.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import days
from shared.domain.reporting.queries import checks, detail, months, pace, restating, sales_report
from shared.domain.reporting.rules import states
from shared.domain.reporting.service import closing, entries
from shared.errors import DomainError, FormInvalid, problem
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, fen, reasons_of
from web.frame import charts

blueprint = Blueprint(
    "month_pages", __name__, url_prefix="/s/<slug>/months", template_folder="templates"
)


@blueprint.get("")
@requires("F10", "R", only="store")
def months_list() -> ResponseReturnValue:
    """List the months with their states, newest first."""
    before = _month(request.args.get("before"))
    listed = months.month_list(db.session(), before=before, limit=PAGE + 1)
    return render_template(
        "reporting/months.html",
        months=listed[:PAGE],
        older=listed[PAGE - 1].month if len(listed) > PAGE else None,
    )


PAGE = 24


@blueprint.get("/<month:month>")
@requires("F10", "R", only="store")
def month(month: date) -> ResponseReturnValue:
    """Show the monthly detail, the sales report and how far the close has come."""
    return _page(month)


@blueprint.get("/<month:month>/differences")
@requires("F10", "R", only="store")
def differences(month: date) -> ResponseReturnValue:
    """Show what a later revision states otherwise than an earlier one."""
    old, new = (request.args.get(name, 0, type=int) for name in ("old", "new"))
    report = checks.difference_report(db.session(), month, old=old, new=new)
    return render_template("reporting/differences.html", month=month, report=report)


@blueprint.post("/<month:month>/computation")
@requires("month_close", "A", only="store")
def compute(month: date) -> ResponseReturnValue:
    """Compute the month now."""
    moved = {"month": month, "actor": _actor(), "now": g.now}
    return _done(
        month,
        lambda: closing.compute_month(db.session(), **moved, day=g.today),
        _("The month is computed."),
    )


@blueprint.post("/<month:month>/review")
@requires("month_close", "A", only="store")
def review(month: date) -> ResponseReturnValue:
    """Sign the month as checked."""
    moved = {"month": month, "actor": _actor(), "now": g.now}
    said = (
        _("The month is reviewed; the headquarters accepts it.")
        if g.tenant.hq
        else _("The month is reviewed.")
    )
    acknowledged = request.form.get("acknowledged")
    return _done(
        month,
        lambda: closing.review_month(db.session(), **moved, acknowledged=acknowledged),
        said,
    )


@blueprint.post("/<month:month>/return")
@requires("month_close", "A", only="store")
def send_back(month: date) -> ResponseReturnValue:
    """Take the review back."""
    moved = {"month": month, "actor": _actor(), "now": g.now}
    reason = request.form.get("reason")
    return _done(
        month,
        lambda: closing.send_back(db.session(), **moved, reason=reason),
        _("The review is taken back."),
    )


@blueprint.post("/<month:month>/closure")
@requires("month_close", "A", only="store")
def close(month: date) -> ResponseReturnValue:
    """Close the month of a store without a headquarters."""
    moved = {"month": month, "actor": _actor(), "now": g.now}
    return _done(
        month,
        lambda: closing.close_month(db.session(), **moved, has_hq=bool(g.tenant.hq)),
        _("The month is closed."),
    )


@blueprint.post("/<month:month>/reopening")
@requires("month_close", "A", only="store")
def reopen(month: date) -> ResponseReturnValue:
    """Open a closed month again, in a store without a headquarters."""
    moved = {"month": month, "actor": _actor(), "now": g.now, "has_hq": bool(g.tenant.hq)}
    forms = tuple(request.form.getlist("forms"))
    why = states.Why(reason=request.form.get("reason"), forms=forms)
    return _done(
        month,
        lambda: closing.reopen_month(db.session(), **moved, why=why),
        _("The month is open again."),
    )


@blueprint.post("/<month:month>/costs")
@requires("costs", "U", only="store")
def costs(month: date) -> ResponseReturnValue:
    """Enter the cost lines; a line left empty stays as it was."""

    def enter() -> None:
        entries.set_costs(
            db.session(), month=month, amounts=_typed_costs(), actor=_actor(), now=g.now
        )

    return _done(month, enter, _("The costs are noted."))


def _typed_costs() -> dict[states.CostKind, int]:
    typed = {kind: fen(request.form.get(f"costs.{kind}")) for kind in states.CostKind}
    wrong = [
        problem(f"costs.{kind}", "TYPE")
        for kind, amount in typed.items()
        if isinstance(amount, str)
    ]
    if wrong:
        raise FormInvalid(problems=tuple(wrong))
    return {kind: amount for kind, amount in typed.items() if isinstance(amount, int)}


def _done(month: date, work: Callable[[], object], said: str) -> ResponseReturnValue:
    try:
        work()
    except months.NoSuchMonth:
        raise
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        return _page(month, problems=reasons_of(error)), 422
    flash(said, "good")
    return redirect(url_for("month_pages.month", month=month), 303)


def _page(month: date, *, problems: Reasons | None = None) -> str:
    session = db.session()
    asked: int | None = request.args.get("revision", type=int)
    shown = detail.month_detail(session, month, revision=asked)
    costs, steps = months.costs(session, month), months.steps(session, month)
    reopened = next((one for one in reversed(steps) if one.to_state == "REOPENED"), None)
    return render_template(
        "reporting/month.html",
        month=month,
        previous=days.previous_month(month),
        following=days.next_month(month),
        detail=shown,
        sales=sales_report.month_sales(session, month, revision=asked),
        chart=charts.days_of_month(shown),
        courses=charts.courses(pace.courses(session, month, today=g.today)),
        pace=pace.pace(session, month, today=g.today) if asked is None else None,
        is_shares="shares" in request.args,
        gaps=months.gaps(session, month, day=g.today),
        restated=restating.restatement(session, month, revision=shown.revision),
        revisions=months.revisions(session, month),
        steps=steps,
        reopened=reopened,
        due=states.due_at(
            month, reopened_at=reopened.at if reopened else None, zone=g.tenant.time_zone
        ),
        costs=costs,
        missing_costs=states.missing_costs(costs),
        is_old=asked is not None and asked != states.shown_revision(shown.state, shown.revision),
        typed=request.form,
        problems=problems or {},
    )


def _actor() -> states.Actor:
    return states.Actor(authority=states.Authority.STORE, id=g.actor.id, name=g.actor.name)


def _month(text: str | None) -> Any:
    try:
        return days.parse_month(text) if text else None
    except ValueError:
        return None
