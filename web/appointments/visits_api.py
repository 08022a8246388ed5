"""Visits as JSON: the board of a day, and one call for each step of W2.

Form: W2. Every step names the version seen in If-Match; to settle is the till's.
"""

from collections.abc import Callable
from typing import Any

from flask import g

from shared.domain.appointments.forms import visit as forms
from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.visits import Step
from shared.domain.appointments.service import quoting, reception, visit_steps, visits
from shared.domain.appointments.service.visit_steps import Arrival
from web.api import ApiBlueprint
from web.appointments import visits as shown
from web.auth import requires
from web.extensions import db
from web.versions import ETAG, IF_MATCH, seen_version

blueprint = ApiBlueprint("visits", __name__, description="到店与接待 visits, from door to door")


@blueprint.call("GET", "/visits")
@requires("visits", "R", only="store")
@blueprint.takes(forms.VisitAsked, "query")
@blueprint.gives(200, forms.VisitBoard)
def list_visits(asked: dict[str, Any]) -> dict[str, Any]:
    """List the visits of a day, today's when nothing is said."""
    session = db.session()
    rows = queries.of_day(session, asked["day"] or g.today, own_of=shown.own_of())
    return {"items": shown.shown(session, rows)}


@blueprint.call("GET", "/visits/<id:visit_id>")
@requires("visits", "R", only="store")
@blueprint.gives(200, forms.Visit, headers=ETAG)
def get_visit(visit_id: int) -> Any:
    """Show one visit."""
    return _one(queries.get(db.session(), visit_id, own_of=shown.own_of()))


@blueprint.call("POST", "/visits")
@requires("visits", "C", only="store")
@blueprint.takes(forms.NewVisit)
@blueprint.gives(201, forms.Visit, headers=ETAG)
def walk_in(loaded: dict[str, Any]) -> Any:
    """Seat a guest who comes without a booking."""
    arrival = Arrival(
        customer_id=loaded["customer"], planned_at=g.now, staff_id=loaded["staff"],
        place_id=loaded["place"], is_requested=loaded["is_requested"],
    )  # fmt: skip
    return _one(reception.walk_in(db.session(), arrival, by=shown.editor()))


@blueprint.call("POST", "/visits/<id:visit_id>/seat")
@requires("visits", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Seating)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def seat(loaded: dict[str, Any], visit_id: int) -> Any:
    """Say who serves a guest, and in which bed."""
    where = {"staff_id": loaded["staff"], "place_id": loaded["place"]}
    return _step(visit_id, "visits", reception.seat, **where)


@blueprint.call("POST", "/visits/<id:visit_id>/greeting")
@requires("visits", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, forms.Visit, headers=ETAG)
def greet(visit_id: int) -> Any:
    """Note that a guest was greeted (SLA-03)."""
    return _step(visit_id, "visits", reception.greet)


@blueprint.call("POST", "/visits/<id:visit_id>/consultation")
@requires("visit_advice", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Consultation)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def consult(loaded: dict[str, Any], visit_id: int) -> Any:
    """Begin the interview; without consent to health data only when the guest declines."""
    return _step(visit_id, "visit_advice", reception.consult, **loaded)


@blueprint.call("POST", "/visits/<id:visit_id>/quote")
@requires("visit_advice", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Quote)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def quote(loaded: dict[str, Any], visit_id: int) -> Any:
    """Quote items, minutes and prices before anything is done."""
    return _quote(_held(visit_id, "visit_advice"), Step.QUOTE, loaded)


@blueprint.call("POST", "/visits/<id:visit_id>/extra")
@requires("visit_service", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Quote)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def extra(loaded: dict[str, Any], visit_id: int) -> Any:
    """Propose an extra item in the middle: the treatment stops until the guest has answered."""
    return _quote(_held(visit_id, "visit_service"), Step.EXTRA, loaded)


@blueprint.call("POST", "/visits/<id:visit_id>/decision")
@requires("visit_service", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Decision)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def decide(loaded: dict[str, Any], visit_id: int) -> Any:
    """Note the guest's answer to what is quoted; who asked stands beside it."""
    return _step(visit_id, "visit_service", quoting.decide, **loaded)


@blueprint.call("POST", "/visits/<id:visit_id>/start")
@requires("visit_service", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Start)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def start(loaded: dict[str, Any], visit_id: int) -> Any:
    """Begin the next treatment, which opens its card; or go on after a declined extra item."""
    begun = visits.Begun(line_id=loaded.pop("line"), **loaded)
    return _step(visit_id, "visit_service", visits.start, begun)


@blueprint.call("POST", "/visits/<id:visit_id>/lines/<id:line_id>/refusal")
@requires("visit_service", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, forms.Visit, headers=ETAG)
def drop_line(visit_id: int, line_id: int) -> Any:
    """Take back an item that was agreed and not begun."""
    return _step(visit_id, "visit_service", visits.drop_line, line_id)


@blueprint.call("POST", "/visits/<id:visit_id>/check")
@requires("visit_service", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.gives(200, forms.Visit, headers=ETAG)
def check_result(visit_id: int) -> Any:
    """Let the guest look at the result; the mark says whether it was on time."""
    return _step(visit_id, "visit_service", visits.check_result)


@blueprint.call("POST", "/visits/<id:visit_id>/farewell")
@requires("visits", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Farewell)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def farewell(loaded: dict[str, Any], visit_id: int) -> Any:
    """See a guest off, with the next date and advice for home."""
    return _step(visit_id, "visits", visits.farewell, **loaded)


@blueprint.call("POST", "/visits/<id:visit_id>/leaving")
@requires("visits", "U", only="store")
@blueprint.says(parameters=[IF_MATCH])
@blueprint.takes(forms.Leaving)
@blueprint.gives(200, forms.Visit, headers=ETAG)
def leave(loaded: dict[str, Any], visit_id: int) -> Any:
    """Let a guest go who was not served, with the reason."""
    return _step(visit_id, "visits", reception.leave, **loaded)


def _step(visit_id: int, resource: str, verb: Callable[..., Any], *what: Any, **more: Any) -> Any:
    """Take one step with a visit in the version that was seen, as whoever may by `resource`."""
    visit = _held(visit_id, resource)
    verb(db.session(), visit, *what, **more, by=shown.editor())
    return _one(visit)


def _held(visit_id: int, resource: str) -> Visit:
    own_of = shown.own_of(resource, "U")
    return visit_steps.hold(
        db.session(), visit_id, version=seen_version(), by=shown.editor(), own_of=own_of
    )


def _quote(visit: Visit, step: Step, loaded: dict[str, Any]) -> Any:
    lines = [
        rules.Line(
            item_id=one["item"], pay_by=one["pay_by"], price_fen=one["price_fen"],
            card_id=one["card"], quantity=one["quantity"], note=one["note"],
        )
        for one in loaded["lines"]
    ]  # fmt: skip
    quoting.quote(
        db.session(), visit, step=step, lines=lines, is_agreed=loaded["is_agreed"],
        by=shown.editor(),
    )  # fmt: skip
    return _one(visit)


def _one(visit: Visit) -> Any:
    session = db.session()
    session.flush()  # steps and lines are read anew
    [found] = shown.shown(session, [visit])
    return found, {"ETag": f'"{visit.version}"'}
