"""The signed-in person's API tokens as a page: make one for a program, see it used, revoke it."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared.errors import DomainError
from tenants import identity
from web.account import NewToken, NoSuchToken, refuse_token
from web.auth import signed_in
from web.forms import Reasons, loaded, reasons_of

blueprint = Blueprint("token_pages", __name__, url_prefix="/s/<slug>/tokens")


@blueprint.get("")
@signed_in
def tokens() -> ResponseReturnValue:
    """List one's own tokens of this tenant."""
    refuse_token()
    return _page()


@blueprint.post("")
@signed_in
def make() -> ResponseReturnValue:
    """Make a token and show it this one time; not after a redirect, so that it is kept nowhere."""
    refuse_token()
    try:
        label = loaded(NewToken(), {"label": request.form.get("label", "")})["label"]
    except DomainError as error:
        return _page(typed=request.form.get("label", ""), problems=reasons_of(error)), 422
    return _page(made=identity.make_api_token(g.actor.id, g.tenant, label=label, now=g.now))


@blueprint.post("/<uuid:token_id>/revocation")
@signed_in
def revoke(token_id: UUID) -> ResponseReturnValue:
    """Revoke one of one's own tokens; it opens nothing from now on."""
    refuse_token()
    person = g.actor.id
    if not identity.revoke_api_token(token_id, person_id=person, tenant=g.tenant, now=g.now):
        raise NoSuchToken
    flash(_("The token is revoked and opens nothing any more."), "good")
    return redirect(url_for("token_pages.tokens"), 303)


def _page(*, made: str = "", typed: str = "", problems: Reasons | None = None) -> str:
    return render_template(
        "account/tokens.html",
        tokens=identity.api_tokens(g.actor.id, g.tenant),
        made=made,
        typed=typed,
        problems=problems or {},
    )
