"""The productivity plan as JSON.

Form: F11.
"""

from datetime import date
from fractions import Fraction
from typing import Any

from flask import g

from shared.domain.reporting.forms import plans as forms
from shared.domain.reporting.queries import plan_sheet as sheets
from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Unit
from shared.domain.reporting.service import approving, planning
from shared.forms.texts import decimal_text
from tenants.people.colleagues import colleagues
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("plans", __name__, description="营业生产力计划 productivity plans")


@blueprint.call("GET", "/plans")
@requires("F11", "R", only="store")
@blueprint.gives(200, forms.Plans)
def list_plans() -> dict[str, Any]:
    """List all revisions of all years, the latest first."""
    return {"plans": plans.revisions(db.session())}


@blueprint.call("GET", "/plans/<year:year>")
@requires("F11", "R", only="store")
@blueprint.gives(200, forms.PlanSheet)
def plan_sheet(year: int) -> dict[str, Any]:
    """Show the approved plan of a year, or its latest revision, beside what it brought so far."""
    return _told(sheets.sheet(db.session(), year))


@blueprint.call("PUT", "/plans/<year:year>/draft")
@requires("F11", "U", only="store")
@blueprint.takes(forms.NewPlan)
@blueprint.gives(200, forms.PlanRow)
def save_draft(loaded: dict[str, Any], year: int) -> Any:
    """Write a year's numbers: the draft, or the next revision of an approved plan."""
    return planning.save_draft(
        db.session(), year=year, new=new_plan(loaded), actor_id=g.actor.id, now=g.now
    )


@blueprint.call("PUT", "/plans/<year:year>/split")
@requires("F11", "U", only="store")
@blueprint.takes(forms.Split)
@blueprint.gives(200, forms.PlanRow)
def save_split(loaded: dict[str, Any], year: int) -> Any:
    """Write the split of the draft; it adds up exactly, or the rest is spread."""
    cells = forms.cells_value(loaded["cells"])
    return planning.save_split(db.session(), year=year, cells=cells, is_spread=loaded["spread"])


@blueprint.call("POST", "/plans/<year:year>/submission")
@requires("F11", "U", only="store")
@blueprint.gives(201, forms.PlanRow)
def submit_plan(year: int) -> Any:
    """Hand the draft in for approval."""
    return planning.submit_plan(db.session(), year=year, actor_id=g.actor.id, now=g.now)


@blueprint.call("POST", "/plans/<year:year>/approval")
@requires("F11", "U", only="store")
@blueprint.gives(201, forms.PlanRow)
def approve_plan(year: int) -> Any:
    """Approve a plan that another person wrote, in a store without a headquarters."""
    return approving.approve_plan(
        db.session(), year=year, actor_id=g.actor.id, has_hq=g.tenant.hq is not None, now=g.now
    )


@blueprint.call("POST", "/plans/<year:year>/rejection")
@requires("F11", "U", only="store")
@blueprint.takes(forms.PlanRejection)
@blueprint.gives(201, forms.PlanRow)
def reject_plan(loaded: dict[str, Any], year: int) -> Any:
    """Send a submitted plan back, with the reason."""
    return approving.reject_plan(db.session(), year=year, reason=loaded["reason"])


@blueprint.call("PUT", "/months/<month:month>/plan-inputs")
@requires("F11", "U", only="store")
@blueprint.takes(forms.PlanInputs)
@blueprint.gives(200, forms.SavedMonth)
def enter_inputs(loaded: dict[str, Any], month: date) -> dict[str, Any]:
    """Note a month's interest, people and investment; what is left out stays."""
    planning.enter_inputs(db.session(), month=month, amounts=forms.inputs_value(loaded))
    return {"month": month}


@blueprint.call("PUT", "/months/<month:month>/solution")
@requires("F11", "U", only="store")
@blueprint.takes(forms.Solution)
@blueprint.gives(200, forms.SavedMonth)
def write_solution(loaded: dict[str, Any], month: date) -> dict[str, Any]:
    """Say why a month stayed below its plan, and what is done about it."""
    text = loaded["text"]
    planning.write_solution(db.session(), month=month, text=text, actor_id=g.actor.id, now=g.now)
    return {"month": month}


def new_plan(loaded: dict[str, Any]) -> rules.NewPlan:
    """Make the value that `save_draft` takes; the store's consultants share each month."""
    consultants = [who for who, one in colleagues(g.tenant).items() if "CON" in one.roles]
    return rules.NewPlan(
        prior=forms.numbers_value(loaded["prior"]),
        plan=forms.numbers_value(loaded["plan"]),
        reason=loaded["reason"],
        consultants=consultants,
    )


def _told(sheet: sheets.PlanSheet) -> dict[str, Any]:
    return {
        "head": sheet.head,
        "months_counted": len(sheet.actuals.months),
        "missing": sheet.actuals.missing,
        "lines": [_line(line) for line in sheet.lines],
        "months": sheet.months,
        "cells": [
            {"month": month, "kind": kind, "part": part, "amount_fen": fen}
            for (month, kind, part), fen in sheet.cells.items()
        ],
    }


def _line(line: sheets.Line) -> dict[str, Any]:
    return {
        "code": line.code,
        "label_zh": line.labels[0],
        "label_en": line.labels[1],
        "unit": str(line.unit),
        "prior": _text(line.prior, line.unit),
        "plan": _text(line.plan, line.unit),
        "plan_to_date": _text(line.span, line.unit),
        "to_date": _text(line.actual, line.unit),
        "variance": _text(line.variance.delta, line.unit),
        "variance_rate": _text(line.variance.rate, Unit.RATIO),
        "is_favourable": line.variance.is_good,
    }


def _text(value: Fraction | None, unit: Unit) -> str | None:
    return None if value is None else decimal_text(value, places=rules.PLACES[unit])
