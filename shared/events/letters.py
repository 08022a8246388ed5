"""Letters: the only way from one tenant to another.

Shape: ops.letter; the database stamps the sender with the login, and refuses a receiver that the
registry does not link to it by a contract in force on the letter's business date.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

Payload = dict[str, Any]

_SEND = text(
    """
    INSERT INTO ops.letter (receiver, kind, key, revision, version, payload, on_date, sent_at)
    VALUES (:receiver, :kind, :key, :revision, :version, :payload, :on_date, :sent_at)
    ON CONFLICT (sender, receiver, kind, key, revision) DO NOTHING
    """
).bindparams(bindparam("payload", type_=JSONB))

_READ = (
    text(
        """
        SELECT id, sender, kind, key, revision, version, payload, on_date, sent_at
        FROM ops.letter WHERE id = ANY(:ids) AND receiver = :receiver
        ORDER BY kind, sender, key, revision
        """
    )
    .bindparams(bindparam("ids", type_=ARRAY(Uuid())))
    .columns(payload=JSONB)
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as its receiver reads it; `sender` is the opaque name the database stamped."""

    id: UUID
    sender: str
    kind: str
    key: str
    revision: int
    version: int
    payload: Payload
    on: date
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A letter before it is posted; `on` is the business date that the contract must cover."""

    receiver: str
    kind: str
    key: str
    revision: int
    payload: Payload
    on: date
    version: int = 1


def send(session: Session, letter: Outgoing, *, now: datetime) -> bool:
    """Post a letter to the tenant's headquarters or store; False: this revision went before.

    Raises: sqlalchemy's ProgrammingError (42501) when no contract links the two on that date.
    """
    result = session.execute(
        _SEND,
        {
            "receiver": letter.receiver,
            "kind": letter.kind,
            "key": letter.key,
            "revision": letter.revision,
            "version": letter.version,
            "payload": letter.payload,
            "on_date": letter.on,
            "sent_at": now,
        },
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def read(session: Session, ids: tuple[UUID, ...], *, receiver: str) -> list[Letter]:
    """Read letters addressed to this tenant: what is about one thing together, oldest first.

    Two who read at once come to the things in the same order, and so lock them in it.
    """
    rows = session.execute(_READ, {"ids": list(ids), "receiver": receiver})
    return [Letter(*row) for row in rows]
