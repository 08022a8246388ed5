"""A forgotten password: ask for a link by mail, set a new one with it.

The answer is the same for a known and an unknown name, and so is the work: a row for the post.
"""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shared import errors
from tenants.people import account_mails, accounts, links, names, passwords
from web.auth import public
from web.errors import refused
from web.forms import Reasons, reasons_of
from web.frame import language
from web.people import sign_in

blueprint = Blueprint("resets", __name__, url_prefix="/reset")

MOST_PER_NAME = 3  # mails in a quarter of an hour


class LinkOver(errors.Missing):
    """This link is used or too old."""

    zh = "此链接已使用或已过期"


class NotTheSame(errors.Invalid):
    """The two passwords are not the same."""

    zh = "两次输入的密码不一致"


@blueprint.get("")
@public
def forgotten() -> ResponseReturnValue:
    """Ask by which name the person signs in."""
    return render_template("entrance/forgotten.html", sends_mail=sends_mail())


@blueprint.post("")
@public
def send_link() -> ResponseReturnValue:
    """Have a link sent to whoever this is."""
    name = names.normal(request.form.get("login", ""))
    if not sends_mail() or not name or not name.isprintable():
        return redirect(url_for("resets.forgotten"), 303)
    try:
        sign_in.throttle({f"reset {name}": MOST_PER_NAME}, now=g.now)
    except sign_in.TooManyAttempts as error:
        why = reasons_of(error)[""]
        page = render_template("entrance/forgotten.html", sends_mail=True, refused=why)
        return refused(page, error)
    account_mails.ask("reset", name, locale="zh" if language.is_chinese() else "en", now=g.now)
    return render_template("entrance/forgotten.html", sends_mail=True, is_sent=True)


@blueprint.get("/<token>")
@public
def choose(token: str) -> ResponseReturnValue:
    """Ask for the new password; looking does not spend the link."""
    _proven(token)
    return _page(token)


@blueprint.post("/<token>")
@public
def reset(token: str) -> ResponseReturnValue:
    """Set the new password, end all sessions; the second factor stays."""
    proven = _proven(token)
    try:
        password = new_password(about=accounts.words_about(proven.person_id))
    except (passwords.WeakPassword, NotTheSame) as error:
        return _page(token, problems=reasons_of(error)), 422
    password_hash = passwords.hashed(password)
    if not links.use("reset", token):
        raise LinkOver
    passwords.set_password(proven.person_id, password_hash)
    sign_in.sign_out()
    flash(_("Your new password is set. Sign in with it."), "good")
    return redirect(url_for("entrance.door"), 303)


@blueprint.errorhandler(LinkOver)
def link_over(_: errors.DomainError) -> ResponseReturnValue:
    """Say that a link opens nothing, alike for every reason."""
    return render_template("entrance/link_over.html"), HTTPStatus.NOT_FOUND


def sends_mail() -> bool:
    """Whether this installation can send a link at all."""
    return bool(current_app.config["ROLLBOOK"].mail_url)


def new_password(*, about: list[str]) -> str:
    """Read a new password that was typed twice.

    Raises: WeakPassword, NotTheSame.
    """
    password = passwords.check(
        request.form.get("new_password", ""), about=about, field="new_password"
    )
    if password != request.form.get("new_password_again", ""):
        wrong = errors.problem("new_password_again", "TYPE", zh=NotTheSame.zh, en="not the same")
        raise NotTheSame(problems=(wrong,))
    return password


def _proven(token: str) -> links.Proven:
    proven = links.holder("reset", token, now=g.now)
    if proven is None:
        raise LinkOver
    return proven


def _page(token: str, *, problems: Reasons | None = None) -> str:
    return render_template("entrance/reset.html", token=token, problems=problems or {})
