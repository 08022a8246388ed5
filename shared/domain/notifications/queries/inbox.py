"""A person's inbox: what waits to be read, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.notifications.models import Delivery
from shared.domain.notifications.rules import people
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import State

MOST_COUNTED = 100  # a badge says 99+

Position = tuple[datetime, int]


class NoSuchNotice(errors.Missing):
    """There is no such notice."""

    zh = "找不到该通知"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which notices; `about` is the part of the event before its dot, `before` a last row."""

    is_unread: bool = False
    about: str = ""
    before: Position | None = None


def unread_count(session: Session, person_id: UUID, *, now: datetime) -> int:
    """Count what a person has not read, up to 100."""
    unread = (
        select(literal(1))
        .where(*_shown(person_id, now), Delivery.read_at.is_(None))
        .limit(MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(unread)) or 0


def page(
    session: Session, person_id: UUID, *, now: datetime, limit: int, asked: Asked
) -> Sequence[Delivery]:
    """List a person's notices, newest first."""
    wanted = select(Delivery).where(*_shown(person_id, now))
    if asked.is_unread:
        wanted = wanted.where(Delivery.read_at.is_(None))
    if asked.about:
        wanted = wanted.where(Delivery.event.startswith(f"{asked.about}.", autoescape=True))
    if asked.before:
        wanted = wanted.where(tuple_(Delivery.due_at, Delivery.id) < asked.before)
    newest = wanted.order_by(Delivery.due_at.desc(), Delivery.id.desc()).limit(limit)
    return session.scalars(newest).all()


def _shown(person_id: UUID, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.recipient == people.person(person_id),
        Delivery.channel == Channel.APP,
        Delivery.state == State.SENT,
        Delivery.due_at <= now,
    )
