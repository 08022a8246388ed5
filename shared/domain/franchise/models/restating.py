"""Every closed revision a headquarters was told of, and what a later one owes the next statement.

Form: C12 adjustments, 9.5, W9. At a headquarters only; all of it stands for ever.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import LEDGER, Fen, HqBase, IdPk
from shared.domain.reporting.rules.restating import Base

_BASES = ", ".join(f"'{base}'" for base in Base)
_OF = ["tenant", "month", "revision"]


class ClosedMonth(HqBase):
    """One revision of a store's month that was closed, as the first letter about it said."""

    __tablename__ = "closed_months"
    __table_args__ = {"info": LEDGER}  # noqa: RUF012 SQLAlchemy's own form

    tenant: Mapped[str] = mapped_column(ForeignKey("store_files.tenant"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letter_id: Mapped[UUID]
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ClosedFigure(HqBase):
    """One additive number of a closed revision."""

    __tablename__ = "closed_figures"
    __table_args__ = (
        ForeignKeyConstraint(_OF, [f"closed_months.{column}" for column in _OF]),
        {"info": LEDGER},
    )

    tenant: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    indicator: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    amount: Mapped[Fen]


class Adjustment(HqBase):
    """What a month closed again states otherwise, for the store's next statement.

    `base` is what a fee may be counted on. A statement that counted `from_revision` takes the row;
    one that was first made from `to_revision` does not need it.
    Units: signed fen.
    """

    __tablename__ = "adjustments"
    __table_args__ = (
        CheckConstraint(f"base IN ({_BASES})", name="base"),
        CheckConstraint("from_revision < to_revision", name="order"),
        CheckConstraint(
            "difference_fen = new_fen - old_fen AND difference_fen <> 0", name="difference"
        ),
        UniqueConstraint("tenant", "month", "base", "from_revision"),
        UniqueConstraint("tenant", "month", "base", "to_revision"),
        {"info": LEDGER},
    )

    id: Mapped[IdPk]
    tenant: Mapped[str] = mapped_column(ForeignKey("store_files.tenant"))
    month: Mapped[date]
    base: Mapped[str] = mapped_column(String(10))
    from_revision: Mapped[int]
    to_revision: Mapped[int]
    old_fen: Mapped[Fen]
    new_fen: Mapped[Fen]
    difference_fen: Mapped[Fen]
    booked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
