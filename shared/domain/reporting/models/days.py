"""What a business day came to, recomputed whole from the slips."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen


class DayItem(Base):
    """One business day's turnover of one category.

    Form: F10 matrix. Recomputed whole from the slips whenever the day changes.
    """

    __tablename__ = "day_items"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(10), primary_key=True)
    quantity: Mapped[int]
    turnover_fen: Mapped[Fen]
    consumption_fen: Mapped[Fen]
    direct_cost_fen: Mapped[Fen]


class DayTender(Base):
    """One business day's receipts by one means of payment, less refunds."""

    __tablename__ = "day_tenders"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    tender: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount_fen: Mapped[Fen]


class DayTotal(Base):
    """One business day's counts and sums.

    Form: F10 customers block, F17 head.
    Units: `refunds_fen` is what was given back, positive; `prepaid_fen` how the money changed that
    is still to be earned with cards.
    """

    __tablename__ = "day_totals"

    business_date: Mapped[date] = mapped_column(primary_key=True)
    visits: Mapped[int]
    new_customers: Mapped[int]
    receipts: Mapped[int]
    turnover_fen: Mapped[Fen]
    consumption_fen: Mapped[Fen]
    cash_sales_fen: Mapped[Fen]
    refunds_fen: Mapped[Fen]
    product_fen: Mapped[Fen]
    topups_fen: Mapped[Fen] = mapped_column(server_default="0")
    packages_fen: Mapped[Fen] = mapped_column(server_default="0")
    prepaid_fen: Mapped[Fen] = mapped_column(server_default="0")
