"""What passed between a store and its headquarters, and letters that could not be applied."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class MonthExchange(Base):
    """What last passed between this store and its headquarters about a month.

    `snapshot_no` rises by one per snapshot; state, revision, stale and hash are what it said.
    `decision_no` is the last decision dealt with, `answered_no` the one the snapshot mentioned,
    `refusal` why it could not be followed. `refused_at` is set while the contract does not cover
    the month: nothing went out.
    """

    __tablename__ = "month_exchanges"

    month: Mapped[date] = mapped_column(primary_key=True)
    snapshot_no: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="")
    revision: Mapped[int] = mapped_column(default=0)
    is_stale: Mapped[bool] = mapped_column(default=False)
    inputs_hash: Mapped[str] = mapped_column(String(64), default="")
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_no: Mapped[int] = mapped_column(default=0)
    answered_no: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str | None] = mapped_column(String(40))


class PlanExchange(Base):
    """What last passed between this store and its headquarters about one revision of a plan.

    `letter_no` rises by one per letter; state and fingerprint are what it said. The rest as of
    `MonthExchange`.
    """

    __tablename__ = "plan_exchanges"

    plan_id: Mapped[int] = mapped_column(
        ForeignKey("plans.id"), primary_key=True, autoincrement=False
    )
    letter_no: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_no: Mapped[int] = mapped_column(default=0)
    answered_no: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str | None] = mapped_column(String(40))


class RefusedLetter(Base):
    """A letter that could not be applied, and why; the others of its batch were."""

    __tablename__ = "refused_letters"

    letter_id: Mapped[UUID] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(80))
    revision: Mapped[int]
    error: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(500))
    refused_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
