"""The people of a store or headquarters 人员: who works here, as what; invite, change, let go."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.errors import Conflict, DomainError
from tenants.people import invitations, members, people_log
from tenants.people.invitations import Invitation, NewInvitation
from tenants.people.people_log import Act
from web.auth import fresh, requires
from web.errors import refused
from web.forms import Reasons, loaded, reasons_of
from web.people import inviting, resets
from web.people.forms import NewMember, Roles, roles_here

blueprint = Blueprint("people_pages", __name__, url_prefix="/s/<slug>/people")

MOST_CHANGES = 200


@blueprint.get("")
@requires("users", "R")
def people() -> ResponseReturnValue:
    """List who works here and who is invited."""
    return _page()


@blueprint.post("/invitations")
@requires("users", "C")
@fresh
def invite() -> ResponseReturnValue:
    """Invite somebody: by mail, or by a link to hand over that is shown this one time."""
    typed = {name: request.form.get(name, "") for name in ("address", "name")}
    roles = request.form.getlist("roles")
    try:
        form = loaded(NewMember(), {**typed, "roles": roles})
        new = NewInvitation(**{**form, "roles": tuple(form["roles"])})
        made = invitations.invite(g.tenant, new, by=_by())
    except DomainError as error:
        return refused(_page(typed={**typed, "roles": roles}, problems=reasons_of(error)), error)
    return _handed_over(made)


@blueprint.post("/invitations/<uuid:invitation_id>/renewal")
@requires("users", "C")
@fresh
def renew(invitation_id: UUID) -> ResponseReturnValue:
    """Send an invitation again, or show a new link for it."""
    return _handed_over(invitations.renew(g.tenant, invitation_id, by=_by()))


@blueprint.post("/invitations/<uuid:invitation_id>/revocation")
@requires("users", "C")
def revoke(invitation_id: UUID) -> ResponseReturnValue:
    """Withdraw an invitation."""
    invitations.revoke(g.tenant, invitation_id, by=_by())
    flash(_("The invitation is withdrawn."), "good")
    return redirect(url_for(".people"), 303)


@blueprint.get("/<uuid:person_id>")
@requires("users", "R")
def person(person_id: UUID) -> ResponseReturnValue:
    """Show one member."""
    return _person_page(person_id)


@blueprint.post("/<uuid:person_id>/roles")
@requires("users", "U")
@fresh
def change_roles(person_id: UUID) -> ResponseReturnValue:
    """Give a member other roles; the member's sessions here end."""
    roles = request.form.getlist("roles")
    try:
        form = loaded(Roles(), {"roles": roles, "seen": request.form.getlist("seen")})
        members.change_roles(g.tenant, person_id, form["roles"], by=_by(), seen=form["seen"])
    except Conflict as error:
        flash(reasons_of(error)[""][0], "bad")
        return redirect(url_for(".person", person_id=person_id), 303)
    except DomainError as error:
        if error.kind == "missing":
            raise
        return _person_page(person_id, roles=roles, problems=reasons_of(error)), 422
    flash(_("The roles are changed."), "good")
    return redirect(url_for(".people"), 303)


@blueprint.post("/<uuid:person_id>/end")
@requires("users", "U")
@fresh
def let_go(person_id: UUID) -> ResponseReturnValue:
    """End a membership: sessions and tokens open nothing here any more."""
    try:
        gone = members.end_membership(g.tenant, person_id, by=_by())
    except members.LastKeeper as error:
        flash(reasons_of(error)[""][0], "bad")
        return redirect(url_for(".person", person_id=person_id), 303)
    flash(_("%(name)s does not work here any more.", name=gone.name), "good")
    return redirect(url_for(".people"), 303)


@blueprint.get("/changes")
@requires("audit", "R")
def changes() -> ResponseReturnValue:
    """List who changed whose roles."""
    listed = people_log.changes(g.tenant, limit=MOST_CHANGES)
    return render_template("people/changes.html", changes=listed)


def _by() -> Act:
    return Act(actor_id=g.actor.id, now=g.now)


def _handed_over(made: Invitation) -> ResponseReturnValue:
    link = inviting.hand_over(made)
    if link is None:
        flash(_("The invitation is on its way to %(address)s.", address=made.address), "good")
        return redirect(url_for(".people"), 303)
    return _page(link=link, invited=made)


def _page(
    *,
    typed: dict[str, object] | None = None,
    problems: Reasons | None = None,
    link: str = "",
    invited: Invitation | None = None,
) -> str:
    return render_template(
        "people/people.html",
        people=members.members(g.tenant),
        invitations=invitations.opened(g.tenant),
        roles=roles_here(g.tenant.kind),
        sends_mail=resets.sends_mail(),
        typed=typed or {},
        problems=problems or {},
        link=link,
        invited=invited,
    )


def _person_page(
    person_id: UUID, *, roles: list[str] | None = None, problems: Reasons | None = None
) -> str:
    found = members.member(g.tenant, person_id)
    return render_template(
        "people/person.html",
        person=found,
        chosen=found.roles if roles is None else roles,
        roles=roles_here(g.tenant.kind),
        problems=problems or {},
    )
