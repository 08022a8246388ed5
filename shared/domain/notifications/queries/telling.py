"""What was told before: so that nobody hears twice, and what comes close together is one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from shared.domain.notifications.models import Delivery, Told
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import MERGE_WITHIN, State

Place = tuple[str, str]  # recipient and channel


def already_told(session: Session, *, event: str, key: str) -> set[Place]:
    """Say who heard of it, and by which channel."""
    rows = session.execute(
        select(Told.recipient, Told.channel).where(Told.event == event, Told.key == key)
    )
    return {(recipient, channel) for recipient, channel in rows}


def told_keys(session: Session, *, event: str) -> set[str]:
    """List the keys of an event that somebody heard of."""
    return set(session.scalars(select(Told.key).where(Told.event == event).distinct()))


def open_for_merging(session: Session, *, event: str, now: datetime) -> dict[Place, Delivery]:
    """Give the newest message of an event per recipient and channel that can still take more.

    Units: begun in the last ten minutes; in the inbox, or still waiting to be sent.
    Locks: those messages.
    """
    rows = session.scalars(
        select(Delivery)
        .where(
            Delivery.event == event,
            Delivery.created_at > now - MERGE_WITHIN,
            or_(
                and_(Delivery.channel == Channel.APP, Delivery.state == State.SENT),
                and_(
                    Delivery.state == State.WAITING,
                    Delivery.attempted_at.is_(None),
                    Delivery.channel != Channel.HOOK,  # a program counts by itself
                ),
            ),
        )
        .order_by(Delivery.created_at, Delivery.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(delivery.recipient, delivery.channel): delivery for delivery in rows}


def texts_of(session: Session, ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """List what each message tells, oldest first, as (中文, English)."""
    lines: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(Told.delivery_id, Told.text_zh, Told.text_en)
        .where(Told.delivery_id.in_(list(ids)))
        .order_by(Told.told_at, Told.key)
    )
    for delivery_id, zh, en in rows:
        lines[delivery_id].append((zh, en))
    return lines
