"""Links that prove something once: a mailbox for a new password, a new address, a password typed.

Shape: 256 random bits, kept as a digest; bound to a person and a purpose; gone when used or over.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from tenants.people.identity import digest
from tenants.services import service

Purpose = Literal["reset", "address", "second"]
LIVES: dict[Purpose, timedelta] = {
    "reset": timedelta(minutes=30),
    "address": timedelta(hours=24),
    "second": timedelta(minutes=5),
}


@dataclass(frozen=True, slots=True)
class Proven:
    """What a link proves: that its holder is this person, and reads this mailbox."""

    person_id: UUID
    address: str


def make(purpose: Purpose, person_id: UUID, *, now: datetime, address: str = "") -> str:
    """Make a link's token; earlier ones of this purpose and person open nothing any more."""
    token = secrets.token_urlsafe(32)
    with service("app_auth") as connection:
        if purpose != "second":  # two tills may both be waiting for a code
            connection.execute(
                "DELETE FROM registry.links WHERE person_id = %s AND purpose = %s",
                [person_id, purpose],
            )
        connection.execute(
            "INSERT INTO registry.links (token_hash, purpose, person_id, address, expires_at) "
            "VALUES (%s, %s, %s, %s, %s)",
            [digest(token), purpose, person_id, address, now + LIVES[purpose]],
        )
    return token


def holder(purpose: Purpose, token: str, *, now: datetime) -> Proven | None:
    """Read what a link proves and leave it; None when it is used, over, or none at all.

    A reset link is over too when the person's mail is another by now, or the person is disabled.
    """
    with service("app_auth") as connection:
        row = connection.execute(
            """
            SELECT l.person_id, l.address FROM registry.links l
            JOIN registry.people p ON p.id = l.person_id AND p.disabled_at IS NULL
            WHERE l.token_hash = %s AND l.purpose = %s AND l.expires_at > %s
                AND (l.purpose <> 'reset' OR l.address IN ('', coalesce(p.email, p.login)))
            """,
            [digest(token), purpose, now],
        ).fetchone()
    return Proven(**row) if row else None


def use(purpose: Purpose, token: str) -> bool:
    """Spend a link; of two at the same time one gets True."""
    with service("app_auth") as connection:
        row = connection.execute(
            "DELETE FROM registry.links WHERE token_hash = %s AND purpose = %s RETURNING 1",
            [digest(token), purpose],
        ).fetchone()
    return row is not None
