"""The signed-in person's API tokens as a page: make one for a program, see it used, revoke it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.errors import DomainError
from tenants.people import api_tokens, permissions
from web.auth import fresh, signed_in
from web.forms import Reasons, loaded, reasons_of, whole
from web.people import freshness
from web.people.account_api import NoSuchToken
from web.people.forms import DAYS, NewToken

blueprint = Blueprint("token_pages", __name__, url_prefix="/s/<slug>/tokens")


@blueprint.get("")
@signed_in
def tokens() -> ResponseReturnValue:
    """List one's own tokens of this tenant."""
    freshness.refuse_token()
    return _page()


@blueprint.post("")
@signed_in
@fresh
def make() -> ResponseReturnValue:
    """Make a token and show it this one time; not after a redirect, so that it is kept nowhere."""
    typed = _typed()
    try:
        form = loaded(
            NewToken(),
            {"label": typed["label"], "scopes": _scopes(typed), "days": whole(typed["days"])},
        )
    except DomainError as error:
        return _page(typed=typed, problems=reasons_of(error)), 422
    made = api_tokens.make_api_token(
        g.actor.id,
        g.tenant,
        label=form["label"],
        now=g.now,
        scopes=form["scopes"],
        expires_at=g.now + timedelta(days=form["days"]),
    )
    return _page(made=made)


@blueprint.post("/<uuid:token_id>/revocation")
@signed_in
def revoke(token_id: UUID) -> ResponseReturnValue:
    """Revoke one of one's own tokens; it opens nothing from now on."""
    freshness.refuse_token()
    person = g.actor.id
    if not api_tokens.revoke_api_token(token_id, person_id=person, tenant=g.tenant, now=g.now):
        raise NoSuchToken
    flash(_("The token is revoked and opens nothing any more."), "good")
    return redirect(url_for("token_pages.tokens"), 303)


def _typed() -> dict[str, Any]:
    return {
        "label": request.form.get("label", ""),
        "verbs": request.form.get("verbs", "*"),
        "resources": request.form.getlist("resources"),
        "days": request.form.get("days", "90"),
    }


def _scopes(typed: dict[str, Any]) -> list[str]:
    """Read scopes from two questions: only reading or all, and everywhere or in some rooms."""
    return [f"{resource}:{typed['verbs']}" for resource in typed["resources"] or ["*"]]


def _page(
    *, made: str = "", typed: dict[str, Any] | None = None, problems: Reasons | None = None
) -> str:
    mine = {
        key: name
        for key, name in permissions.names().items()
        if any(g.actor.may(key, verb) for verb in permissions.VERBS)
    }
    return render_template(
        "account/tokens.html",
        tokens=api_tokens.api_tokens(g.actor.id, g.tenant),
        resources=mine,
        reading=api_tokens.READING,
        lasts=DAYS,
        made=made,
        typed=typed or {"label": "", "verbs": api_tokens.READING, "resources": [], "days": "90"},
        problems=problems or {},
    )
