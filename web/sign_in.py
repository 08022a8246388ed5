"""Sign in and out: one answer and one duration for whatever was wrong, and a limit on attempts.

Shape: attempts count per login from an address, per login, and per address, in 15 minutes, in
PostgreSQL, so that all processes count together; an owner elsewhere is not locked out with them.
"""

from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import g, request, session

from shared import errors
from tenants import identity

LONGEST_PASSWORD = 200  # argon2 would take a megabyte, and our time with it
_MOST_HERE, _MOST_PER_LOGIN, _MOST_PER_ADDRESS = 10, 60, 120
_WAIT_SECONDS = 900
_TOKEN = "token"
_hasher = PasswordHasher()


class WrongPassword(errors.Forbidden):
    """Login or password is wrong."""

    code = "UNAUTHENTICATED"
    zh = "登录名或密码不正确"


class TooManyAttempts(errors.Forbidden):
    """Too many attempts, try again in a quarter of an hour."""

    code = "TOO_MANY"
    zh = "尝试次数过多,请十五分钟后再试"


def sign_in(login: str, password: str, *, now: datetime) -> identity.Person:
    """Check a password and start a session with a new id in this browser.

    Raises: WrongPassword, TooManyAttempts.
    """
    person = check(login, password, now=now)
    sign_out()
    session[_TOKEN] = identity.open_session(person.id, now=now)
    return person


def check(login: str, password: str, *, now: datetime) -> identity.Person:
    """Check a password and no more; for a second person's signature beside the one signed in.

    Raises: WrongPassword, TooManyAttempts.
    """
    return _checked(login.strip()[:120], password[:LONGEST_PASSWORD], now=now)


def sign_out() -> None:
    """End this browser's session, on the server too."""
    token = session.get(_TOKEN)
    if token:
        identity.end_session(token)
    session.clear()  # with it the CSRF secret
    g.pop("csrf_token", None)


def own_site(target: str | None, *, otherwise: str) -> str:
    """Keep a `next=` address only when it lies on our own site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    if "\\" in target or any(ord(char) < 33 for char in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target


def _checked(login: str, password: str, *, now: datetime) -> identity.Person:
    _count(login, now=now)
    known = identity.credentials(login) if login.isprintable() else None
    stored = known.password_hash if known else None
    is_right = _verify(stored or _nobody(), password)
    if known is None or stored is None or not is_right:
        raise WrongPassword
    identity.forget_attempts(_here(login))
    return known.person


def _count(login: str, *, now: datetime) -> None:
    """Count before looking: parallel attempts must not all see a low number."""
    address = request.remote_addr or "-"
    limits = {
        _here(login): _MOST_HERE,
        f"login {login.lower()}": _MOST_PER_LOGIN,
        f"address {address}": _MOST_PER_ADDRESS,
    }
    counts = identity.count_attempts(list(limits), now=now)
    if any(counts[key] > most for key, most in limits.items()):
        raise TooManyAttempts(retry_after_seconds=_WAIT_SECONDS)


def _here(login: str) -> str:
    return f"here {request.remote_addr or '-'} {login.lower()}"


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Hash to compare with when the login is unknown: it must take as long."""
    return _hasher.hash("nobody has this password")
