"""What the store and its people have set: quiet hours, texts, channels, endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared import errors
from shared.db.tenant_settings import setting
from shared.domain.notifications.models import Endpoint, EndpointTopic, SwitchedOff, Wording
from shared.domain.notifications.rules import catalogue
from shared.domain.notifications.rules.delivery import Window

QUIET_HOURS = "quiet_hours"
PHONE = "phone"
QUIET_DEFAULT = {"begins": "22:00", "ends": "08:00"}

Audience = str  # staff or guest


class NoSuchEndpoint(errors.Missing):
    """There is no such endpoint."""

    zh = "没有这个发送渠道"


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint and the groups of events it wants."""

    endpoint: Endpoint
    topics: frozenset[str]

    def wants(self, event: str) -> bool:
        """Whether an event goes to it."""
        return not self.topics or event.partition(".")[0] in self.topics


def quiet_hours(session: Session, *, now: datetime) -> Window:
    """Give the hours in which staff is not disturbed."""
    value = setting(session, QUIET_HOURS, default=QUIET_DEFAULT, at=now)
    return time.fromisoformat(value["begins"]), time.fromisoformat(value["ends"])


def phone(session: Session, *, now: datetime) -> str:
    """Give the number that guests call, as notices tell it; empty until somebody has said it."""
    value = setting(session, PHONE, default={"number": ""}, at=now)
    return str(value["number"])


def versions(session: Session, *, event: str, audience: Audience) -> Sequence[Wording]:
    """List the versions of an event's text, newest first; the default is none of them."""
    return session.scalars(
        select(Wording)
        .where(Wording.event == event, Wording.audience == audience)
        .order_by(Wording.number.desc())
    ).all()


def wordings(session: Session, event: catalogue.Event) -> dict[Audience, catalogue.Wording]:
    """Give the texts that count now."""
    rows = session.scalars(
        select(Wording)
        .where(Wording.event == event.name)
        .order_by(Wording.audience, Wording.number.desc())
        .ext(distinct_on(Wording.audience))
    )
    texts = {"staff": event.staff, "guest": event.guest_text}
    for row in rows:
        if row.zh is not None and row.en is not None:
            texts[row.audience] = catalogue.Wording(row.zh, row.en)
    return texts


def changed_events(session: Session) -> set[str]:
    """Name the events whose text somebody changed."""
    rows = session.execute(
        select(Wording.event, Wording.zh)
        .order_by(Wording.event, Wording.audience, Wording.number.desc())
        .ext(distinct_on(Wording.event, Wording.audience))
    )
    return {event for event, zh in rows if zh is not None}


def switched_off(session: Session, person_id: UUID | None = None) -> set[tuple[UUID, str]]:
    """List who does not want to hear by which channel; of one person, or of all."""
    wanted = select(SwitchedOff.person_id, SwitchedOff.channel)
    if person_id is not None:
        wanted = wanted.where(SwitchedOff.person_id == person_id)
    return {(person, channel) for person, channel in session.execute(wanted)}


def endpoints(session: Session) -> list[Target]:
    """List the store's endpoints in the order they were made."""
    rows = session.scalars(
        select(Endpoint).where(Endpoint.removed_at.is_(None)).order_by(Endpoint.made_at)
    ).all()
    topics: dict[UUID, set[str]] = {row.id: set() for row in rows}
    wanted = select(EndpointTopic).where(EndpointTopic.endpoint_id.in_(list(topics)))
    for topic in session.scalars(wanted):
        topics[topic.endpoint_id].add(topic.topic)
    return [Target(row, frozenset(topics[row.id])) for row in rows]


def target(session: Session, endpoint_id: UUID) -> Target:
    """Give one endpoint with what it wants to hear.

    Raises: NoSuchEndpoint.
    """
    found = next((one for one in endpoints(session) if one.endpoint.id == endpoint_id), None)
    if found is None:
        raise NoSuchEndpoint(endpoint_id=endpoint_id)
    return found


def newest_wordings(
    session: Session, *, event: str | None = None
) -> dict[tuple[str, Audience], Wording]:
    """Give the newest version of each text that somebody ever wrote, of one event or of all."""
    wanted = (
        select(Wording)
        .order_by(Wording.event, Wording.audience, Wording.number.desc())
        .ext(distinct_on(Wording.event, Wording.audience))
    )
    if event is not None:
        wanted = wanted.where(Wording.event == event)
    return {(row.event, row.audience): row for row in session.scalars(wanted)}


def endpoint(session: Session, endpoint_id: UUID) -> Endpoint:
    """Give one endpoint and hold it.

    Locks: the endpoint.
    Raises: NoSuchEndpoint.
    """
    found = session.get(Endpoint, endpoint_id, with_for_update=True, populate_existing=True)
    if found is None or found.removed_at is not None:
        raise NoSuchEndpoint(endpoint_id=endpoint_id)
    return found
