"""The door: sign in, sign out, choose a store, choose a language."""

from datetime import UTC, datetime

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from tenants.people import accounts, identity
from web.auth import public, signed_in
from web.errors import refused
from web.forms import reasons_of
from web.frame import language
from web.people import sign_in

blueprint = Blueprint("entrance", __name__)

A_YEAR = 365 * 24 * 3600


@blueprint.get("/")
@signed_in
def start() -> ResponseReturnValue:
    """Lead everybody where they work; who works in several places chooses."""
    found = identity.memberships(g.actor.id)
    if len(found) == 1:
        return redirect(url_for("home_page.home", slug=found[0].tenant.slug))
    return redirect(url_for("entrance.stores"))


@blueprint.get("/sign-in")
@public
def door() -> ResponseReturnValue:
    """Show the door."""
    onward = sign_in.own_site(request.args.get("next"), otherwise="")
    return render_template("entrance/sign_in.html", login="", next=onward)


@blueprint.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Let a person in who knows the password."""
    login = request.form.get("login", "")
    onward = sign_in.own_site(request.form.get("next"), otherwise="")
    try:
        sign_in.sign_in(login, request.form.get("password", ""), now=datetime.now(UTC))
    except (sign_in.WrongPassword, sign_in.TooManyAttempts) as error:
        page = render_template(
            "entrance/sign_in.html", login=login[:120], next=onward, refused=reasons_of(error)[""]
        )
        return refused(page, error)
    if sign_in.awaits_code():
        return redirect(url_for("entrance.second_door", next=onward or None), 303)
    return redirect(onward or url_for("entrance.start"), 303)


@blueprint.get("/sign-in/code")
@public
def second_door() -> ResponseReturnValue:
    """Ask for the code of the second factor."""
    onward = sign_in.own_site(request.args.get("next"), otherwise="")
    if not sign_in.awaits_code():
        return redirect(url_for("entrance.door", next=onward or None))
    return render_template("entrance/code.html", next=onward)


@blueprint.post("/sign-in/code")
@public
def enter_with_code() -> ResponseReturnValue:
    """Let a person in whose password was right and who has the code."""
    onward = sign_in.own_site(request.form.get("next"), otherwise="")
    try:
        sign_in.give_code(request.form.get("code", ""), now=datetime.now(UTC))
    except sign_in.StepOver as error:
        flash(reasons_of(error)[""][0], "bad")
        return redirect(url_for("entrance.door", next=onward or None), 303)
    except (sign_in.WrongCode, sign_in.TooManyAttempts) as error:
        why = reasons_of(error)[""]
        return refused(render_template("entrance/code.html", next=onward, refused=why), error)
    return redirect(onward or url_for("entrance.start"), 303)


@blueprint.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End this session for good, here and in the registry."""
    sign_in.sign_out()
    return redirect(url_for("entrance.door"), 303)


@blueprint.get("/stores")
@signed_in
def stores() -> ResponseReturnValue:
    """List where the person may go."""
    return render_template("entrance/stores.html", memberships=identity.memberships(g.actor.id))


@blueprint.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    """Speak the chosen language from now on, on this machine and for this person everywhere."""
    chosen = "en" if request.form.get("language") == "en" else "zh"
    now = datetime.now(UTC)
    visit = identity.visit_by_session(session.get("token", ""), slug=None, now=now)
    if visit is not None:
        accounts.set_locale(visit.person.id, chosen)
    onward = sign_in.own_site(request.form.get("next"), otherwise=url_for("entrance.stores"))
    answer = redirect(onward.removesuffix("?"), 303)
    answer.set_cookie(
        language.COOKIE,
        chosen,
        max_age=A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
    )
    return answer
