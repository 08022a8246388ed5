"""Carry one message: what is to be sent, and what became of it.

Nothing is sent here: a job asks `take`, commits, sends, and says `settle`. A worker that dies in
between sends again; the receiver drops the repeat by the message's own id.

Form: specification 11, delivery: tries after 1, 5 and 30 minutes, then failed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers import queries as customers
from shared.domain.notifications.models import Delivery, Endpoint
from shared.domain.notifications.queries import sending as queries
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import catalogue, delivery, placing
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import PAUSES, State, Withheld, pause_after
from shared.domain.notifications.rules.endpoints import MOST_FAILURES, Kind
from shared.domain.notifications.service.handing import hand_over
from shared.events.jobs import publish
from shared.events.notices import Notify


class NotResendable(errors.Conflict):
    """Only a message that failed, or found no address or provider, can be sent again."""

    zh = "只有失败、缺少地址或渠道未开通的消息可以重新发送"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message on its way, as its carrier needs it.

    Shape: of `person_id`, `phone` and `endpoint_id` the one that says where to; none of them is
    the operator. `kind`, `url` and `sealed` are the endpoint's or provider's.
    """

    delivery_id: int
    uid: UUID
    event: str
    channel: Channel
    zh: str
    en: str
    count: int
    created_at: datetime
    person_id: UUID | None = None
    phone: str | None = None
    endpoint_id: UUID | None = None
    kind: Kind | None = None
    url: str | None = None
    sealed: bytes = b""
    locale: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a try ended; `is_final` when another would end the same.

    Shape: `is_ours` when the message is what was refused, and its carrier is well.
    """

    error: str | None = None
    is_final: bool = False
    is_ours: bool = False


def take(session: Session, delivery_id: int, *, zone: str, now: datetime) -> Parcel | None:
    """Begin a try; None when there is nothing to send now, or not any more.

    Locks: the message, its endpoint.
    Emits: the same job again, later, while its endpoint is paused or its recipient not disturbed:
        a second try, or a worker that was away, may have come into the quiet hours.
    """
    held = queries.for_update(session, delivery_id)
    if held is None or held.state != State.WAITING:
        return None
    channel = Channel(held.channel)
    carrier = _carrier(session, held)
    if carrier is None and channel is not Channel.MAIL:
        _withhold(held, Withheld.NOT_SET_UP)
        return None
    if carrier is not None and carrier.paused_until and carrier.paused_until > now:
        hand_over(session, held, at=carrier.paused_until)
        return None
    phone: str | None = None
    no_call: tuple[str, ...] = ()
    kind, _, name = held.recipient.partition(":")
    if kind == "customer":
        agreed = _agreed(session, held, int(name))
        if agreed is None:
            return None
        phone, no_call = agreed.phone, agreed.no_call_times
    quiet = placing.quiet_for(
        catalogue.event(held.event),
        channel,
        to=kind,
        is_urgent=held.is_urgent,
        quiet=settings.quiet_hours(session, now=now),
        no_call=delivery.windows(no_call),
    )
    awake = delivery.after_all(now, zone=zone, quiet=quiet)
    if awake > now:
        hand_over(session, held, at=awake)
        return None
    held.attempts += 1
    held.attempted_at = now
    return Parcel(
        delivery_id=held.id,
        uid=held.uid,
        event=held.event,
        channel=channel,
        zh=held.text_zh,
        en=held.text_en,
        count=held.count,
        created_at=held.created_at,
        person_id=UUID(name) if kind == "person" else None,
        phone=phone,
        endpoint_id=carrier.id if carrier else None,
        kind=Kind(carrier.kind) if carrier else None,
        url=carrier.url if carrier else None,
        sealed=carrier.sealed if carrier else b"",
        locale=carrier.locale if carrier else "zh",
    )


def settle(session: Session, delivery_id: int, outcome: Outcome, *, now: datetime) -> None:
    """Note how a try ended: sent, to be tried again, or failed for good.

    Locks: the message, its endpoint.
    Emits: the next try; Notify `channel.off` when its endpoint failed ten times in a row.
    """
    held = queries.for_update(session, delivery_id)
    if held is None or held.state != State.WAITING:
        return
    carrier = _carrier(session, held)
    if outcome.error is None:
        held.state, held.reason, held.delivered_at = State.SENT, None, now
        if carrier:
            carrier.failures, carrier.paused_until, carrier.last_error = 0, None, None
        return
    held.reason = outcome.error[:40]
    pause = None if outcome.is_final else pause_after(held.attempts)
    if carrier and not outcome.is_ours:
        _note_failure(session, carrier, outcome.error, now=now)
    if pause is None or (carrier and not carrier.is_on):
        held.state = State.FAILED
        return
    hand_over(session, held, at=now + pause)


def withhold(session: Session, delivery_id: int, reason: Withheld) -> None:
    """Note that a message is not sent: its recipient has no address any more.

    Locks: the message.
    """
    held = queries.for_update(session, delivery_id)
    if held is not None and held.state == State.WAITING:
        _withhold(held, reason)


def send_again(session: Session, delivery_id: int, *, now: datetime) -> Delivery:
    """Send a message that failed once more, with all its tries.

    Locks: the message.
    Emits: the job that carries it.
    Raises: queries.NoSuchDelivery, NotResendable.
    """
    held = queries.for_update(session, delivery_id)
    if held is None:
        raise queries.NoSuchDelivery(delivery_id=delivery_id)
    again = held.state == State.FAILED or (
        held.state == State.WITHHELD
        and held.reason in (Withheld.NO_ADDRESS, Withheld.NOT_SET_UP, Withheld.GONE)
    )
    if not again or held.channel == Channel.APP:
        raise NotResendable(delivery_id=delivery_id)
    held.state, held.reason, held.attempts = State.WAITING, None, 0
    hand_over(session, held, at=now)
    return held


def _carrier(session: Session, held: Delivery) -> Endpoint | None:
    kind, _, name = held.recipient.partition(":")
    if kind == "endpoint":
        found = queries.endpoint_for_update(session, UUID(name))
    elif held.channel in (Channel.SMS, Channel.WX):
        found = queries.provider_for_update(session, held.channel)
    else:
        return None
    return found if found is not None and found.is_on and found.removed_at is None else None


def _agreed(session: Session, held: Delivery, customer_id: int) -> customers.Reachable | None:
    purpose = catalogue.event(held.event).purpose
    agreed = customers.may_be_messaged(
        session, customer_id, purpose="marketing" if purpose == "marketing" else "service"
    )
    if agreed is None:
        _withhold(held, Withheld.NO_CONSENT)
    elif not agreed.phone:
        _withhold(held, Withheld.NO_ADDRESS)
        return None
    return agreed


def _withhold(held: Delivery, reason: Withheld) -> None:
    held.state, held.reason = State.WITHHELD, reason


def _note_failure(session: Session, carrier: Endpoint, error: str, *, now: datetime) -> None:
    carrier.failures += 1
    carrier.last_error = error[:40]
    carrier.paused_until = now + (pause_after(carrier.failures) or PAUSES[-1])
    if carrier.failures >= MOST_FAILURES:
        carrier.is_on = False
        off = Notify(
            event="channel.off",
            key=f"{carrier.id}/{now.isoformat()}",
            facts={"name": carrier.name},
        )
        publish(session, off, run_at=now)
