"""One visit on a page: what can be done with it now, the quote sheet, the farewell; each one press.

Form: W2.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.forms import visit as forms
from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.queries import resources
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.resources import Kind
from shared.domain.appointments.rules.visits import Line, Step
from shared.domain.appointments.service import quoting, reception, visit_steps, visits
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.errors import DomainError
from web.appointments import board as day_board
from web.appointments import quote_sheet
from web.appointments import visits as shown
from web.appointments.reception_pages import clock_of
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole
from web.records.pages import tried

blueprint = Blueprint(
    "visit_pages", __name__, url_prefix="/s/<slug>/visits", template_folder="templates"
)
Act = Callable[[Session, Visit], Any]


@blueprint.get("/<id:visit_id>")
@requires("visits", "R", only="store")
def visit(visit_id: int) -> ResponseReturnValue:
    """Show one visit."""
    return _page(queries.get(db.session(), visit_id, own_of=shown.own_of()), None, {})


@blueprint.post("/<id:visit_id>/greeting")
@requires("visits", "U", only="store")
def greet(visit_id: int) -> ResponseReturnValue:
    """Note that the guest was greeted."""
    return _step(visit_id, "visits", lambda s, v: reception.greet(s, v, by=shown.editor()))


@blueprint.post("/<id:visit_id>/seat")
@requires("visits", "U", only="store")
def seat(visit_id: int) -> ResponseReturnValue:
    """Say who serves the guest, and in which bed."""

    def act(session: Session, found: Visit) -> None:
        asked = loaded(
            forms.Seating(), {"staff": _text("staff"), "place": whole(request.form.get("place"))}
        )
        reception.seat(
            session, found, staff_id=asked["staff"], place_id=asked["place"], by=shown.editor()
        )

    return _step(visit_id, "visits", act)


@blueprint.post("/<id:visit_id>/consultation")
@requires("visit_advice", "U", only="store")
def consult(visit_id: int) -> ResponseReturnValue:
    """Begin the interview."""

    def act(session: Session, found: Visit) -> None:
        declined = bool(request.form.get("is_health_declined"))
        typed = {"is_health_declined": declined, "needs": _text("needs")}
        reception.consult(session, found, **loaded(forms.Consultation(), typed), by=shown.editor())

    return _step(visit_id, "visit_advice", act, to_visit=True)


@blueprint.post("/<id:visit_id>/quote")
@requires("visit_advice", "U", only="store")
def quote(visit_id: int) -> ResponseReturnValue:
    """Write the quote; refused, it stands there again with the reasons."""
    return _quoted(visit_id, "visit_advice", Step.QUOTE)


@blueprint.post("/<id:visit_id>/extra")
@requires("visit_service", "U", only="store")
def extra(visit_id: int) -> ResponseReturnValue:
    """Propose extra items in the middle."""
    return _quoted(visit_id, "visit_service", Step.EXTRA)


@blueprint.post("/<id:visit_id>/decision")
@requires("visit_service", "U", only="store")
def decide(visit_id: int) -> ResponseReturnValue:
    """Note the guest's answer."""
    is_agreed = request.form.get("is_agreed") == "1"

    def act(session: Session, found: Visit) -> None:
        quoting.decide(session, found, is_agreed=is_agreed, by=shown.editor())

    return _step(visit_id, "visit_service", act)


@blueprint.post("/<id:visit_id>/start")
@requires("visit_service", "U", only="store")
def start(visit_id: int) -> ResponseReturnValue:
    """Begin a treatment; its card opens for who treats."""
    line = whole(request.form.get("line"))
    begun = visits.Begun(line_id=line if isinstance(line, int) else None)
    made: list[int] = []

    def act(session: Session, found: Visit) -> None:
        card = visits.start(session, found, begun, by=shown.editor())
        made.extend([card.id] if card is not None and card.beautician == g.actor.id else [])

    answer = _step(visit_id, "visit_service", act)
    if made and g.actor.may("F05", "U"):
        return redirect(url_for("treatment_pages.card", record_id=made[0]), 303)
    return answer


@blueprint.post("/<id:visit_id>/lines/<id:line_id>/refusal")
@requires("visit_service", "U", only="store")
def drop_line(visit_id: int, line_id: int) -> ResponseReturnValue:
    """Take back an item that was agreed and not begun."""

    def act(session: Session, found: Visit) -> None:
        visits.drop_line(session, found, line_id, by=shown.editor())

    return _step(visit_id, "visit_service", act)


