"""Mails about a person's account, asked for here and sent by the post (workers/outgoing/post.py).

Shape: a row says what is wanted, never a secret: links are made when the mail is written. A reset
asked for an unknown name makes the same row, so nobody can tell; the post then finds nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from tenants.services import service

Kind = Literal["reset", "address", "invitation"]
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
TRIES = len(PAUSES) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMail:
    """One mail that is to be sent: about what, to whom, in which language."""

    id: UUID
    kind: Kind
    name: str
    person_id: UUID | None
    invitation_id: UUID | None
    locale: str
    attempt: int

    @property
    def is_last_try(self) -> bool:
        """Whether nothing is tried after this."""
        return self.attempt >= TRIES


def ask(
    kind: Kind,
    name: str,
    *,
    locale: str,
    now: datetime,
    person_id: UUID | None = None,
    invitation_id: UUID | None = None,
) -> None:
    """Have a mail sent: a reset to whoever signs in by `name`, others to the address `name`."""
    with service("app_auth") as connection:
        connection.execute(
            "INSERT INTO registry.account_mails (id, kind, name, person_id, invitation_id, locale, "
            "run_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [uuid4(), kind, name, person_id, invitation_id, locale, now, now],
        )


def take(*, now: datetime) -> AccountMail | None:
    """Take the next mail that is due; counted as tried, and due again later unless `done` is said.

    Locks: the row, skipped when another post holds it.
    """
    with service("app_auth") as connection:
        row = connection.execute(
            """
            UPDATE registry.account_mails SET attempt = attempt + 1, run_at = %(now)s
                + (%(pauses)s::interval[])[least(attempt + 1, %(last)s)]
            WHERE id = (SELECT id FROM registry.account_mails WHERE run_at <= %(now)s
                        ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, kind, name, person_id, invitation_id, locale, attempt
            """,
            {"now": now, "pauses": list(PAUSES), "last": len(PAUSES)},
        ).fetchone()
    return AccountMail(**row) if row else None


def done(mail: AccountMail, *, now: datetime, was_sent: bool) -> None:
    """Forget a mail: it was sent, or will not be; an invitation remembers which."""
    with service("app_auth") as connection:
        connection.execute("DELETE FROM registry.account_mails WHERE id = %s", [mail.id])
        if mail.invitation_id is not None:
            column = "mailed_at" if was_sent else "mail_failed_at"
            connection.execute(
                f"UPDATE registry.invitations SET {column} = %s WHERE id = %s",
                [now, mail.invitation_id],
            )


def tidy(*, now: datetime) -> None:
    """Drop links and attempts that are over, and mails that no post has wanted for a day."""
    old = now - timedelta(days=1)
    with service("app_auth") as connection:
        connection.execute("DELETE FROM registry.links WHERE expires_at < %s", [now])
        connection.execute("DELETE FROM registry.sign_in_failures WHERE window_start < %s", [old])
        connection.execute("DELETE FROM registry.account_mails WHERE created_at < %s", [old])
