"""Tables of the notifications: what was told to whom, by which channel, and how it went."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, IdPk
from shared.domain.notifications.rules.catalogue import Channel
from shared.domain.notifications.rules.delivery import State

_CHANNELS = ", ".join(f"'{channel}'" for channel in Channel)
_STATES = ", ".join(f"'{state}'" for state in State)


class Delivery(Base):
    """One message to one recipient by one channel; several events of one kind may share it.

    Shape: `recipient` is `person:<uuid>`, `customer:<id>`, `endpoint:<id>` or `operator`.
    An APP message is there from `due_at` on; the others have a job that sends them then.
    """

    __tablename__ = "deliveries"

    id: Mapped[IdPk]
    event: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(4))
    recipient: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(40))
    text_zh: Mapped[str] = mapped_column(Text, info={"personal": True})
    text_en: Mapped[str] = mapped_column(Text, info={"personal": True})
    count: Mapped[int]
    is_urgent: Mapped[bool]
    attempts: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

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
    """One event as one recipient hears of it by one channel: once, whatever is published again."""

    __tablename__ = "told_events"

    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(60), primary_key=True)
    channel: Mapped[str] = mapped_column(String(4), primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"), index=True)
    text_zh: Mapped[str] = mapped_column(Text, info={"personal": True})
    text_en: Mapped[str] = mapped_column(Text, info={"personal": True})
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class EventTurn(Base):
    """Whose turn it is to tell an event: its row is locked, so that two merge and not cross."""

    __tablename__ = "event_turns"

    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
