"""Messages on their way, and the send log (发送记录)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.notifications.models import Delivery, Endpoint

Position = tuple[datetime, int]


class NoSuchDelivery(errors.Missing):
    """There is no such message."""

    zh = "找不到该消息"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAsked:
    """Which messages; empty means all, `before` is a last row."""

    channel: str = ""
    state: str = ""
    before: Position | None = None


def for_update(session: Session, delivery_id: int) -> Delivery | None:
    """Find a message and hold it.

    Locks: the message.
    """
    return session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)


def endpoint_for_update(session: Session, endpoint_id: UUID) -> Endpoint | None:
    """Find an endpoint, removed or not, and hold it.

    Locks: the endpoint.
    """
    return session.get(Endpoint, endpoint_id, with_for_update=True, populate_existing=True)


def provider_for_update(session: Session, kind: str) -> Endpoint | None:
    """Find the store's provider of a kind and hold it.

    Locks: the endpoint.
    """
    return session.scalars(
        select(Endpoint)
        .where(Endpoint.kind == kind, Endpoint.removed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def log(session: Session, *, asked: LogAsked, limit: int) -> Sequence[Delivery]:
    """List messages, newest first."""
    wanted = select(Delivery)
    if asked.channel:
        wanted = wanted.where(Delivery.channel == asked.channel)
    if asked.state:
        wanted = wanted.where(Delivery.state == asked.state)
    if asked.before:
        wanted = wanted.where(tuple_(Delivery.created_at, Delivery.id) < asked.before)
    newest = wanted.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(limit)
    return session.scalars(newest).all()


def endpoint_names(session: Session) -> dict[UUID, str]:
    """Give the names of all endpoints, those that were removed as well."""
    return dict(session.execute(select(Endpoint.id, Endpoint.name)).all())
