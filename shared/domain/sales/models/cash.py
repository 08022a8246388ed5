"""Tables of the drawer and the calendar: cash days, payments, corrections, months."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.sales.rules.kinds import DayState, LateSlip, Purpose, Tender

_STATES = ", ".join(f"'{state}'" for state in DayState)
_LATE = ", ".join(f"'{kind}'" for kind in LateSlip)
_OTHER_TENDERS = ", ".join(f"'{tender}'" for tender in Tender if tender is not Tender.CASH)
_PURPOSES = ", ".join(f"'{purpose}'" for purpose in Purpose)


class CashDay(Base):
    """The drawer on one business day.

    Form: F08 head and count; W12. `opening_fen` is empty while it is simply carried on from the day
    before, and fixed when the day is closed or somebody types another number. Closed, it keeps
    what the book said (`closing_fen`) and the report's number.
    Shape: `denominations` face in fen -> pieces; the signatures are pictures, empty where the
        account that counted or closed is all that signed.
    """

    __tablename__ = "cash_days"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("bank_deposit_fen >= 0", name="deposit"),
        CheckConstraint(
            "state <> 'CLOSED' OR (opening_fen IS NOT NULL AND counted_fen IS NOT NULL"
            " AND closed_at IS NOT NULL)",
            name="closed_whole",
        ),
        CheckConstraint("state <> 'SUBMITTED' OR counted_fen IS NOT NULL", name="counted"),
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
    denominations: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    cashier_sign: Mapped[UUID | None]
    variance_reason: Mapped[str | None] = mapped_column(String(200))
    manager_reason: Mapped[str | None] = mapped_column(String(200))
    closed_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    manager_sign: Mapped[UUID | None]
    closing_fen: Mapped[Fen | None]
    number: Mapped[str | None] = mapped_column(String(24), unique=True)


class CashDayStep(Base):
    """One step of a cash day: who handed in, rejected or closed it, what was counted, why.

    Form: W12; a count that was rejected stays readable here.
    """

    __tablename__ = "cash_day_steps"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        {"info": ledger_but_for("reason")},
    )

    id: Mapped[IdPk]
    business_date: Mapped[date] = mapped_column(ForeignKey("cash_days.business_date"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    counted_fen: Mapped[Fen | None]
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(String(200))


class TenderSettlement(Base):
    """What a provider says it took by one tender on a day; a difference carries its reason.

    Form: F08 validation: non-cash tenders against the tender's settlement total.
    """

    __tablename__ = "tender_settlements"
    __table_args__ = (CheckConstraint(f"tender IN ({_OTHER_TENDERS})", name="tender"),)

    business_date: Mapped[date] = mapped_column(
        ForeignKey("cash_days.business_date"), primary_key=True
    )
    tender: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount_fen: Mapped[Fen]
    reason: Mapped[str | None] = mapped_column(String(200))
    by_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


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
    voucher: Mapped[UUID | None]


class CashCorrection(Base):
    """A slip of a closed day, dated on an open one (更正单), signed by two.

    Units: `cash_fen` is what the open day's book is corrected by: the slip stands on the open day,
        its cash moved on the closed one, where it was counted.
    """

    __tablename__ = "cash_corrections"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_LATE})", name="kind"),
        CheckConstraint("of_day < business_date", name="order"),
        CheckConstraint("approver_id <> made_by", name="two_people"),
        CheckConstraint(
            "(kind = 'RECEIPT') = (sale_id IS NOT NULL)"
            " AND (kind = 'PAYMENT') = (payment_id IS NOT NULL)",
            name="slip",
        ),
        {"info": ledger_but_for("reason")},
    )

    id: Mapped[IdPk]
    key: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    of_day: Mapped[date] = mapped_column(ForeignKey("cash_days.business_date"), index=True)
    business_date: Mapped[date] = mapped_column(ForeignKey("cash_days.business_date"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    sale_id: Mapped[int | None] = mapped_column(ForeignKey("sales.id"), unique=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("cash_payments.id"), unique=True)
    amount_fen: Mapped[Fen]
    cash_fen: Mapped[Fen]
    reason: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[UUID]
    approver_id: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SalesMonth(Base):
    """A month's receipt counter and whether the month is closed.

    One row for both, so that who holds it to take a number also knows that the month stays open.
    """

    __tablename__ = "sales_months"

    month: Mapped[date] = mapped_column(primary_key=True)
    last_no: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
