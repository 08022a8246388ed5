"""Tables of the customers: who they are and since when they pay."""

from datetime import date, datetime

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, IdPk


class Customer(Base):
    """A person known to the store.

    Form: F04 contact part. `first_paid_on` is the first business day with a receipt above 0;
    a prospect has none.
    """

    __tablename__ = "customers"

    id: Mapped[IdPk]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80), info={"personal": True})
    phone: Mapped[str | None] = mapped_column(String(20), info={"personal": True})
    first_paid_on: Mapped[date | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
