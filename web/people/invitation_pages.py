"""The invited person's side: look at the offer, make an account or use one's own, and begin."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.errors import DomainError
from shared.forms.fields import Form, Text
from tenants.people import identity, invitations, passwords
from tenants.people.identity import Person
from tenants.people.invitations import Offer
from web.auth import public
from web.forms import Reasons, loaded, reasons_of
from web.frame import language
from web.people import resets, sign_in

blueprint = Blueprint("invitation_pages", __name__, url_prefix="/invitations")

MOST_PER_LINK = 30  # tries in a quarter of an hour


class Newcomer(Form):
    """What a new person says of himself or herself."""

    name = Text(("姓名", "Name"), max_length=80, required=True, secrecy="personal")


@blueprint.get("/<token>")
@public
def look(token: str) -> ResponseReturnValue:
    """Show what is offered; looking does not spend the link."""
    return _page(token, invitations.offer(token, now=g.now))


@blueprint.post("/<token>")
@public
def accept(token: str) -> ResponseReturnValue:
    """Join under one's own account, or under a new one with the password typed here."""
    offer = invitations.offer(token, now=g.now)
    if offer.person_id is not None:
        return _join(token)
    sign_in.throttle({f"invitation {offer.id}": MOST_PER_LINK}, now=g.now)
    typed = {"name": request.form.get("name", "")}
    try:
        name = loaded(Newcomer(), typed)["name"]
        about = [name, offer.address, offer.tenant.display_name, offer.tenant.slug]
        password = resets.new_password(about=about)
    except DomainError as error:
        return _page(token, offer, typed=typed["name"], problems=reasons_of(error)), 422
    tenant, person_id = invitations.accept_as_new(
        token,
        name=name,
        password_hash=passwords.hashed(password),
        locale="zh" if language.is_chinese() else "en",
        now=g.now,
    )
    sign_in.sign_out()
    sign_in.start(person_id, now=g.now)
    flash(_("Welcome to %(place)s.", place=tenant.display_name), "good")
    return redirect(url_for("home_page.home", slug=tenant.slug), 303)


blueprint.register_error_handler(invitations.InvitationOver, resets.link_over)


def _join(token: str) -> ResponseReturnValue:
    person = _visitor()
    if person is None:
        return redirect(url_for("entrance.door", next=url_for(".look", token=token)), 303)
    tenant = invitations.accept(token, person_id=person.id, now=g.now)
    flash(_("Welcome to %(place)s.", place=tenant.display_name), "good")
    return redirect(url_for("home_page.home", slug=tenant.slug), 303)


def _page(
    token: str, offer: Offer, *, typed: str | None = None, problems: Reasons | None = None
) -> str:
    return render_template(
        "entrance/invitation.html",
        token=token,
        offer=offer,
        visitor=_visitor(),
        name=offer.name if typed is None else typed,
        problems=problems or {},
    )


def _visitor() -> Person | None:
    visit = identity.visit_by_session(session.get("token", ""), slug=None, now=g.now)
    return visit.person if visit else None