@blueprint.post("/<id:visit_id>/check")
@requires("visit_service", "U", only="store")
def check_result(visit_id: int) -> ResponseReturnValue:
    """Let the guest look at the result."""
    return _step(
        visit_id, "visit_service", lambda s, v: visits.check_result(s, v, by=shown.editor())
    )


@blueprint.post("/<id:visit_id>/farewell")
@requires("visits", "U", only="store")
def farewell(visit_id: int) -> ResponseReturnValue:
    """See the guest off; the next date leads to a booking that is filled in."""

    def act(session: Session, found: Visit) -> None:
        typed = {"next_on": _text("next_on"), "home_advice": _text("home_advice")}
        visits.farewell(session, found, **loaded(forms.Farewell(), typed), by=shown.editor())

    return _step(visit_id, "visits", act, to_visit=True)


@blueprint.post("/<id:visit_id>/leaving")
@requires("visits", "U", only="store")
def leave(visit_id: int) -> ResponseReturnValue:
    """Let the guest go who was not served."""

    def act(session: Session, found: Visit) -> None:
        typed = {"reason": _text("reason"), "note": _text("note")}
        reception.leave(session, found, **loaded(forms.Leaving(), typed), by=shown.editor())

    return _step(visit_id, "visits", act)


def _text(name: str) -> str | None:
    return request.form.get(name) or None


def _held(session: Session, visit_id: int, resource: str) -> Visit:
    version = whole(request.form.get("version"))
    return visit_steps.hold(
        session, visit_id, version=version if isinstance(version, int) else 0, by=shown.editor(),
        own_of=shown.own_of(resource, "U"),
    )  # fmt: skip


def _step(visit_id: int, resource: str, act: Act, *, to_visit: bool = False) -> ResponseReturnValue:
    """Take one step in the version that was seen; refused, the page says why."""
    is_done = False
    try:
        tried(lambda session: act(session, _held(session, visit_id, resource)))
        is_done = True
    except errors.Missing:
        raise
    except DomainError as error:
        flash(" ".join(text for texts in reasons_of(error).values() for text in texts), "bad")
    if is_done and not to_visit and request.form.get("back") == "board":
        return redirect(url_for("reception_pages.board", _anchor=f"visit-{visit_id}"), 303)
    return redirect(url_for(".visit", visit_id=visit_id), 303)


def _quoted(visit_id: int, resource: str, step: Step) -> ResponseReturnValue:
    typed = quote_sheet.typed_lines()
    try:
        asked = loaded(
            forms.Quote(),
            {
                "lines": [{n: v for n, v in one.items() if v is not None} for one in typed],
                "is_agreed": bool(request.form.get("is_agreed")),
            },
        )
        lines = [
            Line(
                item_id=one["item"], pay_by=one["pay_by"], price_fen=one["price_fen"],
                card_id=one["card"], note=one["note"], quantity=one["quantity"],
            )
            for one in asked["lines"]
        ]  # fmt: skip
        tried(
            lambda session: quoting.quote(
                session, _held(session, visit_id, resource), step=step, lines=lines,
                is_agreed=asked["is_agreed"], by=shown.editor(),
            )
        )  # fmt: skip
    except errors.Missing:
        raise
    except DomainError as error:
        found = queries.get(db.session(), visit_id, own_of=shown.own_of())
        return _page(found, typed, reasons_of(error)), 422
    return redirect(url_for(".visit", visit_id=visit_id), 303)


def _page(found: Visit, typed: list[dict[str, Any]] | None, problems: Reasons) -> str:
    session = db.session()
    session.flush()
    [one] = shown.shown(session, [found])
    guest = customers.by_ids(session, [found.customer_id])[found.customer_id]
    sees = shown.sees_health(session, found, guest)
    people = {one: known.name for one, known in day_board.serving().items()}
    return render_template(
        "appointments/visit.html",
        visit=one,
        clock=clock_of(one, g.now),
        guest=guest,
        health=guest if sees else None,
        is_own=g.actor.reach("F05", "R") == "own",
        people=people,
        places={one.id: one.name for one in resources.listed(session, Kind.PLACE)},
        items=catalog.items(session, on_sale_on=g.today),
        ways=quote_sheet.ways(session, found),
        rows=quote_sheet.rows(one, typed),
        problems=problems,
        total_fen=sum(line["price_fen"] for line in one["lines"] if not line["declined_at"]),
        minutes=sum(line["minutes"] for line in one["lines"] if not line["declined_at"]),
    )
