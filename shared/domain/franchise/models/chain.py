"""What a headquarters adds up and ranks; these tables exist there only."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Fen, HqBase


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
