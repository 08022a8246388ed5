"""The second factor: set an app up by its QR code, see recovery codes once, take it off again.

Who is sent here from a headquarters that asks for one goes back there at the end (`next`).
"""

import segno
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tenants import vault
from tenants.people import devices, second_factors
from web import required_factor
from web.auth import fresh, signed_in
from web.people import freshness, sign_in

blueprint = Blueprint("second_factor_pages", __name__, url_prefix="/account/second-factor")

MOST_TRIES = 20


@blueprint.get("")
@signed_in
def explain() -> ResponseReturnValue:
    """Say what a second factor is and that the headquarters asks for one; shows no secret."""
    freshness.refuse_token()
    if not required_factor.is_required(g.actor.id):
        return redirect(_onward())  # nobody asks for one: the account offers it
    return render_template(
        "account/factor_due.html", can_have_factor=vault.is_open(), next=_onward()
    )


@blueprint.post("")
@signed_in
@fresh
def begin() -> ResponseReturnValue:
    """Show the QR code for the app; not after a GET, so that nobody's page shows it by itself."""
    return _page()


@blueprint.post("/confirmation")
@signed_in
@fresh
def confirm() -> ResponseReturnValue:
    """Take the app's first code as proof that it works; show the recovery codes this one time."""
    sign_in.throttle({f"enrol {g.actor.id}": MOST_TRIES}, now=g.now)
    codes = second_factors.confirm(g.actor.id, request.form.get("code", "")[:40], now=g.now)
    if codes is None:
        return _page(refused=_("That is not the code the app shows now. Try the next one.")), 422
    _end_others()
    return render_template("account/recovery_codes.html", codes=codes, is_new=True, next=_onward())


@blueprint.post("/recovery-codes")
@signed_in
@fresh
def renew_codes() -> ResponseReturnValue:
    """Make new recovery codes; the old ones open nothing any more."""
    if second_factors.standing(g.actor.id).since is None:
        return redirect(url_for("account_pages.overview"), 303)
    codes = second_factors.new_codes(g.actor.id)
    _end_others()
    return render_template("account/recovery_codes.html", codes=codes, is_new=False, next=_onward())


@blueprint.post("/removal")
@signed_in
@fresh
def remove() -> ResponseReturnValue:
    """Take the second factor off; the password alone opens the door again."""
    if required_factor.is_required(g.actor.id):
        flash(_("Your headquarters asks for the second factor; you can set up another app."), "bad")
        return redirect(url_for("account_pages.overview"), 303)
    second_factors.remove(g.actor.id)
    _end_others()
    flash(_("The second factor is off. Everywhere else you are signed out."), "good")
    return redirect(url_for("account_pages.overview"), 303)


def _end_others() -> None:
    """Who signed in without the factor, or with the old one, signs in anew."""
    assert g.actor.session_id is not None
    devices.end_all(g.actor.id, but=g.actor.session_id)
    sign_in.renew(g.actor.session_id, now=g.now)


def _page(*, refused: str = "") -> str:
    secret = second_factors.begin(g.actor.id)
    address = second_factors.address_of(secret, name=g.actor.login, issuer="Rollbook")
    return render_template(
        "account/second_factor.html",
        qr=segno.make(address, error="m").svg_data_uri(scale=5, border=3, dark="#1d2a2b"),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        refused=refused,
        next=_onward(),
    )


def _onward() -> str:
    return sign_in.own_site(request.values.get("next"), otherwise=url_for("account_pages.overview"))
