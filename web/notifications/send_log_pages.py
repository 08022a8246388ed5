"""The send log as a page (发送记录): what was sent to whom, how it ended, and once more."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.customers import queries as customers
from shared.domain.notifications.queries import sending as queries
from shared.domain.notifications.rules.catalogue import CHANNEL_LABELS
from shared.domain.notifications.rules.delivery import STATE_LABELS
from shared.domain.notifications.service import sending
from tenants.people import members
from web.auth import requires
from web.extensions import db
from web.forms import reasons_of
from web.notifications.pages import position

blueprint = Blueprint(
    "send_log_pages", __name__, url_prefix="/s/<slug>/notices/log", template_folder="templates"
)

PAGE = 50


@blueprint.get("")
@requires("notices", "R")
def log() -> ResponseReturnValue:
    """List messages, newest first."""
    channel, state = (request.args.get(name, "") for name in ("channel", "state"))
    asked = queries.LogAsked(
        channel=channel if channel in CHANNEL_LABELS else "",
        state=state if state in STATE_LABELS else "",
        before=position(request.args.get("before")),
    )
    listed = queries.log(db.session(), asked=asked, limit=PAGE + 1)
    shown = listed[:PAGE]
    older = f"{shown[-1].created_at.isoformat()}/{shown[-1].id}" if len(listed) > PAGE else None
    return render_template(
        "notifications/log.html",
        messages=shown,
        names=_names([row.recipient for row in shown]),
        older=older,
        asked=asked,
    )


@blueprint.post("/<id:delivery_id>/again")
@requires("notices", "U")
def again(delivery_id: int) -> ResponseReturnValue:
    """Send a message that failed once more."""
    try:
        sending.send_again(db.session(), delivery_id, now=g.now)
        flash(_("The message is sent again."), "good")
    except sending.NotResendable as error:
        flash(reasons_of(error)[""][0], "bad")
    return redirect(url_for("send_log_pages.log"), 303)


def _names(recipients: list[str]) -> dict[str, str]:
    """Call recipients by their names: people, guests by number, endpoints."""
    names = {"operator": _("Operator of the platform")}
    kinds = {recipient.partition(":")[0] for recipient in recipients}
    if "person" in kinds:
        names |= {f"person:{one.id}": one.name for one in members.members(g.tenant)}
    if "endpoint" in kinds:
        found: dict[UUID, str] = queries.endpoint_names(db.session())
        names |= {f"endpoint:{key}": name for key, name in found.items()}
    if "customer" in kinds:
        ids = [int(one.partition(":")[2]) for one in recipients if one.startswith("customer:")]
        guests = customers.by_ids(db.session(), ids)
        names |= {f"customer:{key}": guest.number for key, guest in guests.items()}
    return names
