"""Rooms, beds and devices, and the guests' address for requests, as pages."""

from collections.abc import Mapping
from typing import Any

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.appointments.forms.resources import NewResource
from shared.domain.appointments.queries import resources as queries
from shared.domain.appointments.service import guests as requests
from shared.domain.appointments.service import resources
from shared.errors import DomainError
from web import guests
from web.auth import requires
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole

blueprint = Blueprint(
    "resource_pages", __name__, url_prefix="/s/<slug>/rooms", template_folder="templates"
)


@blueprint.get("")
@requires("resources", "R", only="store")
def listed() -> ResponseReturnValue:
    """List rooms and devices; take a new one; show the guests' address."""
    return _page({"kind": "PLACE"}, {})


@blueprint.post("")
@requires("resources", "C", only="store")
def add() -> ResponseReturnValue:
    """Add a room or device; refused, the form stands there again."""
    try:
        found = resources.add(db.session(), new=_new())
    except DomainError as error:
        return _page(request.form, reasons_of(error)), 422
    return _done(_("%(name)s is added.", name=found.name))


@blueprint.post("/<id:resource_id>")
@requires("resources", "U", only="store")
def change(resource_id: int) -> ResponseReturnValue:
    """Say anew what a room or device is."""
    queries.get(db.session(), resource_id)
    seen = whole(request.form.get("version"))
    try:
        found = resources.change(
            db.session(), resource_id=resource_id, version=seen if isinstance(seen, int) else 0,
            new=_new(),
        )  # fmt: skip
    except DomainError as error:
        return _page(request.form, reasons_of(error), changed=resource_id), 422
    return _done(_("%(name)s is saved.", name=found.name))


@blueprint.post("/guests")
@requires("resources", "U", only="store")
def renew() -> ResponseReturnValue:
    """Take requests of guests under a new address, or none any more."""
    if request.form.get("act") == "close":
        requests.close_public(db.session(), by=g.actor.id, now=g.now)
        return _done(_("Requests are no longer taken."))
    requests.open_public(db.session(), by=g.actor.id, now=g.now)
    return _done(_("Requests are taken under a new address."))


def _new() -> resources.NewResource:
    form = request.form
    typed: dict[str, Any] = {
        "kind": form.get("kind", ""),
        "name": form.get("name", ""),
        "is_active": bool(form.get("is_active")),
        "place_no": whole(form.get("place_no")) or 0,
    }
    if form.get("device_kind"):
        typed["device_kind"] = form["device_kind"]
    if form.get("condition"):
        typed["condition"] = form["condition"]
    return resources.NewResource(**loaded(NewResource(), typed))


def _done(text: str) -> ResponseReturnValue:
    flash(text, "good")
    return redirect(url_for(".listed"), 303)


def _page(typed: Mapping[str, str], problems: Reasons, *, changed: int = 0) -> str:
    session = db.session()
    secret = requests.public_secret(session, now=g.now)
    url = guests.address("guest_booking.form", secret) if secret else ""
    return render_template(
        "appointments/resources.html",
        resources=queries.every(session),
        typed=typed,
        problems=problems,
        changed=changed,
        url=url,
        code=segno.make(url, error="m").svg_data_uri(scale=4, border=3) if url else "",
    )
