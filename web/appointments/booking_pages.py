"""Booking as one flow: the guest, what for, a free time; the same page moves and confirms.

Shape: the fields are those of F03's declaration; a chosen time `slot` is
`start|staff|room|device,device` and stands for four of them.
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.queries import board as board_queries
from shared.domain.appointments.queries import occupancy
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.cards.queries import cards
from shared.domain.cards.rules.kinds import CardState
from shared.domain.customers import queries as customers
from shared.errors import DomainError, problem
from shared.records import judging, queries, service
from web.appointments import board, times
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, Refused, reasons_of, whole
from web.records import access, boxes, drafts, sheets
from web.records.boxes import own_fields
from web.records.drafts import Draft
from web.records.pages import tried
from web.records.pickers import Names

blueprint = Blueprint(
    "booking_pages", __name__, url_prefix="/s/<slug>/booking", template_folder="templates"
)

_NEW = (
    "customer", "contact_name", "contact_phone", "channel", "items", "requested_staff", "wishes",
    "readback_done", "deposit_fen",
)  # fmt: skip
_MOVED = ("items", "requested_staff", "wishes", "readback_done", "deposit_fen")
_LAST = 8  # appointments of a guest beside the form


@blueprint.get("/new")
@requires("F03", "C", only="store")
def new() -> ResponseReturnValue:
    """Show the form, filled with what the address names."""
    known = {name: own_fields(APPOINTMENTS.form)[name] for name in _NEW}
    draft = drafts.blank(known, {"channel": "PHONE", **request.args.to_dict()})
    draft.texts["items"] = request.args.getlist("items")
    return _page(draft)


@blueprint.post("/new")
@requires("F03", "C", only="store")
def book() -> ResponseReturnValue:
    """Book the chosen time, or ask for it; refused, the form stands there again."""
    draft = _sent(_NEW)
    try:
        typed = _typed(draft, is_new=True)
        row = tried(
            lambda session: service.keep_new(
                session, APPOINTMENTS, typed=typed, by=access.editor(APPOINTMENTS, "C", typed)
            )
        )
    except DomainError as error:
        return _page(draft, refused=error), 422
    return _done(row, _("%(number)s is booked.", number=row.number))


@blueprint.get("/<id:record_id>/move")
@requires("F03", "U", only="store")
def move(record_id: int) -> ResponseReturnValue:
    """Offer other times for an appointment; a request is confirmed by one."""
    row = _row(record_id)
    standing = drafts.of_values(
        {name: own_fields(APPOINTMENTS.form)[name] for name in _MOVED},
        judging.plain(APPOINTMENTS, row), version=row.version,
    )  # fmt: skip
    return _page(standing, row=row)


@blueprint.post("/<id:record_id>/move")
@requires("F03", "U", only="store")
def moved(record_id: int) -> ResponseReturnValue:
    """Move an appointment to the chosen time, or confirm it there."""
    row, draft = _row(record_id), _sent(_MOVED)
    try:
        typed = _typed(draft, is_new=False)
        row = tried(
            lambda session: service.keep_change(
                session, APPOINTMENTS, record_id=record_id, version=draft.version,
                typed=typed, by=access.editor(APPOINTMENTS, "U", typed),
            )
        )  # fmt: skip
    except DomainError as error:
        status = 409 if isinstance(error, judging.ChangedMeanwhile) else 422
        return _page(draft, row=row, refused=error), status
    return _done(row, _("%(number)s is saved.", number=row.number))


@blueprint.get("/free")
@requires("F03", "R", only="store")
def free_times() -> ResponseReturnValue:
    """List free times for what stands in the form so far."""
    moving = whole(request.args.get("moving"))
    row = _row(moving) if isinstance(moving, int) else None
    draft = _sent(_NEW, request.args)
    return render_template("appointments/free.html", **times.offered(draft, request.args, row))


@blueprint.get("/guest")
@requires("F03", "C", only="store")
def guest() -> ResponseReturnValue:
    """Tell about the guest who is booking: last appointments, no-shows, what must not be done."""
    customer = whole(request.args.get("customer"))
    about = _about(customer) if isinstance(customer, int) else None
    return render_template("appointments/guest.html", about=about)


def _row(record_id: int) -> Appointment:
    own_of = access.editor(APPOINTMENTS, "R").own_of
    found: Appointment = queries.get(db.session(), APPOINTMENTS, record_id, own_of=own_of)
    return found


def _sent(names: tuple[str, ...], form: "MultiDict[str, str] | None" = None) -> Draft:
    given = request.form if form is None else form
    whole_form = MultiDict(list(given.items(multi=True)))
    whole_form["fields"] = " ".join(names)
    known = {name: own_fields(APPOINTMENTS.form)[name] for name in names}
    return drafts.sent(known, whole_form)


def _typed(draft: Draft, *, is_new: bool) -> dict[str, Any]:
    """Read the form as JSON, with the time that was chosen.

    Raises: Refused when a new one has no time, or what was sent is none.
    """
    typed = draft.values(own_fields(APPOINTMENTS.form)) | draft.extras(APPOINTMENTS, request.form)
    chosen = request.form.get("slot", "")
    if not chosen and not is_new:
        return typed
    parts = chosen.split("|")
    if len(parts) != 4:
        code = "TYPE" if chosen else "REQUIRED"
        raise Refused(problems=(problem("slot", code, zh="请选择时间", en="choose a time"),))
    start, staff, room, devices = parts
    return typed | {
        "start_at": start, "assigned_staff": staff, "room": whole(room),
        "equipment": [whole(one) for one in devices.split(",") if one] or None,
    }  # fmt: skip


def _page(
    draft: Draft, *, row: Appointment | None = None, refused: DomainError | None = None
) -> str:
    doubts = refused.doubts if isinstance(refused, judging.NeedsConfirmation) else ()
    problems: Reasons = reasons_of(refused) if refused is not None and not doubts else {}
    known, names = own_fields(APPOINTMENTS.form), Names()
    values = draft.values(known)
    names.learn(db.session(), known, [values])
    made = {
        name: boxes.box(name, known[name], texts, names, values)
        for name, texts in draft.texts.items()
    }
    said = request.form if request.method == "POST" else request.args
    return render_template(
        "appointments/form.html",
        boxes=made,
        row=row,
        version=draft.version,
        is_request=row is not None and row.stage == "REQUESTED",
        bookings=board.bookings(db.session(), [row]) if row is not None else [],
        about=_about(row.customer if row is not None else values.get("customer")),
        doubts=doubts,
        reasons=draft.reasons,
        warnings=sheets.warnings_of(doubts),
        problems=problems,
        **times.offered(draft, said, row),
    )


def _about(customer: Any) -> dict[str, Any] | None:
    """Tell of a guest: last appointments, no-shows, live cards; health data to who may read it."""
    session = db.session()
    if not isinstance(customer, int):
        return None
    found = customers.by_ids(session, [customer]).get(customer)
    if found is None or found.restricted_at is not None or g.actor.reach("F04", "R") is None:
        return None
    rows = board_queries.last_of(session, customers.whole_person(session, customer), most=_LAST)
    sees_health = g.actor.reach("F04_health", "R") == "all" or (
        g.actor.may("F04_health", "R") and g.actor.id in (found.consultant, found.preferred_staff)
    )
    return {
        "customer": found,
        "bookings": board.bookings(session, rows),
        "cards": [
            one
            for one in cards.cards_of(session, customer)
            if one.state == CardState.ACTIVE and not one.balances.is_empty
        ],
        "no_shows": occupancy.no_shows(session, customer, now=g.now),
        "contraindications": (found.contraindications or []) if sees_health else None,
        "allergies": found.allergies if sees_health else None,
    }


def _done(row: Any, text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for("appointment_pages.appointment", record_id=row.id), 303)
