"""The day's appointments as a list, one appointment with its steps, what is to be confirmed."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.appointments.forms.moving import Cancellation
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.queries import board as queries
from shared.domain.appointments.queries import resources
from shared.domain.appointments.rules.rates import rates
from shared.domain.appointments.service import moving, turns
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.errors import DomainError
from shared.forms.texts import day_of
from shared.records import queries as records
from web.appointments import board
from web.auth import requires
from web.extensions import db
from web.forms import loaded, reasons_of, whole
from web.records import access, sheets
from web.records.pages import tried

blueprint = Blueprint(
    "appointment_pages", __name__, url_prefix="/s/<slug>/day", template_folder="templates"
)
MOST_REQUESTS = 100


@blueprint.get("")
@requires("F03", "R", only="store")
def day() -> ResponseReturnValue:
    """List a day's appointments by time, whose turn it is, how well the last days were kept."""
    try:
        shown = day_of(request.args["day"]) if request.args.get("day") else g.today
    except ValueError:
        shown = g.today
    session = db.session()
    found = board.shown(session, shown, shown)
    names = {str(one["id"]): one["name"] for one in found["people"]}
    counts = queries.counts(session, shown - timedelta(days=29), shown)
    return render_template(
        "appointments/day.html",
        day=shown,
        before=shown - timedelta(days=1),
        after=shown + timedelta(days=1),
        board=found,
        people=names,
        places={one.id: one.name for one in resources.every(session)},
        waiting=len(queries.requests(session, limit=MOST_REQUESTS))
        if board.own_of() is None
        else 0,
        counts=counts,
        rates=rates(counts),
    )


@blueprint.get("/requests")
@requires("F03", "U", only="store")
def requests() -> ResponseReturnValue:
    """List what guests asked for and nobody has confirmed."""
    session = db.session()
    rows = queries.requests(session, limit=MOST_REQUESTS)
    return render_template("appointments/requests.html", bookings=board.bookings(session, rows))


@blueprint.get("/<id:record_id>")
@requires("F03", "R", only="store")
def appointment(record_id: int) -> ResponseReturnValue:
    """Show one appointment, what can be done with it now, and what became of it."""
    row, session = _row(record_id), db.session()
    (booking,) = board.bookings(session, [row])
    names = {one: known.name for one, known in board.serving().items()}
    return render_template(
        "appointments/appointment.html",
        row=row,
        key=uuid4(),
        booking=booking,
        people=names,
        places={one.id: one.name for one in resources.every(session)},
        history=sheets.history_of(APPOINTMENTS, row),
        is_today=row.business_date == g.today,
        is_missed=g.now - row.start_at >= timedelta(minutes=30),
        is_late=g.now > row.start_at - timedelta(hours=2),
    )


@blueprint.post("/<id:record_id>/arrival")
@requires("F03_desk", "U", only="store")
def arrive(record_id: int) -> ResponseReturnValue:
    """Check a guest in."""
    return _step(record_id, moving.arrive, _("The guest is checked in."))


@blueprint.post("/<id:record_id>/greeting")
@requires("F03_desk", "U", only="store")
def greet(record_id: int) -> ResponseReturnValue:
    """Note that the guest was greeted."""
    return _step(record_id, moving.greet, _("Noted."))


@blueprint.post("/<id:record_id>/no-show")
@requires("F03_desk", "U", only="store")
def no_show(record_id: int) -> ResponseReturnValue:
    """Note that a guest did not come."""
    return _step(record_id, moving.mark_no_show, _("Noted as a no-show."))


@blueprint.post("/<id:record_id>/cancellation")
@requires("F03_cancel", "U", only="store")
def cancel(record_id: int) -> ResponseReturnValue:
    """Cancel an appointment with a reason."""
    asked = {name: request.form.get(name) or None for name in ("reason", "note")}
    given = loaded(Cancellation(), {n: text for n, text in asked.items() if text})

    def act(session: Any, **seen: Any) -> Appointment:
        return moving.cancel(session, **seen, why=given["reason"], note=given["note"])

    return _step(record_id, act, _("The appointment is cancelled."))


@blueprint.post("/turns/<day:day>")
@requires("F03_desk", "U", only="store")
def set_turns(day: date) -> ResponseReturnValue:
    """Take the turn queue as typed: a number for each who stands in it, a tick for who pauses."""
    serving = frozenset(board.serving())
    places, seen = _queue(serving), _queue(serving, "seen.")
    try:
        tried(
            lambda session: turns.set_queue(
                session, day=day, places=places, seen=seen, serving=serving
            )
        )
    except turns.QueueMoved as error:
        flash(" ".join(text for texts in reasons_of(error).values() for text in texts), "bad")
    else:
        flash(_("The turn queue is saved."), "good")
    return redirect(url_for(".day", day=day), 303)


def _queue(people: Iterable[UUID], prefix: str = "") -> list[turns.Place]:
    typed = []
    for one in people:
        number = whole(request.form.get(f"{prefix}turn.{one}"))
        if isinstance(number, int):
            typed.append((number, one, bool(request.form.get(f"{prefix}paused.{one}"))))
    return [turns.Place(person=one, is_paused=paused) for _n, one, paused in sorted(typed)]


def _row(record_id: int) -> Appointment:
    own_of = access.editor(APPOINTMENTS, "R").own_of
    found: Appointment = records.get(db.session(), APPOINTMENTS, record_id, own_of=own_of)
    return found


def _step(record_id: int, act: Callable[..., Appointment], text: str) -> ResponseReturnValue:
    """Take one step in the version that was seen; refused, the page says why."""
    _row(record_id)
    version, by = whole(request.form.get("version")), access.editor(APPOINTMENTS, "U")
    seen = {
        "appointment_id": record_id, "by": by,
        "version": version if isinstance(version, int) else 0,
    }  # fmt: skip
    try:
        tried(lambda session: act(session, **seen))
    except DomainError as error:
        said = [part for parts in reasons_of(error).values() for part in parts]
        flash(" ".join(said), "bad")
    else:
        flash(text, "good")
    return redirect(url_for(".appointment", record_id=record_id), 303)
