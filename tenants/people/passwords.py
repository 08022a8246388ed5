"""Passwords: how they are hashed, which are too weak, and setting a new one.

Shape: weak is what a guesser who knows the person and the shop finds within 10^8 tries, by zxcvbn's
lists of leaked passwords, names and keyboard rows; length alone makes nothing strong.
"""

from collections.abc import Iterable
from uuid import UUID

from argon2 import PasswordHasher
from zxcvbn import zxcvbn

from shared import errors
from shared.errors import Problem, problem
from tenants.people import devices
from tenants.services import service

SHORTEST, LONGEST = 10, 200  # argon2 would take a megabyte, and our time with it
_FEWEST_GUESSES = 10**8
_WEIGHED = 64  # letters that zxcvbn looks at; more take it long
HASHER = PasswordHasher()


class WeakPassword(errors.Invalid):
    """This password is too easy to guess."""

    code = "RANGE"
    zh = "密码太容易被猜到"


def check(password: str, *, about: Iterable[str], field: str = "password") -> str:
    """Give the password back if it is strong enough; `about` are words that belong to the person.

    Raises: WeakPassword with one problem of the field.
    """
    found = _problem(password, about=about, field=field)
    if found:
        raise WeakPassword(problems=(found,))
    return password


def hashed(password: str) -> str:
    """Hash a password, slowly."""
    return HASHER.hash(password.encode("utf-8", "surrogatepass"))


def set_password(person_id: UUID, password_hash: str, *, but: UUID | None = None) -> None:
    """Set a person's password and end the person's sessions, all but the one at hand if given."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.people SET password_hash = %s WHERE id = %s",
            [password_hash, person_id],
        )
        devices.ended(connection, person_id, but=but)


def _problem(password: str, *, about: Iterable[str], field: str) -> Problem | None:
    if len(password) < SHORTEST:
        return problem(
            field, "LENGTH", zh=f"至少 {SHORTEST} 个字符", en=f"at least {SHORTEST} characters"
        )
    if len(password) > LONGEST:
        return problem(field, "LENGTH")
    if _guesses(password, about) < _FEWEST_GUESSES:
        return problem(field, "RANGE", zh=WeakPassword.zh, en="too easy to guess")
    return None


def _guesses(password: str, about: Iterable[str]) -> float:
    words = [part for text in about for part in (text, *text.replace("@", " ").split()) if part]
    judged = zxcvbn(password[:_WEIGHED], user_inputs=["rollbook", "连锁簿", *words])
    return float(judged["guesses"])
