"""Mark notices as read; nobody marks another's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.domain.notifications.models import Delivery
from shared.domain.notifications.queries.inbox import NoSuchNotice
from shared.domain.notifications.rules import people
from shared.domain.notifications.rules.catalogue import Channel


def read_notice(session: Session, notice_id: int, *, person_id: UUID, now: datetime) -> None:
    """Mark one's own notice as read; one read before keeps its time.

    Raises: NoSuchNotice.
    """
    found = session.get(Delivery, notice_id, with_for_update=True)
    if (
        found is None
        or found.channel != Channel.APP
        or found.recipient != people.person(person_id)
        or found.due_at > now
    ):
        raise NoSuchNotice(notice_id=notice_id)
    found.read_at = found.read_at or now


def read_all(session: Session, *, person_id: UUID, until: datetime, now: datetime) -> int:
    """Mark as read what stood in one's inbox at an instant; count them.

    Units: what came after `until` was not seen and stays unread.
    """
    result = session.execute(
        update(Delivery)
        .where(
            Delivery.recipient == people.person(person_id),
            Delivery.channel == Channel.APP,
            Delivery.read_at.is_(None),
            Delivery.due_at <= min(until, now),
        )
        .values(read_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]
