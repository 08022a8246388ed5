"""Pages of the headquarters: stores, a store's month from its snapshot, decisions.

Form: 9.2: only what the store reported; W9: accept, send back, reopen.
"""

from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import days
from shared.domain.franchise.queries import adjustments
from shared.domain.franchise.queries import stores as queries
from shared.domain.franchise.rules.snapshots import Decision, MonthDecision
from shared.domain.franchise.service import decisions
from shared.errors import DomainError, Missing
from web.auth import NotPermitted, requires
from web.extensions import db
from web.forms import Reasons, reasons_of
from web.frame import charts
from web.franchise import dashboard

blueprint = Blueprint("chain_pages", __name__, url_prefix="/s/<slug>", template_folder="templates")

# W9: the analyst accepts and sends back, the admin reopens
_WHO = {Decision.ACCEPT: "HQN", Decision.BACK: "HQN", Decision.REOPEN: "HQA"}


@blueprint.get("/ranking")
@requires("ranking", "R", only="hq")
def ranking() -> ResponseReturnValue:
    """Show the ranking alone, for the dashboard's choice of another indicator."""
    try:
        month = days.parse_month(request.args.get("month", ""))
    except ValueError as error:
        raise Missing from error
    return render_template("franchise/ranking.html", **dashboard.ranked(month))


@blueprint.get("/stores")
@requires("stores", "R", only="hq")
def stores() -> ResponseReturnValue:
    """List the stores of the chain."""
    session = db.session()
    files = queries.store_files(session)
    return render_template(
        "franchise/stores.html",
        stores=[(file, queries.months_of(session, file.tenant)[:6]) for file in files],
    )


@blueprint.get("/stores/<code>/months/<month:month>")
@requires("F10", "R", only="hq")
def store_month(code: str, month: date) -> ResponseReturnValue:
    """Show a store's month as it reported it."""
    return _store_month(code, month, {})


@blueprint.post("/stores/<code>/months/<month:month>/decision")
@requires("month_close", "A", only="hq")
def decide(code: str, month: date) -> ResponseReturnValue:
    """Send the headquarters' word on a month down to the store."""
    chosen = request.form.get("decision")
    if chosen not in set(Decision):
        raise Missing
    decision = Decision(chosen)
    if _WHO[decision] not in g.actor.roles:
        raise NotPermitted(permission="month_close:A")
    store = queries.by_code(db.session(), code)
    try:
        decisions.decide_month(
            db.session(),
            store=store.tenant,
            decision=MonthDecision(
                month=month,
                revision=request.form.get("revision", 0, type=int),
                decision=decision,
                by_name=g.actor.name,
                reason=request.form.get("reason"),
                forms=tuple(request.form.getlist("forms")),
            ),
            actor_id=g.actor.id,
            day=g.today,
            now=g.now,
        )
    except Missing:
        raise
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        return _store_month(code, month, reasons_of(error)), 422
    flash(_("The decision is on its way to %(store)s.", store=store.name), "good")
    if request.form.get("back_to") == "dashboard":
        return redirect(url_for("home_page.home"), 303)
    return redirect(url_for("chain_pages.store_month", code=code, month=month), 303)


def _store_month(code: str, month: date, problems: Reasons) -> str:
    session = db.session()
    store = queries.by_code(session, code)
    shown = queries.store_month(session, store.tenant, month)
    return render_template(
        "franchise/store_month.html",
        store=store,
        month=month,
        previous=days.previous_month(month),
        following=days.next_month(month),
        shown=shown,
        detail=shown.detail,
        restated=adjustments.restated(session, store.tenant, month, revision=shown.detail.revision),
        chart=charts.days_of_month(shown.detail),
        is_shares="shares" in request.args,
        problems=problems,
    )
