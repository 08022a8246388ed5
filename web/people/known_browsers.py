"""Browsers in which somebody signed in before: attempts made elsewhere do not shut them out.

Shape: a signed cookie of its own with a random name for the browser and the last people's ids. It
opens nothing: its attempts are counted by themselves, that is all.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from web import signing

LASTS_SECONDS = 180 * 24 * 3600
MOST_PEOPLE = 8
_SALT = "known-browser"


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """One browser, and who signed in there."""

    name: str
    people: tuple[str, ...]


def init_app(app: Flask, *, is_https: bool) -> None:
    """Send the cookie with the answer to a sign-in."""
    app.config["KNOWN_BROWSER_COOKIE"] = "__Host-known" if is_https else "known"

    def keep(response: Response) -> Response:
        known: KnownBrowser | None = g.get("known_browser")
        if known is not None:
            response.set_cookie(
                app.config["KNOWN_BROWSER_COOKIE"],
                str(_signer().dumps([known.name, *known.people])),
                max_age=LASTS_SECONDS,
                secure=is_https,
                httponly=True,
                samesite="Lax",
            )
        return response

    app.after_request(keep)


def name_for(person_id: UUID) -> str | None:
    """Give this browser's name if this person signed in here before."""
    known = _read()
    return known.name if known and str(person_id) in known.people else None


def remember(person_id: UUID) -> None:
    """Note that this person signed in here; the cookie goes with this answer."""
    known = _read()
    others = [other for other in (known.people if known else ()) if other != str(person_id)]
    people = (str(person_id), *others[: MOST_PEOPLE - 1])
    g.known_browser = KnownBrowser(known.name if known else secrets.token_urlsafe(12), people)


def _read() -> KnownBrowser | None:
    try:
        cookie = request.cookies.get(current_app.config["KNOWN_BROWSER_COOKIE"], "")
        name, *people = _signer().loads(cookie, max_age=LASTS_SECONDS)
    except (BadData, ValueError):
        return None
    return KnownBrowser(name, tuple(people))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing.keys(), salt=_SALT)
