"""Answers to requests that carried a key, so that a request sent again gets the first one.

Shape: a row without a body was answered, but what was said is not kept: a secret, or erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.records.models import StoredAnswer

KEPT = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer."""

    status: int
    body: str | None
    headers: Mapping[str, str]
    content_type: str | None


def claim(
    session: Session, *, user_id: UUID, key: str, fingerprint: str, now: datetime
) -> StoredAnswer | None:
    """Take a key for a request; give what is stored when somebody took it before.

    Locks: the key; waits for a transaction that holds it.
    """
    taken = session.scalar(
        insert(StoredAnswer)
        .values(user_id=user_id, key=key, fingerprint=fingerprint, created_at=now)
        .on_conflict_do_nothing()
        .returning(StoredAnswer.key)
    )
    if taken is not None:
        return None
    return session.scalars(
        select(StoredAnswer).where(StoredAnswer.user_id == user_id, StoredAnswer.key == key)
    ).one()


def keep(session: Session, *, user_id: UUID, key: str, said: Said) -> None:
    """Write down what was said to the request that took the key."""
    session.execute(
        update(StoredAnswer)
        .where(StoredAnswer.user_id == user_id, StoredAnswer.key == key)
        .values(
            status=said.status,
            body=said.body,
            headers=dict(said.headers),
            content_type=said.content_type,
        )
    )


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what is older than three days; a request sent later is a new one."""
    session.execute(delete(StoredAnswer).where(StoredAnswer.created_at < now - KEPT))


def forget_all(session: Session) -> int:
    """Keep no stored answer: whoever is to be forgotten may stand in any; give how many there were.

    Shape: the keys stay, so that no request sent again is done twice.
    """
    emptied = session.execute(
        update(StoredAnswer).where(StoredAnswer.body.is_not(None)).values(body=None, headers=None)
    )
    return emptied.rowcount  # type: ignore[attr-defined, no-any-return]
