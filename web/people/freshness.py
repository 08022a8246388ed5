"""Who does something dangerous proves again who it is: password or code, within ten minutes.

A view says so with `@fresh` below `@requires` (web/auth.py). A form that was sent too late is not
lost: the page that asks carries it along, and sends it on with the proof in it.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import Response, g, render_template, request

from shared import errors
from web.people import sign_in

LASTS = timedelta(minutes=10)
PASSWORD, CODE = "confirm_password", "confirm_code"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class NotByToken(errors.Forbidden):
    """No token can do this: sign in."""

    zh = "此操作不能使用令牌,请登录后进行"


class NotFresh(errors.Forbidden):
    """Confirm who you are with your password or a code first."""

    code = "REAUTHENTICATE"
    zh = "请先用密码或验证码确认身份"


def check(
    *, login: str, person_id: UUID, session_id: UUID, fresh_at: datetime | None, now: datetime
) -> None:
    """Let a fresh session pass, and one whose form brings the proof.

    Raises: NotFresh, with the refusal of a proof as `reason`.
    """
    if fresh_at is not None and now - fresh_at < LASTS:
        return
    password, code = request.form.get(PASSWORD), request.form.get(CODE)
    if not password and not code:
        raise NotFresh
    try:
        prove(login, person_id, password=password, code=code, now=now)
    except (sign_in.WrongPassword, sign_in.WrongCode, sign_in.TooManyAttempts) as error:
        raise NotFresh(reason=error) from error
    sign_in.renew(session_id, now=now)


def prove(
    login: str, person_id: UUID, *, password: str | None, code: str | None, now: datetime
) -> None:
    """Check a code, or a password where there is none.

    Raises: WrongPassword, WrongCode, TooManyAttempts.
    """
    if code:
        sign_in.check_code(person_id, code, now=now)
    else:
        sign_in.check(login, password or "", now=now)


def refuse_token() -> None:
    """Let no token further: a stolen one must not be able to make itself a successor.

    Raises: NotByToken.
    """
    if g.actor.by_token:
        raise NotByToken


def ask(refused: str, status: int) -> Response:
    """Answer with the page that asks; it takes along what was typed, but for passwords."""
    if request.headers.get("HX-Request"):
        here = urlsplit(request.headers.get("HX-Current-URL", "/")).path or "/"
        target = f"/confirm?{urlencode({'next': here}, safe='/')}"
        return Response(status=403, headers={"HX-Redirect": target})
    if request.method in SAFE_METHODS:
        target = urlencode({"next": request.full_path.rstrip("?")}, safe="/?")
        return Response(status=302, headers={"Location": f"/confirm?{target}"})
    carried = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in (PASSWORD, CODE, "csrf_token") and "password" not in name
    ]
    page = render_template(
        "account/confirm.html", action=request.full_path.rstrip("?"), carried=carried,
        next="", refused=refused,
    )  # fmt: skip
    return Response(page, status=status, mimetype="text/html")
