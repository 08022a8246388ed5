"""Tables of the notifications: what was told to whom, by which channel, and how it went."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import LEDGER, Base, IdPk
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import State
from shared.domain.notifications.rules.endpoints import Kind

_CHANNELS = ", ".join(f"'{channel}'" for channel in Channel)
_KINDS = ", ".join(f"'{kind}'" for kind in Kind)
_STATES = ", ".join(f"'{state}'" for state in State)


class Delivery(Base):
    """One message to one recipient by one channel; several events of one kind may share it.

    Shape: `recipient` is `person:<uuid>`, `customer:<id>`, `endpoint:<id>` or `operator`.
    An APP message is there from `due_at` on; the others have a job that sends them then. `uid` is
    what a receiver drops a repeat by.
    """

    __tablename__ = "deliveries"

    id: Mapped[IdPk]
    event: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(4))
    recipient: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(40))
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    count: Mapped[int]
    is_urgent: Mapped[bool]
    attempts: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    uid: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())

    __table_args__ = (
        CheckConstraint(f"channel IN ({_CHANNELS})", name="channel"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index(
            "ix_deliveries_inbox",
            "recipient",
            "due_at",
            "id",
            postgresql_where=text("channel = 'APP'"),
        ),
        Index(
            "ix_deliveries_unread",
            "recipient",
            "due_at",
            postgresql_where=text("channel = 'APP' AND read_at IS NULL"),
        ),
        Index("ix_deliveries_event", "event", "created_at"),
        Index("ix_deliveries_log", "created_at", "id"),
    )


class Told(Base):
    """One event as one recipient hears of it by one channel: once, whatever is published again.

    Shape: `about` are the records whose words stand in the text, as `customers/5` or `F09/12`.
    """

    __tablename__ = "told_events"

    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(60), primary_key=True)
    channel: Mapped[str] = mapped_column(String(4), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    about: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default="{}")
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class EventTurn(Base):
    """Whose turn it is to tell an event: its row is locked, so that two merge and not cross."""

    __tablename__ = "event_turns"

    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Wording(Base):
    """One version of an event's text, as the manager wrote it; the newest counts.

    Shape: `audience` is `staff` or `guest`; `number` counts from 1, the default is 0 and no row;
    a version without texts puts the default back.
    """

    __tablename__ = "notice_wordings"
    __table_args__ = (
        CheckConstraint("audience IN ('staff', 'guest')", name="audience"),
        CheckConstraint("(zh IS NULL) = (en IS NULL)", name="both"),
        {"info": LEDGER},
    )

    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    audience: Mapped[str] = mapped_column(String(5), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    zh: Mapped[str | None] = mapped_column(String(500))
    en: Mapped[str | None] = mapped_column(String(500))
    made_by: Mapped[UUID]
    made_by_name: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SwitchedOff(Base):
    """A channel that a person does not want to hear by."""

    __tablename__ = "switched_off_channels"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(4), primary_key=True)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Endpoint(Base):
    """A place of the store's choice that messages go to: a chat group, a webhook, a provider.

    Shape: `sealed` holds key and secrets, encrypted for this row (rules/endpoints.py says how);
    `hint` is the end of the key; `url` only where somebody types one. SMS and WX are the
    providers that carry the store's messages to people. One that failed too often is off.
    """

    __tablename__ = "notice_endpoints"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("locale IN ('zh', 'en')", name="locale"),
        Index(
            "uq_notice_endpoints_provider",
            "kind",
            unique=True,
            postgresql_where=text("kind IN ('SMS', 'WX') AND removed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    url: Mapped[str | None] = mapped_column(String(400))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str] = mapped_column(String(8))
    locale: Mapped[str] = mapped_column(String(2))
    is_on: Mapped[bool]
    version: Mapped[int] = mapped_column(server_default="1")
    failures: Mapped[int]
    paused_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str | None] = mapped_column(String(40))
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class EndpointTopic(Base):
    """A group of events that a chat group or webhook wants; without any it gets all."""

    __tablename__ = "notice_endpoint_topics"

    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("notice_endpoints.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)
