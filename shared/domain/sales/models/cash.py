"""Tables of the drawer and the calendar: cash days, payments, months."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.sales.rules import Purpose

_PURPOSES = ", ".join(f"'{purpose}'" for purpose in Purpose)


class CashDay(Base):
    """The drawer on one business day.

    Form: F08 head and count. `opening_fen` is empty while it is simply carried on from the day
    before, and fixed when the day is closed or somebody types another number.
    """

    __tablename__ = "cash_days"
    __table_args__ = (
        CheckConstraint("state IN ('OPEN', 'CLOSED')", name="state"),
        CheckConstraint("bank_deposit_fen >= 0", name="deposit"),
        CheckConstraint(
            "state = 'OPEN' OR (opening_fen IS NOT NULL AND counted_fen IS NOT NULL"
            " AND closed_at IS NOT NULL)",
            name="closed_whole",
        ),
    )

    business_date: Mapped[date] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opening_fen: Mapped[Fen | None]
    opening_reason: Mapped[str | None] = mapped_column(String(200))
    bank_deposit_fen: Mapped[Fen]
    counted_fen: Mapped[Fen | None]
    counted_by: Mapped[UUID | None]
    counted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    variance_reason: Mapped[str | None] = mapped_column(String(200))
    manager_reason: Mapped[str | None] = mapped_column(String(200))
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CashPayment(Base):
    """Money taken out of the drawer for a purpose.

    Form: F08 payment lines.
    """

    __tablename__ = "cash_payments"
    __table_args__ = (
        CheckConstraint(f"purpose IN ({_PURPOSES})", name="purpose"),
        CheckConstraint("amount_fen > 0", name="amount"),
        {"info": ledger_but_for("payee")},
    )

    id: Mapped[IdPk]
    key: Mapped[UUID] = mapped_column(unique=True)
    business_date: Mapped[date] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    payee: Mapped[str] = mapped_column(String(80))
    amount_fen: Mapped[Fen]
    paid_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    paid_by: Mapped[UUID]
    approver_id: Mapped[UUID | None]


class SalesMonth(Base):
    """A month's receipt counter and whether the month is closed.

    One row for both, so that who holds it to take a number also knows that the month stays open.
    """

    __tablename__ = "sales_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    last_no: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
