"""Set up where the store's messages go: chat groups, webhooks, providers.

Secrets come encrypted; who calls made and sealed them.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.notifications.models import Delivery, Endpoint, EndpointTopic
from shared.domain.notifications.queries import settings
from shared.domain.notifications.rules import people
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import State
from shared.domain.notifications.rules.endpoints import BOTS, PROVIDERS, Kind
from shared.domain.notifications.service.handing import hand_over
from shared.errors import problem

MOST_ENDPOINTS = 20
TEST_EVENT = "channel.test"


class TooManyEndpoints(errors.Conflict):
    """The store has as many endpoints as it may."""

    code = "LIMIT"
    zh = "发送渠道数量已达上限"


class ProviderExists(errors.Conflict):
    """There is a provider of this kind already; remove it first."""

    code = "DUPLICATE"
    zh = "已有同类网关,请先移除"


class EndpointMoved(errors.Conflict):
    """Somebody else changed this channel meanwhile; load it again."""

    code = "CONFLICT"
    zh = "他人已修改该渠道,请刷新"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """An endpoint before it is added; its address and key are checked."""

    id: UUID
    kind: Kind
    name: str
    url: str | None
    sealed: bytes
    hint: str
    locale: str
    topics: frozenset[str]


def add_endpoint(session: Session, *, new: NewEndpoint, by: UUID, now: datetime) -> Endpoint:
    """Add an endpoint; it is on from now.

    Raises: TooManyEndpoints, ProviderExists.
    """
    if len(settings.endpoints(session)) >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    made = Endpoint(
        id=new.id,
        kind=new.kind,
        name=new.name,
        url=new.url,
        sealed=new.sealed,
        hint=new.hint,
        locale=new.locale,
        is_on=True,
        failures=0,
        made_by=by,
        made_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise ProviderExists(problems=(problem("kind", "DUPLICATE"),)) from error
    if new.kind not in PROVIDERS:
        _choose(session, new.id, new.topics)
    session.flush()  # who lists them next finds it
    return made


def change_endpoint(
    session: Session, endpoint_id: UUID, *, name: str, locale: str, topics: frozenset[str],
    seen: int,
) -> Endpoint:  # fmt: skip
    """Change what an endpoint is called and what it wants to hear, in the version that was seen.

    Locks: the endpoint.
    Raises: settings.NoSuchEndpoint, EndpointMoved.
    """
    held = _held(session, endpoint_id, seen=seen)
    held.name, held.locale = name, locale
    session.execute(delete(EndpointTopic).where(EndpointTopic.endpoint_id == held.id))
    if held.kind not in PROVIDERS:
        _choose(session, held.id, topics)
    return held


def switch_endpoint(
    session: Session, endpoint_id: UUID, *, is_on: bool, seen: int | None = None
) -> Endpoint:
    """Switch an endpoint on, with its failures forgotten, or off.

    Locks: the endpoint.
    Raises: settings.NoSuchEndpoint, EndpointMoved.
    """
    held = _held(session, endpoint_id, seen=seen)
    held.is_on = is_on
    if is_on:
        held.failures, held.paused_until, held.last_error = 0, None, None
    return held


def reseal_endpoint(session: Session, endpoint_id: UUID, *, sealed: bytes) -> None:
    """Give an endpoint other secrets.

    Locks: the endpoint.
    Raises: settings.NoSuchEndpoint.
    """
    _held(session, endpoint_id).sealed = sealed


def remove_endpoint(
    session: Session, endpoint_id: UUID, *, now: datetime, seen: int | None = None
) -> None:
    """Take an endpoint away; what was sent to it stays in the send log.

    Locks: the endpoint.
    Raises: settings.NoSuchEndpoint, EndpointMoved.
    """
    held = _held(session, endpoint_id, seen=seen)
    held.is_on, held.removed_at, held.sealed = False, now, b""


def send_test(session: Session, endpoint_id: UUID, *, store: str, now: datetime) -> Delivery:
    """Send a test message to a chat group or webhook, beside all rules of when and to whom.

    Raises: settings.NoSuchEndpoint; errors.Conflict for a provider, which needs a phone number.
    """
    held = settings.endpoint(session, endpoint_id)
    if Kind(held.kind) in PROVIDERS:
        raise errors.Conflict(endpoint=endpoint_id)
    made = Delivery(
        event=TEST_EVENT,
        channel=Channel.BOT if Kind(held.kind) in BOTS else Channel.HOOK,
        recipient=people.endpoint(held.id),
        state=State.WAITING,
        text_zh=f"{store}:这是一条测试消息。",
        text_en=f"{store}: this is a test message.",
        count=1,
        is_urgent=False,
        attempts=0,
        created_at=now,
        due_at=now,
    )
    held.paused_until = None
    session.add(made)
    session.flush()  # the job names the message
    hand_over(session, made, at=now)
    return made


def _held(session: Session, endpoint_id: UUID, *, seen: int | None = None) -> Endpoint:
    """Hold an endpoint in the version that was seen, and count it up."""
    held = settings.endpoint(session, endpoint_id)
    if seen is not None and held.version != seen:
        raise EndpointMoved(endpoint_id=endpoint_id)
    held.version += 1
    return held


def _choose(session: Session, endpoint_id: UUID, topics: frozenset[str]) -> None:
    session.add_all(EndpointTopic(endpoint_id=endpoint_id, topic=topic) for topic in sorted(topics))
