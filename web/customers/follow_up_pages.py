"""The follow-up list (顾客跟踪): who stays away by value at risk, whose birthday comes.

Form: F07 panel B.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from shared.domain.customers.rules.activity import LAPSED
from shared.domain.customers.rules.grading import GRADES
from shared.domain.customers.service import activity
from shared.domain.customers.service.activity import Lapse
from web import paging
from web.auth import requires
from web.customers import following
from web.extensions import db
from web.records.pickers import Names

blueprint = Blueprint(
    "follow_up_pages", __name__, url_prefix="/s/<slug>/follow-up", template_folder="templates"
)
ROWS = 50


@blueprint.get("")
@requires("F07", "R", only="store")
def follow_up() -> ResponseReturnValue:
    """Show whom to call first; what of the address cannot be read narrows nothing."""
    session, typed = db.session(), _typed()
    asked = Lapse(
        states=(typed["state"],) if typed["state"] else LAPSED,
        own_of=following.own_of(),
        grade=typed["grade"] or None,
        consultant=_person(typed["consultant"]),
        after=_after(),
        limit=ROWS + 1,
    )
    rows = following.lapsing(session, asked)
    cut = paging.page(rows, limit=ROWS, position=lambda row: [row["at_risk_fen"], row["id"]])
    kept: dict[str, Any] = {name: text for name, text in typed.items() if text}
    return render_template(
        "customers/follow_up.html",
        rows=cut.items,
        next=url_for(".follow_up", **kept, after=cut.next) if cut.next else "",
        first=url_for(".follow_up", **kept) if request.args.get("after") else "",
        counts=activity.counted(session, asked),
        birthdays=following.birthdays(session),
        names=Names(),
        typed=typed,
        is_own=asked.own_of is not None,
        taken_out={
            "last_visit_to": g.today - timedelta(days=activity.limits_at(session, g.now).cold + 1),
            **{name: text for name, text in kept.items() if name != "state"},
        },
    )


def _typed() -> dict[str, str]:
    known = {"state": {*map(str, LAPSED)}, "grade": {*map(str, GRADES)}}
    typed = {name: request.args.get(name, "") for name in known}
    chosen = {name: text if text in known[name] else "" for name, text in typed.items()}
    consultant = request.args.get("consultant", "")
    return {**chosen, "consultant": consultant if _person(consultant) else ""}


def _person(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _after() -> tuple[int, int] | None:
    try:
        position: Any = paging.after({"cursor": request.args.get("after")})
    except ValidationError:
        return None
    return (position[0], position[1]) if position else None
