"""The signed-in person over the API: who I am here, my personal tokens."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import g
from flask_wtf.csrf import generate_csrf
from marshmallow import Schema, fields, validate

from shared import errors
from shared.forms.fields import Form
from tenants.people import api_tokens
from web import idempotency
from web.api import ApiBlueprint
from web.auth import fresh, signed_in
from web.people import freshness, sign_in
from web.people.forms import NewToken

blueprint = ApiBlueprint("account", __name__, description="本人 the signed-in person")


class NoSuchToken(errors.Missing):
    """There is no such token."""


class Me(Schema):
    """The person and what he or she is in this tenant."""

    name = fields.String(required=True)
    locale = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    tenant = fields.String(required=True, metadata={"description": "its display name"})
    kind = fields.String(required=True)
    time_zone = fields.String(required=True)
    today = fields.Date(required=True, metadata={"description": "the business day"})
    csrf_token = fields.String(
        required=True, allow_none=True, metadata={"description": "for X-CSRFToken, cookie only"}
    )


class Confirmation(Form):
    """The proof of who it is: the password, or a code of the second factor."""

    password = fields.String(load_default=None, validate=validate.Length(max=1000, error="LENGTH"))
    code = fields.String(load_default=None, validate=validate.Length(max=40, error="LENGTH"))


class Token(Schema):
    """A personal token of this person in this tenant; `token` is shown once."""

    id = fields.UUID(required=True)
    label = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    used_at = fields.AwareDateTime(required=True, allow_none=True)
    scopes = fields.List(
        fields.String(), required=True, allow_none=True, metadata={"description": "null: all"}
    )
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


class TokenMade(Schema):
    """A new token; it is not kept and not shown again."""

    label = fields.String(required=True)
    token = fields.String(required=True)


class Tokens(Schema):
    """This person's tokens."""

    items = fields.List(fields.Nested(Token), required=True)


@blueprint.call("GET", "/me")
@signed_in
@blueprint.gives(200, Me)
def me() -> dict[str, Any]:
    """Say who is signed in, as what."""
    return {
        "name": g.actor.name,
        "locale": g.actor.locale,
        "roles": sorted(g.actor.roles),
        "tenant": g.tenant.display_name,
        "kind": g.tenant.kind,
        "time_zone": g.tenant.time_zone,
        "today": g.today,
        "csrf_token": None if g.actor.by_token else generate_csrf(),
    }


@blueprint.call("POST", "/confirmation")
@signed_in
@blueprint.takes(Confirmation)
@blueprint.gives(204)
def confirm(loaded: dict[str, Any]) -> None:
    """Prove again who one is; the session is fresh for ten minutes."""
    freshness.refuse_token()
    freshness.prove(g.actor.login, g.actor.id, now=g.now, **loaded)
    sign_in.renew(g.actor.session_id, now=g.now)


@blueprint.call("GET", "/tokens")
@signed_in
@blueprint.gives(200, Tokens)
def list_tokens() -> dict[str, Any]:
    """List one's own tokens of this tenant."""
    freshness.refuse_token()
    return {"items": api_tokens.api_tokens(g.actor.id, g.tenant)}


@blueprint.call("POST", "/tokens")
@signed_in
@fresh
@blueprint.takes(NewToken)
@blueprint.gives(201, TokenMade)
@idempotency.secret
def make_token(loaded: dict[str, Any]) -> dict[str, Any]:
    """Make a personal token for this tenant."""
    token = api_tokens.make_api_token(
        g.actor.id,
        g.tenant,
        label=loaded["label"],
        now=g.now,
        scopes=loaded["scopes"],
        expires_at=g.now + timedelta(days=loaded["days"]),
    )
    return {"label": loaded["label"], "token": token}


@blueprint.call("DELETE", "/tokens/<uuid:token_id>")
@signed_in
@blueprint.gives(204)
def revoke_token(token_id: UUID) -> None:
    """Revoke one of one's own tokens."""
    freshness.refuse_token()
    person = g.actor.id
    if not api_tokens.revoke_api_token(token_id, person_id=person, tenant=g.tenant, now=g.now):
        raise NoSuchToken
