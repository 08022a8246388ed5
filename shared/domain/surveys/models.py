"""Tables of the surveys: opinions of guests."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, IdPk
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
    needs: Mapped[str | None] = mapped_column(String(500))
    likes: Mapped[str | None] = mapped_column(String(500))
    dislikes: Mapped[str | None] = mapped_column(String(500))
    reason: Mapped[str | None] = mapped_column(String(500))
    suggestion: Mapped[str | None] = mapped_column(String(500))
    anonymous: Mapped[bool] = mapped_column(server_default="false")
    customer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    visit_on: Mapped[date | None]
    want_contact: Mapped[bool] = mapped_column(server_default="false")
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(6))
    suggestion_state: Mapped[str | None] = mapped_column(String(8))


class OpinionLink(Base):
    """A way for a guest to give an opinion without an account: one link, or a tablet for a day.

    Shape: `key_hash` is the SHA-256 of what the address holds. A used link of an anonymous opinion
        keeps neither customer nor the hour of use.
    """

    __tablename__ = "opinion_links"
    __table_args__ = (CheckConstraint("kind IN ('LINK', 'TABLET')", name="kind"),)

    id: Mapped[IdPk]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    kind: Mapped[str] = mapped_column(String(6))
    customer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    visit_on: Mapped[date | None]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[UUID]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_on: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
