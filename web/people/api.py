"""The people of a store or headquarters over the API; what changes roles is for fresh sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields

from tenants.people import invitations, members, people_log
from tenants.people.invitations import NewInvitation
from tenants.people.people_log import Act
from web import idempotency, paging
from web.api import ApiBlueprint
from web.auth import fresh, requires
from web.people import inviting
from web.people.forms import NewMember, Roles

blueprint = ApiBlueprint("people", __name__, description="人员 people and roles")


class Member(Schema):
    """Somebody who works here."""

    id = fields.UUID(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    since = fields.AwareDateTime(required=True)
    has_second_factor = fields.Boolean(required=True)


class Members(Schema):
    """Everybody who works here."""

    items = fields.List(fields.Nested(Member), required=True)


class Invited(Schema):
    """An invitation that nobody accepted yet; `link` comes once, where no mail is sent."""

    id = fields.UUID(required=True)
    address = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
    mailed_at = fields.AwareDateTime(required=True, allow_none=True)
    mail_failed_at = fields.AwareDateTime(required=True, allow_none=True)


class InvitationMade(Schema):
    """A new invitation."""

    id = fields.UUID(required=True)
    link = fields.String(
        required=True, allow_none=True, metadata={"description": "null: it goes by mail"}
    )


class Invitations(Schema):
    """All open invitations."""

    items = fields.List(fields.Nested(Invited), required=True)


class RoleChange(Schema):
    """Who changed whose roles; no actor is the operator."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True, allow_none=True)
    who = fields.String(required=True)
    action = fields.String(required=True)
    old = fields.List(fields.String(), required=True)
    new = fields.List(fields.String(), required=True)


@blueprint.call("GET", "/people")
@requires("users", "R")
@blueprint.gives(200, Members)
def list_people() -> dict[str, Any]:
    """List who works here."""
    return {"items": members.members(g.tenant)}


@blueprint.call("PUT", "/people/<uuid:person_id>/roles")
@requires("users", "U")
@fresh
@blueprint.takes(Roles)
@blueprint.gives(200, Member)
def change_roles(loaded: dict[str, Any], person_id: UUID) -> members.Member:
    """Give a member other roles; the member's sessions here end."""
    return members.change_roles(g.tenant, person_id, loaded["roles"], by=_by(), seen=loaded["seen"])


@blueprint.call("DELETE", "/people/<uuid:person_id>")
@requires("users", "U")
@fresh
@blueprint.gives(204)
def let_go(person_id: UUID) -> None:
    """End a membership."""
    members.end_membership(g.tenant, person_id, by=_by())


@blueprint.call("GET", "/people/invitations")
@requires("users", "R")
@blueprint.gives(200, Invitations)
def list_invitations() -> dict[str, Any]:
    """List the open invitations."""
    return {"items": invitations.opened(g.tenant)}


@blueprint.call("POST", "/people/invitations")
@requires("users", "C")
@fresh
@blueprint.takes(NewMember)
@blueprint.gives(201, InvitationMade)
@idempotency.secret
def invite(loaded: dict[str, Any]) -> dict[str, Any]:
    """Invite somebody; an address that is invited already is invited anew."""
    new = NewInvitation(**{**loaded, "roles": tuple(loaded["roles"])})
    made = invitations.invite(g.tenant, new, by=_by())
    return {"id": made.id, "link": inviting.hand_over(made)}


@blueprint.call("DELETE", "/people/invitations/<uuid:invitation_id>")
@requires("users", "C")
@fresh
@blueprint.gives(204)
def revoke(invitation_id: UUID) -> None:
    """Withdraw an invitation."""
    invitations.revoke(g.tenant, invitation_id, by=_by())


@blueprint.call("GET", "/people/changes")
@requires("audit", "R")
@blueprint.takes(paging.PageAsked, "query")
@blueprint.gives(200, paging.page_of(RoleChange))
def list_changes(asked: dict[str, Any]) -> paging.Page:
    """List who changed whose roles, newest first."""
    after = paging.after(asked)
    rows = people_log.changes(
        g.tenant,
        limit=asked["limit"] + 1,
        before=(datetime.fromisoformat(after[0]), UUID(after[1])) if after else None,
    )
    return paging.page(
        rows,
        limit=asked["limit"],
        position=lambda change: [change.at.isoformat(), str(change.id)],
    )


def _by() -> Act:
    return Act(actor_id=g.actor.id, now=g.now)
