"""The plans of the stores and the adjustments of their statements as JSON, at a headquarters.

Form: F11, C12.
"""

from typing import Any

from flask import g

from shared.domain.franchise import forms
from shared.domain.franchise.queries import adjustments, store_plans
from shared.domain.franchise.queries import stores as queries
from shared.domain.franchise.rules.plan_letters import PlanDecision
from shared.domain.franchise.service import plan_deciding
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Unit
from shared.forms.texts import decimal_text
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db
from web.franchise.api import store_code

blueprint = ApiBlueprint("store_plans", __name__, description="门店计划 plans of the stores")


@blueprint.call("GET", "/store-plans")
@requires("F11", "R", only="hq")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(forms.StorePlanRow))
def list_store_plans(asked: dict[str, Any]) -> paging.Page:
    """List the plans of the stores, those that wait for a decision first."""
    (skip,) = paging.after(asked) or (0,)
    rows = store_plans.listed(db.session())[skip:]
    return paging.page(rows, limit=asked["limit"], position=lambda _: [skip + asked["limit"]])


@blueprint.call("GET", "/stores/<code>/plans/<year:year>/<id:revision>")
@requires("F11", "R", only="hq")
@blueprint.gives(200, forms.StorePlan)
def get_store_plan(code: str, year: int, revision: int) -> dict[str, Any]:
    """Show a store's plan as it was handed in, with P01-P14."""
    session = db.session()
    store = queries.by_code(session, store_code(code))
    shown = store_plans.plan_of(session, store.tenant, year, revision)
    return {
        "head": shown.row,
        "lines": [_line(line) for line in shown.lines],
        "targets": [
            {"month": month, "category": category, "amount_fen": fen}
            for month, cells in shown.months.items()
            for category, fen in sorted(cells.items())
        ],
    }


@blueprint.call("POST", "/stores/<code>/plans/<year:year>/<id:revision>/decisions")
@requires("F11", "A", only="hq")
@blueprint.takes(forms.PlanDecision)
@blueprint.gives(202, forms.StorePlanRow)
def decide_store_plan(loaded: dict[str, Any], code: str, year: int, revision: int) -> Any:
    """Approve a store's plan or send it back; the store's own job follows."""
    session = db.session()
    store = queries.by_code(session, store_code(code))
    plan_deciding.decide_plan(
        session,
        store=store.tenant,
        decided=PlanDecision(year=year, revision=revision, by_name=g.actor.name, **loaded),
        actor_id=g.actor.id,
        day=g.today,
        now=g.now,
    )
    return store_plans.plan_of(session, store.tenant, year, revision).row


@blueprint.call("GET", "/adjustments")
@requires("statements", "R", only="hq")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(forms.Adjustment))
def list_adjustments(asked: dict[str, Any]) -> paging.Page:
    """List what months closed again owe the next statements, newest first."""
    (before,) = paging.after(asked) or (None,)
    rows = adjustments.listed(db.session(), before=before, limit=asked["limit"] + 1)
    return paging.page(rows, limit=asked["limit"], position=lambda row: [row.booked.id])


@blueprint.call("GET", "/adjustments/<id:adjustment_id>")
@requires("statements", "R", only="hq")
@blueprint.gives(200, forms.AdjustmentBehind)
def get_adjustment(adjustment_id: int) -> Any:
    """Show one with every figure that its two closed revisions state differently."""
    return adjustments.behind(db.session(), adjustment_id)


def _line(line: store_plans.Line) -> dict[str, Any]:
    def text(value: Any, unit: Unit) -> str | None:
        return None if value is None else decimal_text(value, places=rules.PLACES[unit])

    return {
        "code": line.code,
        "label_zh": line.labels[0],
        "label_en": line.labels[1],
        "unit": str(line.unit),
        "prior": text(line.prior, line.unit),
        "plan": text(line.plan, line.unit),
        "variance_rate": text(line.variance.rate, Unit.RATIO),
    }
