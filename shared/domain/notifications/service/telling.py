"""Turn one event into messages: one per recipient and channel, once, merged within ten minutes.

Form: specification 11, delivery; J26.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.notifications.models import Delivery, EventTurn, Told
from shared.domain.notifications.queries import telling as queries
from shared.domain.notifications.rules import catalogue, people, texts
from shared.domain.notifications.rules.catalogue import Channel, Event
from shared.domain.notifications.rules.delivery import State
from shared.domain.notifications.rules.people import Member
from shared.events.notices import Notify


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The tenant in which something happened, and who works there."""

    name: str
    zone: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient is to hear by one channel."""

    recipient: str
    channel: Channel
    zh: str
    en: str


def tell(session: Session, notice: Notify, *, here: Here, now: datetime) -> None:
    """Tell everybody an event concerns; telling it again adds nobody twice.

    Locks: the event's turn, so that two of one kind merge; the messages they merge into.
    Raises: catalogue.NoSuchEvent.
    """
    event = catalogue.event(notice.event)
    _take_turn(session, event, now=now)
    told = queries.already_told(session, event=event.name, key=notice.key)
    fresh = [
        message
        for message in _messages(event, notice, here)
        if (message.recipient, message.channel) not in told
    ]
    _deliver(session, event, notice, fresh, now=now)


def _take_turn(session: Session, event: Event, *, now: datetime) -> None:
    turn = insert(EventTurn).values(event=event.name, told_at=now)
    session.execute(turn.on_conflict_do_update(index_elements=["event"], set_={"told_at": now}))


def _messages(event: Event, notice: Notify, here: Here) -> Iterable[Message]:
    facts = {"store": here.name, **notice.facts}
    zh = texts.filled(event.staff.zh, facts)
    en = texts.filled(event.staff.en, {**facts, **notice.facts_en})
    for member in people.staff_for(event, notice, here.members):
        for channel in event.channels_for(is_urgent=notice.is_urgent):
            if channel is Channel.APP:
                yield Message(people.person(member.id), channel, zh, en)


def _deliver(
    session: Session, event: Event, notice: Notify, fresh: list[Message], *, now: datetime
) -> None:
    open_ones = queries.open_for_merging(session, event=event.name, now=now)
    deliveries = [
        open_ones.get((message.recipient, message.channel)) or _new(event, notice, message, now=now)
        for message in fresh
    ]
    session.add_all(deliveries)
    session.flush()  # what was told names its message
    for message, delivery in zip(fresh, deliveries, strict=True):
        session.add(
            Told(
                recipient=message.recipient,
                channel=message.channel,
                event=event.name,
                key=notice.key,
                delivery_id=delivery.id,
                text_zh=message.zh,
                text_en=message.en,
                told_at=now,
            )
        )
    session.flush()  # a merged message is written from all it tells
    _merge(session, [one for one in deliveries if one in open_ones.values()], now=now)


def _new(event: Event, notice: Notify, message: Message, *, now: datetime) -> Delivery:
    return Delivery(
        event=event.name,
        channel=message.channel,
        recipient=message.recipient,
        state=State.SENT,
        text_zh=message.zh,
        text_en=message.en,
        count=1,
        is_urgent=notice.is_urgent,
        attempts=0,
        created_at=now,
        due_at=now,
        delivered_at=now,
    )


def _merge(session: Session, deliveries: list[Delivery], *, now: datetime) -> None:
    told = queries.texts_of(session, [delivery.id for delivery in deliveries])
    for delivery in deliveries:
        lines = told[delivery.id]
        delivery.count = len(lines)
        delivery.text_zh = texts.merged([zh for zh, _ in lines], len(lines))
        delivery.text_en = texts.merged([en for _, en in lines], len(lines))
        delivery.read_at = None
        delivery.due_at = max(delivery.due_at, now)
