"""One's own account: password, mail address, devices; and the proof of who it is."""

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import errors
from tenants import vault
from tenants.people import account_mails, accounts, devices, links, names, passwords, second_factors
from web import required_factor
from web.auth import fresh, signed_in
from web.errors import refused
from web.forms import Reasons, reasons_of
from web.people import freshness, resets, sign_in

blueprint = Blueprint("account_pages", __name__)

MOST_MAILS = 5


class NoSuchDevice(errors.Missing):
    """There is no such session of yours."""


class AddressTaken(errors.Conflict):
    """This address belongs to another account."""

    zh = "该邮箱已属于其他账户"


@blueprint.get("/account")
@signed_in
def overview() -> ResponseReturnValue:
    """Show how one signs in, and where one is signed in."""
    freshness.refuse_token()
    return _page()


@blueprint.post("/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change the password, with the old one; every other session ends."""
    freshness.refuse_token()
    try:
        sign_in.check(g.actor.login, request.form.get("password", ""), now=g.now)
        password = resets.new_password(about=accounts.words_about(g.actor.id))
    except sign_in.WrongPassword as error:
        return _page(problems={"password": reasons_of(error)[""]}), 422
    except sign_in.TooManyAttempts as error:
        return refused(_page(problems={"password": reasons_of(error)[""]}), error)
    except (passwords.WeakPassword, resets.NotTheSame) as error:
        return _page(problems=reasons_of(error)), 422
    assert g.actor.session_id is not None
    passwords.set_password(g.actor.id, passwords.hashed(password), but=g.actor.session_id)
    sign_in.renew(g.actor.session_id, now=g.now)
    flash(_("Your password is changed. Everywhere else you are signed out."), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/account/address")
@signed_in
@fresh
def ask_for_address() -> ResponseReturnValue:
    """Send a link to a mail address that shall become one's own."""
    address = names.normal(request.form.get("address", ""))
    if not names.is_mail(address):
        wrong = {"address": [_("This is not a mail address.")]}
        return _page(problems=wrong, address=request.form.get("address", "")[:120]), 422
    sign_in.throttle({f"address of {g.actor.id}": MOST_MAILS}, now=g.now)
    account_mails.ask("address", address, locale=g.actor.locale, now=g.now, person_id=g.actor.id)
    flash(_("A link is on its way to %(address)s.", address=address), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.get("/account/address/<token>")
@signed_in
def confirm_address(token: str) -> ResponseReturnValue:
    """Ask whether the address of the link shall be one's own; looking does not spend it."""
    freshness.refuse_token()
    return render_template("account/address.html", token=token, proven=_proven(token))


@blueprint.post("/account/address/<token>")
@signed_in
def keep_address(token: str) -> ResponseReturnValue:
    """Keep the address that the link proves."""
    freshness.refuse_token()
    proven = _proven(token)
    if not links.use("address", token):
        raise resets.LinkOver
    if not accounts.set_mail(g.actor.id, proven.address):
        raise AddressTaken
    flash(_("%(address)s is yours now.", address=proven.address), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/account/devices/<uuid:device_id>/end")
@signed_in
def end_device(device_id: UUID) -> ResponseReturnValue:
    """End one of one's sessions."""
    freshness.refuse_token()
    if not devices.end(device_id, person_id=g.actor.id):
        raise NoSuchDevice
    flash(_("That device is signed out."), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.post("/account/devices/others/end")
@signed_in
def end_others() -> ResponseReturnValue:
    """End all of one's sessions but this one."""
    freshness.refuse_token()
    devices.end_all(g.actor.id, but=g.actor.session_id)
    flash(_("All other devices are signed out."), "good")
    return redirect(url_for(".overview"), 303)


@blueprint.get("/confirm")
@signed_in
def ask_who() -> ResponseReturnValue:
    """Ask for password or code before something dangerous."""
    freshness.refuse_token()
    return _confirm_page(sign_in.own_site(request.args.get("next"), otherwise="/account"))


@blueprint.post("/confirm")
@signed_in
def confirm() -> ResponseReturnValue:
    """Check the proof; the session is fresh for ten minutes."""
    freshness.refuse_token()
    onward = sign_in.own_site(request.form.get("next"), otherwise="/account")
    assert g.actor.session_id is not None
    try:
        freshness.prove(
            g.actor.login,
            g.actor.id,
            password=request.form.get(freshness.PASSWORD),
            code=request.form.get(freshness.CODE),
            now=g.now,
        )
    except (sign_in.WrongPassword, sign_in.WrongCode, sign_in.TooManyAttempts) as error:
        return refused(_confirm_page(onward, refused=reasons_of(error)[""][0]), error)
    sign_in.renew(g.actor.session_id, now=g.now)
    return redirect(onward, 303)


blueprint.register_error_handler(resets.LinkOver, resets.link_over)


def _proven(token: str) -> links.Proven:
    proven = links.holder("address", token, now=g.now)
    if proven is None or proven.person_id != g.actor.id:
        raise resets.LinkOver
    return proven


def _page(*, problems: Reasons | None = None, address: str = "") -> str:
    return render_template(
        "account/overview.html",
        factor=second_factors.standing(g.actor.id),
        can_have_factor=vault.is_open(),
        must_have_factor=required_factor.is_required(g.actor.id),
        devices=devices.devices(g.actor.id, now=g.now),
        here=g.actor.session_id,
        mail=accounts.mail_of(g.actor.id),
        sends_mail=resets.sends_mail(),
        address=address,
        problems=problems or {},
    )


def _confirm_page(onward: str, *, refused: str = "") -> str:
    return render_template(
        "account/confirm.html",
        action=url_for(".confirm"), carried=[], next=onward, refused=refused,
    )  # fmt: skip
