"""Tables of the customers: who they are and since when they pay."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk
from shared.records.models import RecordColumns, state_check


class Customer(RecordColumns, Base):
    """A person known to the store, as a prospect or with a whole profile.

    Form: F04. `first_paid_on` is the first business day with a receipt above 0; a prospect has
    none. Somebody who came with a sale or an import has a name and no profile yet: then
    `registered_on` is empty. The health part stays empty without `consent_sensitive`. From
    `restricted_at` on erasure was asked for: the profile is shown to nobody any more.
    """

    __tablename__ = "customers"
    __table_args__ = (
        state_check(),
        CheckConstraint("referrer <> id", name="referrer"),
        CheckConstraint("merged_into IS NULL OR state = 'VOID'", name="merged"),
        Index(
            "uq_customers_phone_registered",
            "phone",
            unique=True,
            postgresql_where=text("registered_on IS NOT NULL AND state <> 'VOID'"),
        ),
    )

    business_date: Mapped[date | None] = mapped_column(index=True)  # type: ignore[assignment]
    registered_on: Mapped[date | None]
    front_desk_no: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(80))
    gender: Mapped[str | None] = mapped_column(String(1))
    birthday: Mapped[str | None] = mapped_column(String(10))
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    wechat: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(120))
    source: Mapped[str | None] = mapped_column(String(10))
    referrer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    occupation: Mapped[str | None] = mapped_column(String(40))
    education: Mapped[str | None] = mapped_column(String(40))
    family: Mapped[str | None] = mapped_column(String(80))
    income_band: Mapped[str | None] = mapped_column(String(10))
    address_area: Mapped[str | None] = mapped_column(String(120))
    personality: Mapped[str | None] = mapped_column(String(200))
    interests: Mapped[str | None] = mapped_column(String(200))
    buying_attitude: Mapped[str | None] = mapped_column(String(200))
    wishes: Mapped[str | None] = mapped_column(String(200))
    skin_type: Mapped[str | None] = mapped_column(String(12))
    skin_problems: Mapped[list[str] | None] = mapped_column(ARRAY(String(12)))
    diagnosis_chart: Mapped[UUID | None]
    photos: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    allergies: Mapped[str | None] = mapped_column(String(200))
    contraindications: Mapped[list[str] | None] = mapped_column(ARRAY(String(14)))
    care_history: Mapped[str | None] = mapped_column(String(300))
    home_care: Mapped[str | None] = mapped_column(String(300))
    consultant: Mapped[UUID | None] = mapped_column(index=True)
    preferred_staff: Mapped[UUID | None]
    channel_pref: Mapped[list[str] | None] = mapped_column(ARRAY(String(8)))
    no_call_times: Mapped[list[str] | None] = mapped_column(ARRAY(String(11)))
    consent_service: Mapped[bool] = mapped_column(server_default="false")
    consent_sensitive: Mapped[bool] = mapped_column(server_default="false")
    consent_marketing: Mapped[bool] = mapped_column(server_default="false")
    consent_photo: Mapped[bool] = mapped_column(server_default="false")
    guardian_name: Mapped[str | None] = mapped_column(String(40))
    customer_sign: Mapped[UUID | None]
    is_complete: Mapped[bool] = mapped_column(server_default="false")
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    first_paid_on: Mapped[date | None] = mapped_column(index=True)
    restricted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    # What is left on cards, those of merged profiles included; the cards write it.
    balance_fen: Mapped[Fen] = mapped_column(server_default="0")
    sessions_left: Mapped[int] = mapped_column(server_default="0")

    # What the account part shows besides comes from capabilities that keep it: none does yet.
    grade: ClassVar[None] = None
    last_visit: ClassVar[None] = None


class CustomerMerge(Base):
    """Two profiles that are one person: which was given up for which, and how to take it back.

    Shape: `filled` names the fields of the kept profile that were empty and came from the other.
    """

    __tablename__ = "customer_merges"

    id: Mapped[IdPk]
    kept_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    filled: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    gone_state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(200))
    merged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    merged_by: Mapped[UUID]
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[UUID | None]


class Erasure(Base):
    """The receipt of an erasure: who asked for it, when and why, and what was erased.

    Shape: `asked_by` is empty for what a restore did again; `erased` is table -> rows, `files` how
        many were deleted, `words` how many rows elsewhere named the person. `finished_at` is empty
        while the job has not run: until then the profile is kept and shown to nobody.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        {"info": {"grants": "SELECT, INSERT, UPDATE (reason, finished_at, erased, files, words)"}},
    )

    id: Mapped[IdPk]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    erased: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    files: Mapped[int] = mapped_column(server_default="0")
    words: Mapped[int] = mapped_column(server_default="0")
