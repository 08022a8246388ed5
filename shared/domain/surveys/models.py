"""Tables of the surveys: opinions of guests."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base
from shared.domain.surveys.rules import OVERALL
from shared.records.models import RecordColumns, state_check

_LEVELS = ", ".join(f"'{level}'" for level in OVERALL)


class Opinion(RecordColumns, Base):
    """What a guest said about the store.

    Form: F09. An anonymous one has neither customer nor phone.
    """

    __tablename__ = "opinions"
    __table_args__ = (
        state_check(),
        CheckConstraint(f"overall IN ({_LEVELS})", name="overall"),
        Index(
            "uq_opinions_customer_visit_on",
            "customer",
            "visit_on",
            unique=True,
            postgresql_where=text("state <> 'VOID'"),
        ),
        CheckConstraint(
            "NOT anonymous OR (customer IS NULL AND contact_phone IS NULL)",
            name="anonymous",
        ),
    )

    overall: Mapped[str] = mapped_column(String(20))
    environment: Mapped[str | None] = mapped_column(String(20))
    reception: Mapped[str | None] = mapped_column(String(20))
    technique: Mapped[str | None] = mapped_column(String(20))
    effect: Mapped[str | None] = mapped_column(String(20))
    product: Mapped[str | None] = mapped_column(String(20))
    price: Mapped[str | None] = mapped_column(String(20))
    hygiene: Mapped[str | None] = mapped_column(String(20))
    waiting: Mapped[str | None] = mapped_column(String(20))
    needs: Mapped[str | None] = mapped_column(String(500), info={"personal": True})
    likes: Mapped[str | None] = mapped_column(String(500), info={"personal": True})
    dislikes: Mapped[str | None] = mapped_column(String(500), info={"personal": True})
    reason: Mapped[str | None] = mapped_column(String(500), info={"personal": True})
    suggestion: Mapped[str | None] = mapped_column(String(500), info={"personal": True})
    anonymous: Mapped[bool] = mapped_column(server_default="false")
    customer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    visit_on: Mapped[date | None]
    want_contact: Mapped[bool] = mapped_column(server_default="false")
    contact_phone: Mapped[str | None] = mapped_column(String(20), info={"personal": True})
    way: Mapped[str] = mapped_column(String(6))
    suggestion_state: Mapped[str | None] = mapped_column(String(8))
