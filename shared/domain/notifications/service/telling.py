"""Turn one event into messages: one per recipient and channel, once, merged within ten minutes.

Form: specification 11, delivery; J26.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.notifications.models import Delivery, EventTurn, Told
from shared.domain.notifications.queries import settings
from shared.domain.notifications.queries import telling as queries
from shared.domain.notifications.rules import catalogue, delivery, people, placing, texts
from shared.domain.notifications.rules.catalogue import Channel, Event, Wording
from shared.domain.notifications.rules.delivery import State
from shared.domain.notifications.rules.endpoints import BOTS, PROVIDERS, Kind
from shared.domain.notifications.rules.people import Member
from shared.domain.notifications.rules.placing import House, Place
from shared.domain.notifications.service import upward
from shared.domain.notifications.service.handing import hand_over
from shared.events.notices import Notify


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The tenant in which something happened, who works there, and who may be told beyond.

    Shape: `hq` is the headquarters' opaque name; `words` reads what a notice's `records` point to,
        fact -> text.
    """

    name: str
    zone: str
    today: date
    members: tuple[Member, ...]
    hq: str | None = None
    words: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    has_mail: bool = False
    has_operator: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient is to hear by one channel, and when."""

    recipient: str
    channel: Channel
    zh: str
    en: str
    place: Place


def tell(session: Session, notice: Notify, *, here: Here, now: datetime) -> None:
    """Tell everybody an event concerns; telling it again adds nobody twice.

    Locks: the event's turn, so that two of one kind merge; the messages they merge into.
    Emits: a letter to the headquarters, if the event has readers there; a job per message that
        leaves the house.
    Raises: catalogue.NoSuchEvent.
    """
    event = catalogue.event(notice.event)
    _take_turn(session, event, now=now)
    told = queries.already_told(session, event=event.name, key=notice.key)
    fresh = [
        message
        for message in _Teller(session, event, notice, here, now).messages()
        if (message.recipient, message.channel) not in told
    ]
    _deliver(session, event, notice, fresh, now=now)
    if event.hq and here.hq:
        upward.report(session, notice, to=here.hq, store=here.name, on=here.today, now=now)


def _take_turn(session: Session, event: Event, *, now: datetime) -> None:
    turn = insert(EventTurn).values(event=event.name, told_at=now)
    session.execute(turn.on_conflict_do_update(index_elements=["event"], set_={"told_at": now}))


class _Teller:
    """Writes the messages of one event: to staff, guest, chat groups, machines, operator."""

    def __init__(
        self, session: Session, event: Event, notice: Notify, here: Here, now: datetime
    ) -> None:
        self._session, self._event, self._notice = session, event, notice
        self._here, self._now = here, now
        self._words = here.words(notice.records)
        self._wordings = settings.wordings(session, event)
        self._phone = settings.phone(session, now=now) if event.guest else ""
        self._targets = settings.endpoints(session)
        kinds = {target.endpoint.kind for target in self._targets if target.endpoint.is_on}
        carriers = {Channel(kind) for kind in PROVIDERS if kind in kinds}
        self._house = House(
            zone=here.zone,
            quiet=settings.quiet_hours(session, now=now),
            carriers=frozenset(carriers | ({Channel.MAIL} if here.has_mail else set())),
            switched_off=settings.switched_off(session),
        )

    def messages(self) -> Iterator[Message]:
        """Give all messages, each with the time it goes out or the reason why not."""
        yield from self._to_staff()
        yield from self._to_groups()
        if self._event.guest and self._notice.to_customer_id is not None:
            yield self._to_guest(self._notice.to_customer_id)
        if self._event.operator:
            place = placing.for_operator(
                house=self._house, has_address=self._here.has_operator, now=self._now
            )
            yield self._message(people.OPERATOR, Channel.MAIL, place)

    def _to_staff(self) -> Iterator[Message]:
        urgent = self._notice.is_urgent
        for member in people.staff_for(self._event, self._notice, self._here.members):
            for channel in self._event.channels_for(is_urgent=urgent):
                place = placing.for_staff(
                    self._event, member, channel, is_urgent=urgent, house=self._house, now=self._now
                )
                yield self._message(people.person(member.id), channel, place)

    def _to_groups(self) -> Iterator[Message]:
        for target in self._targets:
            kind = Kind(target.endpoint.kind)
            is_heard = target.endpoint.is_on and target.wants(self._event.name)
            if kind in PROVIDERS or not is_heard or not self._event.channels:
                continue
            channel = Channel.BOT if kind in BOTS else Channel.HOOK
            place = placing.for_group(
                self._event,
                channel,
                is_urgent=self._notice.is_urgent,
                house=self._house,
                now=self._now,
            )
            yield self._message(people.endpoint(target.endpoint.id), channel, place)

    def _to_guest(self, customer_id: int) -> Message:
        usable = [channel for channel in self._event.guest if channel in self._house.carriers]
        channel = usable[0] if usable else self._event.guest[-1]
        agreed = customers.may_be_messaged(
            self._session,
            customer_id,
            purpose="marketing" if self._event.purpose == "marketing" else "service",
        )
        if agreed is None:
            place = placing.no_consent(self._now)
        else:
            place = placing.for_guest(
                self._event,
                channel,
                phone=agreed.phone,
                no_call=delivery.windows(agreed.no_call_times),
                house=self._house,
                now=self._now,
            )
        return self._message(people.customer(customer_id), channel, place, audience="guest")

    def _message(
        self, recipient: str, channel: Channel, place: Place, *, audience: str = "staff"
    ) -> Message:
        wording: Wording = self._wordings[audience]
        always = {"store": self._here.name, "phone": self._phone}
        facts = {**always, **self._notice.facts, **self._words}
        return Message(
            recipient,
            channel,
            texts.filled(wording.zh, facts),
            texts.filled(wording.en, {**facts, **self._notice.facts_en}),
            place,
        )


def _deliver(
    session: Session, event: Event, notice: Notify, fresh: list[Message], *, now: datetime
) -> None:
    open_ones = queries.open_for_merging(session, event=event.name, now=now)
    deliveries = [
        _found(open_ones, message) or _new(event, notice, message, now=now) for message in fresh
    ]
    session.add_all(deliveries)
    session.flush()  # what was told names its message
    for message, made in zip(fresh, deliveries, strict=True):
        session.add(
            Told(
                recipient=message.recipient,
                channel=message.channel,
                event=event.name,
                key=notice.key,
                delivery_id=made.id,
                text_zh=message.zh,
                text_en=message.en,
                about=_about(notice),
                told_at=now,
            )
        )
    session.flush()  # a merged message is written from all it tells
    known = set(open_ones.values())
    _merge(session, [made for made in deliveries if made in known], now=now)
    for made in deliveries:
        if made not in known and made.state == State.WAITING:
            hand_over(session, made, at=made.due_at)


def _about(notice: Notify) -> list[str]:
    """Name the records whose words stand in the text, without the field."""
    return sorted({"/".join(where.split("/")[:2]) for where in notice.records.values()})


def _found(open_ones: dict[queries.Place, Delivery], message: Message) -> Delivery | None:
    if message.place.state is State.WITHHELD:
        return None
    return open_ones.get((message.recipient, message.channel))


def _new(event: Event, notice: Notify, message: Message, *, now: datetime) -> Delivery:
    place = message.place
    return Delivery(
        event=event.name,
        channel=message.channel,
        recipient=message.recipient,
        state=place.state,
        reason=place.reason,
        text_zh=message.zh,
        text_en=message.en,
        count=1,
        is_urgent=notice.is_urgent,
        attempts=0,
        created_at=now,
        due_at=place.due_at,
        delivered_at=place.due_at if place.state is State.SENT else None,
    )


def _merge(session: Session, deliveries: list[Delivery], *, now: datetime) -> None:
    told = queries.texts_of(session, [one.id for one in deliveries])
    for merged in deliveries:
        lines = told[merged.id]
        merged.count = len(lines)
        merged.text_zh = texts.merged([zh for zh, _ in lines], len(lines))
        merged.text_en = texts.merged([en for _, en in lines], len(lines))
        if merged.channel == Channel.APP:
            merged.read_at = None
            merged.due_at = max(merged.due_at, now)
