"""The productivity plans of the stores, as they handed them in; at a headquarters only.

Form: F11.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Fen, HqBase

_PLAN = ["tenant", "year", "revision"]
_OF_PLAN = [f"store_plans.{column}" for column in _PLAN]


class StorePlan(HqBase):
    """One revision of a store's plan, as its last letter said.

    `fingerprint` is of the numbers that were handed in, and the decision names it. `decision` is
    the headquarters' last word, `decision_no` counts them; it is pending until the store answered.
    """

    __tablename__ = "store_plans"
    __table_args__ = (Index("ix_store_plans_state", "state"),)

    tenant: Mapped[str] = mapped_column(ForeignKey("store_files.tenant"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letter_no: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    fingerprint: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(String(500))
    made_by: Mapped[UUID | None]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str | None] = mapped_column(String(10))
    decision_reason: Mapped[str | None] = mapped_column(String(500))
    decision_no: Mapped[int]
    answered_no: Mapped[int]
    refusal: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None]


class StorePlanFigure(HqBase):
    """One base number of a store's plan. Form: F11 R, W, E, I, H, V, N, K."""

    __tablename__ = "store_plan_figures"
    __table_args__ = (
        ForeignKeyConstraint(_PLAN, _OF_PLAN),
        CheckConstraint("side IN ('PRIOR', 'PLAN')", name="side"),
    )

    tenant: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    side: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(1), primary_key=True)
    amount: Mapped[Fen]


class StorePlanLine(HqBase):
    """A month's target of a store, whole (`category` empty) or of one category."""

    __tablename__ = "store_plan_lines"
    __table_args__ = (
        ForeignKeyConstraint(_PLAN, _OF_PLAN),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
    )

    tenant: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount_fen: Mapped[Fen]
