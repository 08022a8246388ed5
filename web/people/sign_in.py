"""Sign in and out: one answer and one duration for whatever was wrong, and a limit on attempts.

Shape: attempts count per account from an address, per account, and per address, in 15 minutes, in
PostgreSQL, so that all processes count together. A browser in which the person signed in before
counts by itself, so nobody locks an owner out from elsewhere.
With a second factor the password opens no session: it makes a step of five minutes, and the code
then opens the session.
"""

from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from argon2.exceptions import InvalidHashError, VerificationError
from flask import g, request, session

from shared import errors
from tenants.people import attempts, identity, links, second_factors
from tenants.people.identity import Browser, Credentials, Person
from tenants.people.passwords import HASHER, LONGEST
from web.people import known_browsers

_MOST_HERE, _MOST_PER_LOGIN, _MOST_PER_ADDRESS, _MOST_CODES = 10, 60, 120, 10
_WAIT_SECONDS = 900
_TOKEN = "token"
_STEP = "step"  # the link that proves the password while the code is awaited


class WrongPassword(errors.Forbidden):
    """Login or password is wrong."""

    code = "UNAUTHENTICATED"
    zh = "登录名或密码不正确"


class WrongCode(errors.Forbidden):
    """The code is wrong or was used already."""

    code = "UNAUTHENTICATED"
    zh = "验证码不正确或已使用过"


class StepOver(errors.Forbidden):
    """That took too long: sign in again."""

    code = "UNAUTHENTICATED"
    zh = "等待时间过长,请重新登录"


class TooManyAttempts(errors.Forbidden):
    """Too many attempts, try again in a quarter of an hour."""

    code = "TOO_MANY"
    zh = "尝试次数过多,请十五分钟后再试"


def sign_in(login: str, password: str, *, now: datetime) -> Person:
    """Check a password and start a session with a new id in this browser, or await the code.

    Raises: WrongPassword, TooManyAttempts.
    """
    known = _checked(login, password, now=now)
    sign_out()
    if known.has_second_factor:
        session[_STEP] = links.make("second", known.person.id, now=now)
    else:
        start(known.person.id, now=now)
    return known.person


def awaits_code() -> bool:
    """Whether a password was right here and its second factor is still due."""
    return _STEP in session


def give_code(code: str, *, now: datetime) -> UUID:
    """Finish signing in with a code of the app, or a recovery code; gives who it is.

    Raises: StepOver, WrongCode, TooManyAttempts.
    """
    step = session.get(_STEP, "")
    proven = links.holder("second", step, now=now)
    if proven is None:
        session.pop(_STEP, None)
        raise StepOver
    check_code(proven.person_id, code, now=now)
    if not links.use("second", step):
        raise StepOver
    sign_out()
    start(proven.person_id, now=now)
    return proven.person_id


def start(person_id: UUID, *, now: datetime) -> None:
    """Open a session in this browser for somebody who proved who it is."""
    session[_TOKEN] = identity.open_session(person_id, now=now, browser=_browser())
    known_browsers.remember(person_id)


def renew(session_id: UUID, *, now: datetime) -> None:
    """Go on in this browser under a new token, fresh from now."""
    session[_TOKEN] = identity.refresh_session(session_id, now=now)


def check(login: str, password: str, *, now: datetime) -> Person:
    """Check a password and no more; for a second person's signature beside the one signed in.

    Raises: WrongPassword, TooManyAttempts.
    """
    return _checked(login, password, now=now).person


def check_code(person_id: UUID, code: str, *, now: datetime) -> None:
    """Check a code of the second factor and use it up.

    Raises: WrongCode, TooManyAttempts.
    """
    key = f"code {person_id}"
    _count({key: _MOST_CODES, _address(): _MOST_PER_ADDRESS}, now=now)
    if not second_factors.is_right(person_id, code[:40], now=now):
        raise WrongCode
    attempts.forget(key)


def sign_out() -> None:
    """End this browser's session, on the server too."""
    token = session.get(_TOKEN)
    if token:
        identity.end_session(token)
    session.clear()  # with it the CSRF secret
    g.pop("csrf_token", None)


def throttle(limits: dict[str, int], *, now: datetime) -> None:
    """Count one attempt under each key, and under the address that asks.

    Raises: TooManyAttempts.
    """
    _count({**limits, _address(): _MOST_PER_ADDRESS}, now=now)


def own_site(target: str | None, *, otherwise: str) -> str:
    """Keep a `next=` address only when it lies on our own site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    if "\\" in target or any(ord(char) < 33 for char in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target


def _checked(typed: str, password: str, *, now: datetime) -> Credentials:
    login = typed.strip()[:120]
    known = identity.credentials(login) if login.isprintable() else None
    account = str(known.person.id) if known else login.lower()
    own = _limits(account, known)
    _count({**own, _address(): _MOST_PER_ADDRESS}, now=now)
    stored = known.password_hash if known else None
    is_right = _verify(stored or _nobody(), password[:LONGEST])
    if known is None or stored is None or not is_right:
        raise WrongPassword
    attempts.forget(next(iter(own)))
    attempts.give_back(_address())
    return known


def _limits(account: str, known: Credentials | None) -> dict[str, int]:
    """Say how often an account may be tried: from here first; in a known browser only there."""
    browser = known_browsers.name_for(known.person.id) if known else None
    if browser is not None:
        return {f"browser {browser} {account}": _MOST_HERE}
    here = f"here {request.remote_addr or '-'} {account}"
    return {here: _MOST_HERE, f"login {account}": _MOST_PER_LOGIN}


def _count(limits: dict[str, int], *, now: datetime) -> None:
    """Count before looking: parallel attempts must not all see a low number."""
    counts = attempts.count(list(limits), now=now)
    if any(counts[key] > most for key, most in limits.items()):
        raise TooManyAttempts(retry_after_seconds=_WAIT_SECONDS)


def _address() -> str:
    return f"address {request.remote_addr or '-'}"


def _browser() -> Browser:
    agent = "".join(sign for sign in request.user_agent.string if sign.isprintable())
    return Browser(agent[:200], (request.remote_addr or "")[:45])


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Hash to compare with when the login is unknown: it must take as long."""
    return HASHER.hash("nobody has this password")
