"""Tables of the franchise: what a store sent and could not read, what a headquarters keeps.

The tables of `HqBase` exist at a headquarters only.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, HqBase
from shared.domain.franchise.rules.stores import StoreKind

_KINDS = ", ".join(f"'{kind}'" for kind in StoreKind)


class MonthExchange(Base):
    """What last passed between this store and its headquarters about a month.

    `snapshot_no` rises by one per snapshot; state, revision, stale and hash are what it said.
    `decision_no` is the last decision dealt with, `answered_no` the one the snapshot mentioned,
    `refusal` why it could not be followed. `refused_at` is set while the contract does not cover
    the month: nothing went out.
    """

    __tablename__ = "month_exchanges"

    month: Mapped[date] = mapped_column(primary_key=True)
    snapshot_no: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int]
    is_stale: Mapped[bool]
    inputs_hash: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    refused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision_no: Mapped[int]
    answered_no: Mapped[int]
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


class ChainMonth(HqBase):
    """How many stores a total of the chain or of a region covers.

    Shape: `level` CHAIN (name empty) or REGION (its name).
    Units: counted = closed months, provisional = the others that reported, expected = stores
    trading in the month.
    """

    __tablename__ = "chain_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    stores_counted: Mapped[int]
    stores_provisional: Mapped[int]
    stores_expected: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ChainFigure(HqBase):
    """One number summed over the chain or a region: all that reported, and the closed ones."""

    __tablename__ = "chain_figures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["month", "level", "name"],
            ["chain_months.month", "chain_months.level", "chain_months.name"],
        ),
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    indicator: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[Fen]
    closed_amount: Mapped[Fen]


class StoreRank(HqBase):
    """A store's place among its peers for one indicator of a month.

    Units: `value_e4` is numerator / denominator in ten-thousandths, half up; empty without a base.
    `rank` is empty for a store that is too young or has no value; quartile hidden under 5 peers.
    """

    __tablename__ = "store_ranks"
    __table_args__ = (Index("ix_store_ranks_place", "month", "indicator", "peer_group", "rank"),)

    month: Mapped[date] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(20), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("store_files.tenant"), primary_key=True)
    peer_group: Mapped[str] = mapped_column(String(40))
    numerator: Mapped[Fen]
    denominator: Mapped[Fen]
    value_e4: Mapped[Fen | None]
    rank: Mapped[int | None]
    peers: Mapped[int]
    quartile: Mapped[int | None]


class RankGroup(HqBase):
    """The quartiles of one peer group for one indicator of a month, in ten-thousandths."""

    __tablename__ = "rank_groups"

    month: Mapped[date] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(20), primary_key=True)
    peer_group: Mapped[str] = mapped_column(String(40), primary_key=True)
    peers: Mapped[int]
    q1_e4: Mapped[Decimal | None] = mapped_column(Numeric(24, 2))
    median_e4: Mapped[Decimal | None] = mapped_column(Numeric(24, 2))
    q3_e4: Mapped[Decimal | None] = mapped_column(Numeric(24, 2))
