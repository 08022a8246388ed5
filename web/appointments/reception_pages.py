"""Reception 接待: who is expected, who waits, who lies in which bed, how long against the promise.

Form: W2. The board asks again every two seconds; each change is one press.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.appointments.forms.visit import NewVisit
from shared.domain.appointments.queries import board as bookings
from shared.domain.appointments.queries import resources
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.resources import Kind
from shared.domain.appointments.rules.stages import Stage
from shared.domain.appointments.rules.visits import VisitStage
from shared.domain.appointments.service import moving, reception
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.appointments.service.visit_steps import Arrival
from shared.errors import DomainError
from web.appointments import board as day_board
from web.appointments import visits as shown
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole
from web.frame import live
from web.records import access
from web.records.pages import tried
from web.records.pickers import PLACES

blueprint = Blueprint(
    "reception_pages", __name__, url_prefix="/s/<slug>/reception", template_folder="templates"
)
LANES = tuple(stage for stage in VisitStage if stage is not VisitStage.LEFT)
A_MINUTE = timedelta(minutes=1)


@blueprint.get("")
@requires("visits", "R", only="store")
def board() -> ResponseReturnValue:
    """Show the house as it is now."""
    return render_template("appointments/reception.html", **_house(db.session()))


@blueprint.get("/board")
@requires("visits", "R", only="store")
def part() -> Response:
    """Show the house again, when anything changed or a minute is over."""
    session = db.session()
    own_of = shown.own_of()
    facts = queries.fingerprint(session, g.today), f"{g.now:%H%M}", own_of, sorted(g.actor.roles)
    return live.part("appointments/house.html", facts=facts, **_house(session))


@blueprint.post("/arrivals/<id:appointment_id>")
@requires("F03_desk", "U", only="store")
def arrive(appointment_id: int) -> ResponseReturnValue:
    """Check a guest in who has a booking."""
    version = whole(request.form.get("version"))
    seen = version if isinstance(version, int) else 0
    by = access.editor(APPOINTMENTS, "U")
    try:
        tried(lambda s: moving.arrive(s, appointment_id=appointment_id, version=seen, by=by))
    except DomainError as error:
        flash(" ".join(text for texts in reasons_of(error).values() for text in texts), "bad")
    return redirect(url_for(".board"), 303)


@blueprint.get("/new")
@requires("visits", "C", only="store")
def new() -> ResponseReturnValue:
    """Show the form for a guest without a booking; `customer` of the address stands in it."""
    return _form({"customer": request.args.get("customer", "")}, {})


@blueprint.post("")
@requires("visits", "C", only="store")
def walk_in() -> ResponseReturnValue:
    """Seat a guest without a booking."""
    typed = request.form.to_dict()
    try:
        asked = loaded(
            NewVisit(),
            {
                "customer": whole(typed.get("customer")),
                "staff": typed.get("staff") or None,
                "place": whole(typed.get("place")),
                "is_requested": bool(typed.get("is_requested")),
            },
        )
        arrival = Arrival(
            customer_id=asked["customer"], planned_at=g.now, staff_id=asked["staff"],
            place_id=asked["place"], is_requested=asked["is_requested"],
        )  # fmt: skip
        visit = tried(lambda s: reception.walk_in(s, arrival, by=shown.editor()))
    except DomainError as error:
        return _form(typed, reasons_of(error)), 422
    return redirect(url_for("visit_pages.visit", visit_id=visit.id), 303)


def clock_of(visit: dict[str, Any], now: datetime) -> tuple[str, str]:
    """Say how long a guest has been here against what was promised: tone, text."""
    stage, end = visit["stage"], visit["promised_end_at"]
    if visit["checked_at"] is not None:
        return ("on-time", _("On time")) if visit["is_on_time"] else ("bad", _("Late"))
    if end is not None:
        left = round((end - now) / A_MINUTE)
        if left >= 0:
            return "busy", _("%(num)s min left", num=left)
        return "bad", _("%(num)s min over", num=-left)
    due = max(visit["planned_at"], visit["arrived_at"])
    minutes = int((now - visit["arrived_at"]) / A_MINUTE)
    tone = ""
    if stage == VisitStage.WAITING and now > due:
        tone = "bad" if now - due > rules.WAITS_AT_MOST else "warn"
    return tone, _("here for %(num)s min", num=minutes)


def _house(session: Session) -> dict[str, Any]:
    own_of = shown.own_of()
    listed = shown.shown(session, queries.of_day(session, g.today, own_of=own_of))
    lanes: dict[str, list[dict[str, Any]]] = {stage: [] for stage in LANES}
    for one in listed:
        if one["stage"] in lanes:
            lanes[one["stage"]].append({**one, "clock": clock_of(one, g.now)})
    beds = resources.listed(session, Kind.PLACE)
    in_bed = {
        one["place_id"]: one
        for lane in (VisitStage.WAITING, VisitStage.CONSULTING, VisitStage.QUOTED,
                     VisitStage.IN_SERVICE)
        for one in lanes[lane]
    }  # fmt: skip
    coming = [
        row
        for row in bookings.appointments(session, g.today, g.today, own_of=own_of)
        if row.stage in (Stage.CONFIRMED, Stage.NO_SHOW)
    ]
    return {
        "lanes": lanes,
        "beds": [(bed.name, in_bed.get(bed.id)) for bed in beds],
        "places": {bed.id: bed.name for bed in beds},
        "people": {one: known.name for one, known in day_board.serving().items()},
        "coming": day_board.bookings(session, coming),
        "left": sum(one["stage"] == VisitStage.LEFT for one in listed),
        "now": g.now,
    }


def _form(typed: dict[str, str], problems: Reasons) -> str:
    session = db.session()
    customer = whole(typed.get("customer"))
    names = PLACES["customers"].names(session, [customer]) if isinstance(customer, int) else {}
    return render_template(
        "appointments/walk_in.html",
        typed=typed,
        problems=problems,
        shown=names.get(customer, "") if isinstance(customer, int) else "",
        people=[(str(one), known.name) for one, known in day_board.serving().items()],
        beds=[(str(one.id), one.name) for one in resources.listed(session, Kind.PLACE)],
    )
