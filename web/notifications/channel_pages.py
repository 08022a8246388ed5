"""Where the store's messages go, as pages: chat groups, webhooks, providers; quiet hours.

Form: specification 10 quiet_hours, 11.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.config import settings as of_process
from shared.domain.notifications.forms import (
    TOPICS,
    EndpointChange,
    NewEndpoint,
    QuietHours,
    StorePhone,
)
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import endpoints as rules
from shared.domain.notifications.rules.endpoints import BOTS
from shared.domain.notifications.service import endpoints, preferences
from shared.errors import Conflict, DomainError
from web.auth import fresh, requires
from web.errors import STATUS
from web.extensions import db
from web.forms import Reasons, loaded, reasons_of, whole
from web.notifications import endpoint_secrets, new_endpoints

blueprint = Blueprint(
    "channel_pages", __name__, url_prefix="/s/<slug>/notices/channels", template_folder="templates"
)


@blueprint.get("")
@requires("notices", "R")
def channels() -> ResponseReturnValue:
    """List the store's channels and quiet hours."""
    return _page()


@blueprint.post("")
@requires("notices", "C")
@fresh
def add() -> ResponseReturnValue:
    """Add a channel; the secret that its receiver checks is shown this one time."""
    typed = _typed("kind", "name", "locale", "url", "key", "secret")
    try:
        form = loaded(NewEndpoint(), typed)
        new, secret = new_endpoints.made_of(form)
        endpoints.add_endpoint(db.session(), new=new, by=g.actor.id, now=g.now)
    except DomainError as error:
        return _refused(error, typed)
    return _done(_("The channel is added.")) if secret is None else _page(made=secret)


@blueprint.post("/<uuid:endpoint_id>/change")
@requires("notices", "U")
def change(endpoint_id: UUID) -> ResponseReturnValue:
    """Change a channel's name, language and what it hears."""
    try:
        form = loaded(EndpointChange(), _typed("name", "locale"))
        endpoints.change_endpoint(
            db.session(),
            endpoint_id,
            name=form["name"],
            locale=form["locale"],
            topics=frozenset(form["topics"]),
            seen=_seen(),
        )
    except settings.NoSuchEndpoint:
        raise
    except DomainError as error:
        return _refused(error, {})
    return _done(_("The channel is changed."))


@blueprint.post("/<uuid:endpoint_id>/switch")
@requires("notices", "U")
def switch(endpoint_id: UUID) -> ResponseReturnValue:
    """Switch a channel on or off."""
    is_on = request.form.get("is_on") == "true"
    endpoints.switch_endpoint(db.session(), endpoint_id, is_on=is_on)
    return _done(_("The channel is on.") if is_on else _("The channel is off."))


@blueprint.post("/<uuid:endpoint_id>/rotation")
@requires("notices", "U")
@fresh
def rotate(endpoint_id: UUID) -> ResponseReturnValue:
    """Make a new signing secret; the old one signs beside it for a day."""
    secret = endpoint_secrets.rotate(db.session(), endpoint_id, now=g.now)
    return _page(made=secret)


@blueprint.post("/<uuid:endpoint_id>/test")
@requires("notices", "U")
def test(endpoint_id: UUID) -> ResponseReturnValue:
    """Send a test message."""
    try:
        endpoints.send_test(db.session(), endpoint_id, store=g.tenant.display_name, now=g.now)
    except Conflict as error:
        return _refused(error, {})
    flash(_("The test message is on its way; the send log shows how it ended."), "good")
    return redirect(url_for("send_log_pages.log"), 303)


@blueprint.post("/<uuid:endpoint_id>/removal")
@requires("notices", "U")
def remove(endpoint_id: UUID) -> ResponseReturnValue:
    """Take a channel away."""
    endpoints.remove_endpoint(db.session(), endpoint_id, now=g.now)
    return _done(_("The channel is removed."))


@blueprint.post("/quiet-hours")
@requires("notices", "U")
def quiet_hours() -> ResponseReturnValue:
    """Say when staff is not disturbed."""
    typed = {name: request.form.get(name, "")[:5] for name in ("begins", "ends")}
    try:
        form = loaded(QuietHours(), typed)
        preferences.set_quiet_hours(db.session(), **form, by=g.actor.id, now=g.now)
    except DomainError as error:
        return _refused(error, {})
    return _done(_("The quiet hours are set."))


@blueprint.post("/phone")
@requires("notices", "U")
def phone() -> ResponseReturnValue:
    """Say which number guests call."""
    typed = {"number": request.form.get("number", "").strip()[:40] or None}
    try:
        form = loaded(StorePhone(), typed)
        preferences.set_phone(db.session(), **form, by=g.actor.id, now=g.now)
    except DomainError as error:
        return _refused(error, typed)
    return _done(_("The store's phone is set."))


def _typed(*names: str) -> dict[str, Any]:
    typed: dict[str, Any] = {
        name: text for name in names if (text := request.form.get(name, "").strip())
    }
    return {**typed, "topics": request.form.getlist("topics")}


def _seen() -> int:
    typed = whole(request.form.get("version"))
    return typed if isinstance(typed, int) else 0


def _done(said: str) -> ResponseReturnValue:
    flash(said, "good")
    return redirect(url_for("channel_pages.channels"), 303)


def _refused(error: DomainError, typed: dict[str, Any]) -> ResponseReturnValue:
    db.session.rollback()  # the page is shown from what is saved
    return _page(typed=typed, problems=reasons_of(error)), STATUS[error.kind]


def _page(
    *, made: str = "", typed: dict[str, Any] | None = None, problems: Reasons | None = None
) -> str:
    session = db.session()
    begins, ends = settings.quiet_hours(session, now=g.now)
    return render_template(
        "notifications/channels.html",
        targets=settings.endpoints(session),
        phone=settings.phone(session, now=g.now),
        begins=begins,
        ends=ends,
        made=made,
        topics=TOPICS,
        robots=BOTS,
        providers=rules.PROVIDERS,
        typed=typed or {},
        problems=problems or {},
        has_mail=bool(of_process().mail_url),
    )
