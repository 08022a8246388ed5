"""Asking for a time without an account: what, when, who; then the guest's own page of the request.

Shape: a guest sees free times and the own request, and nothing of anybody else.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared import days
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.queries import free
from shared.domain.appointments.rules.stages import STAGES, STEPS, Stage
from shared.domain.appointments.service import guests as service
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.errors import DomainError
from shared.forms.texts import day_of
from shared.records.register import Editor
from web import guests
from web.appointments import board
from web.auth import guest
from web.extensions import db
from web.forms import Reasons, reasons_of, whole
from web.frame import language
from web.records.pages import tried

blueprint = Blueprint(
    "guest_booking", __name__, url_prefix="/g/<token>/booking", template_folder="templates"
)
DAYS_AHEAD = 30
MOST_SHOWN = 200
_TYPED = ("contact_name", "contact_phone", "start_at", "wishes")


@blueprint.get("")
@guest
def form(token: str) -> ResponseReturnValue:
    """Show what may be booked, free times of a day, and the form."""
    try:
        service.check_public(db.session(), g.guest_secret, now=g.now)
    except service.LinkGone:
        return render_template("appointments/gone.html"), 404
    return _form(request.args, {})


@blueprint.post("")
@guest
def ask(token: str) -> ResponseReturnValue:
    """Take the request; refused, the form stands there again with the reasons."""
    guests.count_answer(g.guest_secret, now=g.now)
    try:
        service.check_public(db.session(), g.guest_secret, now=g.now)
    except service.LinkGone:
        return render_template("appointments/gone.html"), 404
    typed = {name: request.form[name] for name in _TYPED if request.form.get(name, "").strip()}
    items = _items(request.form)
    made: list[str] = []

    def act(session: Any) -> Appointment:
        row, secret = service.request(
            session, typed={**typed, "items": items}, asked=_asked(request.form), by=_nobody()
        )
        made.append(secret)
        return row

    try:
        tried(act)
    except service.TooManyRequests as error:
        return _form(request.form, reasons_of(error)), 503
    except DomainError as error:
        return _form(request.form, reasons_of(error)), 422
    return redirect(guests.path_of("guest_booking.request_page", made[0]), 303)


@blueprint.get("/request")
@guest
def request_page(token: str) -> ResponseReturnValue:
    """Show a guest the own request, where it stands, and the way to call it off."""
    try:
        row = service.by_secret(db.session(), g.guest_secret)
    except service.LinkGone:
        return render_template("appointments/gone.html"), 404
    return _request(row)


@blueprint.post("/request")
@guest
def call_off(token: str) -> ResponseReturnValue:
    """Cancel the guest's own appointment."""
    guests.count_answer(g.guest_secret, now=g.now)
    try:
        tried(lambda session: service.call_off(session, g.guest_secret, by=_nobody()))
    except service.LinkGone:
        return render_template("appointments/gone.html"), 404
    except DomainError as error:
        row = service.by_secret(db.session(), g.guest_secret)
        return _request(row, reasons_of(error)), 409
    return redirect(url_for(".request_page", token=token), 303)


def _form(typed: Any, problems: Reasons) -> str:
    session = db.session()
    asked = _asked(typed)
    offered = [
        one
        for one in catalog.items(session, on_sale_on=g.today)
        if one.category != Category.PRODUCT
    ]
    slots = free.free_slots(session, asked) if asked.items else []
    return render_template(
        "appointments/guest_form.html",
        items=offered,
        chosen=asked.items,
        day=asked.day,
        last=g.today + timedelta(days=DAYS_AHEAD),
        starts=list(dict.fromkeys(one.start_at for one in slots)),
        typed=typed,
        problems=problems,
    )


def _request(row: Appointment, problems: Reasons | None = None) -> str:
    names = catalog.by_ids(db.session(), row.items)
    stage = Stage(row.stage)
    return render_template(
        "appointments/guest_request.html",
        row=row,
        items=[names[one].name for one in row.items if one in names],
        stage=language.chosen(*STAGES[stage]),
        may_cancel=Stage.CANCELLED in STEPS[stage] and stage is not Stage.ARRIVED,
        problems=problems or {},
    )


def _asked(said: Any) -> free.Asked:
    """Read for what a time is looked for; a day that is none, or too far away, is today."""
    try:
        day = day_of(said.get("day") or "")
    except ValueError:
        day = g.today
    if not g.today <= day <= g.today + timedelta(days=DAYS_AHEAD):
        day = g.today
    return free.Asked(
        day=day, items=_items(said), serving=list(board.serving()), zone=g.tenant.time_zone,
        now=g.now, most=MOST_SHOWN, every_minutes=30,
    )  # fmt: skip


def _items(said: Any) -> list[int]:
    typed = [whole(one) for one in said.getlist("items")[:6]]
    offered = {
        one.id
        for one in catalog.items(db.session(), on_sale_on=g.today)
        if one.category != Category.PRODUCT
    }
    return [one for one in typed if isinstance(one, int) and one in offered]


def _nobody() -> Editor:
    tenant = g.tenant
    return Editor(
        id=None, permits=lambda resource, verb: False, now=g.now, today=g.today,
        day_of=lambda instant: days.business_day(
            instant, zone=tenant.time_zone, change_hour=tenant.day_change_hour
        ),
        zone=tenant.time_zone,
    )  # fmt: skip
