"""What a person sees first in a tenant: the store's day, or the chain's month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import days
from shared.domain.catalog import queries as catalog
from shared.domain.reporting.queries import months
from shared.domain.sales.queries import cash, figures, imports
from shared.events import queries as jobs
from web.auth import signed_in
from web.extensions import db
from web.franchise import dashboard

blueprint = Blueprint("home_page", __name__, url_prefix="/s/<slug>")

SHOWN_MONTHS = 6
MOST_DEAD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningMonth:
    """The month so far, straight from the slips."""

    month: date
    turnover_fen: int
    new_customers: int
    day_turnover: Sequence[int]


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Show what matters now."""
    if g.tenant.kind == "hq":
        may_see = g.actor.may("F17", "R")
        return dashboard.page() if may_see else render_template("home/nothing.html")
    session = db.session()
    return render_template(
        "home/store.html",
        is_empty=g.actor.may("catalog", "C") and not catalog.has_items(session),
        **_cash(session),
        **_months(session),
        **_jobs(session),
    )


def _cash(session: Session) -> dict[str, object]:
    if not g.actor.may("F08", "R"):
        return {"report": None, "open_days": []}
    return {
        "report": cash.cash_report(session, g.today),
        "total": figures.day_figures(session, [g.today]).totals[0],
        "open_days": cash.unsettled_before(session, g.today + timedelta(days=1)),
    }


def _months(session: Session) -> dict[str, object]:
    if not g.actor.may("F10", "R"):
        return {"running_month": None, "months": None, "months_to_review": []}
    listed = months.month_list(session, limit=SHOWN_MONTHS)
    may_review = g.actor.may("month_close", "A")
    return {
        "running_month": _running_month(session),
        "months": listed,
        "months_to_review": [
            row for row in listed if row.state in ("COMPUTED", "REOPENED") and may_review
        ],
    }


def _running_month(session: Session) -> RunningMonth:
    first = days.month_of(g.today)
    so_far = [day for day in days.days_of(first) if day <= g.today]
    totals = figures.day_figures(session, so_far).totals
    return RunningMonth(
        month=first,
        turnover_fen=sum(total.turnover_fen for total in totals),
        new_customers=sum(total.new_customers for total in totals),
        day_turnover=[total.turnover_fen for total in totals],
    )


def _jobs(session: Session) -> dict[str, object]:
    running, dead = [], 0
    if g.actor.may("import", "R"):
        listed = imports.runs(session, limit=5)
        running = [run for run in listed if run.state in ("RECEIVED", "RUNNING")]
    if g.actor.may("job_centre", "R"):
        given_up = jobs.recent_jobs(session, tenant=g.tenant.name, limit=MOST_DEAD, state="dead")
        dead = len(given_up)
    return {"running_imports": running, "dead_count": dead}
