"""The page of the records behind a number of the monthly reports.

Form: specification 13.
"""

from datetime import date

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.reporting.queries import behind, months
from shared.domain.reporting.rules.figures import CATEGORIES, Indicator
from shared.domain.sales.rules.kinds import Tender
from shared.forms.masking import masked_name
from web.auth import requires
from web.extensions import db
from web.forms import day_of, whole

blueprint = Blueprint(
    "month_rows_pages", __name__, url_prefix="/s/<slug>/months", template_folder="templates"
)


@blueprint.get("/<month:month>/records")
@requires("F10", "R", only="store")
def records(month: date) -> ResponseReturnValue:
    """List what one number of a month is made of."""
    session = db.session()
    months.get(session, month)
    found = behind.records_behind(session, _number(month))
    return render_template(
        "reporting/records.html",
        month=month,
        found=found,
        name_of=str if g.actor.reach("F04", "R") == "all" else masked_name,
    )


def _number(month: date) -> behind.Number:
    """Read which number is meant; what is no such thing narrows nothing."""
    asked = request.args
    indicator = asked.get("figure", "")
    category, tender, item = asked.get("category"), asked.get("tender"), whole(asked.get("item"))
    return behind.Number(
        month=month,
        indicator=Indicator(indicator) if indicator in behind.OPENED else Indicator.TURNOVER,
        day=_day(asked.get("day"), month),
        category=category if category in CATEGORIES else None,
        item_id=item if isinstance(item, int) else None,
        tender=tender if tender in list(Tender) else None,
    )


def _day(text: str | None, month: date) -> date | None:
    day = day_of(text)
    return day if day and day.replace(day=1) == month else None
