"""Pages of the headquarters about the plans of its stores: the list, a plan, the decision.

Form: F11.
"""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.franchise import forms
from shared.domain.franchise.queries import store_plans
from shared.domain.franchise.queries import stores as queries
from shared.domain.franchise.rules.plan_letters import PlanDecision
from shared.domain.franchise.service import plan_deciding
from shared.errors import DomainError, Missing
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of

blueprint = Blueprint(
    "store_plan_pages", __name__, url_prefix="/s/<slug>", template_folder="templates"
)


@blueprint.get("/store-plans")
@requires("F11", "R", only="hq")
def plans() -> ResponseReturnValue:
    """List the plans of the stores, those that wait for a decision first."""
    return render_template("franchise/store_plans.html", plans=store_plans.listed(db.session()))


@blueprint.get("/stores/<code>/plans/<year:year>/<id:revision>")
@requires("F11", "R", only="hq")
def plan(code: str, year: int, revision: int) -> ResponseReturnValue:
    """Show a store's plan as it was handed in."""
    return _page(code, year, revision, {})


@blueprint.post("/stores/<code>/plans/<year:year>/<id:revision>/decision")
@requires("F11", "A", only="hq")
def decide(code: str, year: int, revision: int) -> ResponseReturnValue:
    """Send the headquarters' word on a plan down to the store."""
    store = queries.by_code(db.session(), code)
    typed = {name: request.form.get(name) for name in ("decision", "fingerprint", "reason")}
    try:
        data = loaded(forms.PlanDecision(), typed)
        plan_deciding.decide_plan(
            db.session(),
            store=store.tenant,
            decided=PlanDecision(year=year, revision=revision, by_name=g.actor.name, **data),
            actor_id=g.actor.id,
            day=g.today,
            now=g.now,
        )
    except Missing:
        raise
    except DomainError as error:
        db.session.rollback()  # the page is shown from what is saved
        return _page(code, year, revision, reasons_of(error)), 422
    flash(_("The decision is on its way to %(store)s.", store=store.name), "good")
    return redirect(url_for("store_plan_pages.plan", code=code, year=year, revision=revision), 303)


def _page(code: str, year: int, revision: int, problems: Reasons) -> str:
    session = db.session()
    store = queries.by_code(session, code)
    return render_template(
        "franchise/store_plan.html",
        shown=store_plans.plan_of(session, store.tenant, year, revision),
        problems=problems,
    )
