"""One's own notices as a page: by which channels one wants to hear."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.domain.notifications.forms import OwnChannels
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.service import preferences
from shared.domain.notifications.service.preferences import OWN_CHANNELS
from shared.errors import DomainError
from tenants.people import directory
from web.auth import signed_in
from web.extensions import db
from web.forms import loaded, reasons_of

blueprint = Blueprint(
    "my_notice_pages", __name__, url_prefix="/s/<slug>/notices/mine", template_folder="templates"
)


@blueprint.get("")
@signed_in
def mine() -> ResponseReturnValue:
    """Show by which channels one hears, and at which address."""
    off = {code for _person, code in settings.switched_off(db.session(), g.actor.id)}
    own = directory.member(g.tenant, g.actor.id)
    return render_template(
        "notifications/mine.html",
        channels=[(code, code not in off) for code in OWN_CHANNELS],
        addresses={
            Channel.MAIL: own.mail if own else None,
            Channel.SMS: own.phone if own else None,
            Channel.WX: own.phone if own else None,
        },
    )


@blueprint.post("")
@signed_in
def choose() -> ResponseReturnValue:
    """Hear by the chosen channels from now on."""
    try:
        form = loaded(OwnChannels(), {"channels": request.form.getlist("channels")})
        preferences.choose_channels(
            db.session(), person_id=g.actor.id, wanted=frozenset(form["channels"]), now=g.now
        )
        flash(_("Your choice is saved."), "good")
    except DomainError as error:
        flash("; ".join(sum(reasons_of(error).values(), [])), "bad")
    return redirect(url_for("my_notice_pages.mine"), 303)
