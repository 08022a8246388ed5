"""Whether samples and gifts bring sales, month by month."""

from datetime import date

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from shared.days import month_of, next_month, previous_month
from shared.domain.reporting.queries import handouts
from web.auth import requires
from web.extensions import db

blueprint = Blueprint(
    "effect_pages", __name__, url_prefix="/s/<slug>/handouts/effect", template_folder="templates"
)
MONTHS = 6


@blueprint.get("")
@requires("F01", "X", only="store")
def current() -> ResponseReturnValue:
    """Show this month and the five before it."""
    return _page(month_of(g.today))


@blueprint.get("/<month:month>")
@requires("F01", "X", only="store")
def effect(month: date) -> ResponseReturnValue:
    """Show a month and the five before it."""
    return _page(month)


def _page(month: date) -> str:
    months = [month]
    while len(months) < MONTHS:
        months.append(previous_month(months[-1]))
    return render_template(
        "reporting/effect.html",
        effects=[handouts.effect(db.session(), one) for one in months],
        month=month,
        previous=previous_month(month),
        following=next_month(month),
    )
