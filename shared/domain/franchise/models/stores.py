"""What a headquarters knows of its stores, as they said; these tables exist there only."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Fen, HqBase
from shared.domain.franchise.rules.stores import StoreKind

_KINDS = ", ".join(f"'{kind}'" for kind in StoreKind)


class StoreFile(HqBase):
    """What the headquarters knows of a store.

    Form: store file 门店档案 (9.1). `tenant` is the store's opaque name.
    """

    __tablename__ = "store_files"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("closed_on >= opened_on", name="closed"),
    )

    tenant: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(3), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    region: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    size_class: Mapped[str] = mapped_column(String(10))
    city_tier: Mapped[str] = mapped_column(String(10))
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class StoreMonth(HqBase):
    """The newest snapshot of one store's month.

    `region` is the store's when the month first arrived, so that old reports keep their region.
    `first_closed_at` is set with the first closed snapshot. `decision` is the headquarters' last
    word on the month and `decision_no` counts them; it is pending until the store has answered it,
    by following it or with a `refusal`.
    Shape: `shut_days` ISO dates.
    """

    __tablename__ = "store_months"
    __table_args__ = (Index("ix_store_months_month", "month"),)

    tenant: Mapped[str] = mapped_column(ForeignKey("store_files.tenant"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int]
    snapshot_no: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    is_stale: Mapped[bool]
    region: Mapped[str] = mapped_column(String(40))
    content_hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    letter_id: Mapped[UUID]
    shut_days: Mapped[list[str]] = mapped_column(JSONB)
    first_closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str | None] = mapped_column(String(10))
    decision_no: Mapped[int]
    answered_no: Mapped[int]
    refusal: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None]


class StoreFigure(HqBase):
    """One additive number of a store's month, as its snapshot said."""

    __tablename__ = "store_figures"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "month"], ["store_months.tenant", "store_months.month"]),
        Index(
            "ix_store_figures_month_indicator",
            "month",
            "indicator",
            "part",
            postgresql_include=["tenant", "amount"],
        ),
    )

    tenant: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[Fen]


class StoreCell(HqBase):
    """One day x category of a store's month, as its snapshot said."""

    __tablename__ = "store_cells"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "month"], ["store_months.tenant", "store_months.month"]),
    )

    tenant: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    turnover_fen: Mapped[Fen]
    quantity: Mapped[int]
