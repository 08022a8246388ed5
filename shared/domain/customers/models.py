"""Tables of the customers: who they are and since when they pay."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, IdPk
from shared.records.models import RecordColumns, state_check

_PERSONAL = {"personal": True}


class Customer(RecordColumns, Base):
    """A person known to the store, as a prospect or with a whole profile.

    Form: F04. `first_paid_on` is the first business day with a receipt above 0; a prospect has
    none. Somebody who came with a sale or an import has a name and no profile yet: then
    `registered_on` is empty. The health part stays empty without `consent_sensitive`.
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
    name: Mapped[str] = mapped_column(String(80), info=_PERSONAL)
    gender: Mapped[str | None] = mapped_column(String(1))
    birthday: Mapped[str | None] = mapped_column(String(10), info=_PERSONAL)
    phone: Mapped[str | None] = mapped_column(String(20), info=_PERSONAL, index=True)
    wechat: Mapped[str | None] = mapped_column(String(40), info=_PERSONAL)
    email: Mapped[str | None] = mapped_column(String(120), info=_PERSONAL)
    source: Mapped[str | None] = mapped_column(String(10))
    referrer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    occupation: Mapped[str | None] = mapped_column(String(40), info=_PERSONAL)
    education: Mapped[str | None] = mapped_column(String(40), info=_PERSONAL)
    family: Mapped[str | None] = mapped_column(String(80), info=_PERSONAL)
    income_band: Mapped[str | None] = mapped_column(String(10), info=_PERSONAL)
    address_area: Mapped[str | None] = mapped_column(String(120), info=_PERSONAL)
    personality: Mapped[str | None] = mapped_column(String(200), info=_PERSONAL)
    interests: Mapped[str | None] = mapped_column(String(200), info=_PERSONAL)
    buying_attitude: Mapped[str | None] = mapped_column(String(200), info=_PERSONAL)
    wishes: Mapped[str | None] = mapped_column(String(200), info=_PERSONAL)
    skin_type: Mapped[str | None] = mapped_column(String(12), info=_PERSONAL)
    skin_problems: Mapped[list[str] | None] = mapped_column(ARRAY(String(12)), info=_PERSONAL)
    diagnosis_chart: Mapped[UUID | None] = mapped_column(info=_PERSONAL)
    photos: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid), info=_PERSONAL)
    allergies: Mapped[str | None] = mapped_column(String(200), info=_PERSONAL)
    contraindications: Mapped[list[str] | None] = mapped_column(ARRAY(String(14)), info=_PERSONAL)
    care_history: Mapped[str | None] = mapped_column(String(300), info=_PERSONAL)
    home_care: Mapped[str | None] = mapped_column(String(300), info=_PERSONAL)
    consultant: Mapped[UUID | None] = mapped_column(index=True)
    preferred_staff: Mapped[UUID | None]
    channel_pref: Mapped[list[str] | None] = mapped_column(ARRAY(String(8)))
    no_call_times: Mapped[list[str] | None] = mapped_column(ARRAY(String(11)))
    consent_service: Mapped[bool] = mapped_column(server_default="false")
    consent_sensitive: Mapped[bool] = mapped_column(server_default="false")
    consent_marketing: Mapped[bool] = mapped_column(server_default="false")
    consent_photo: Mapped[bool] = mapped_column(server_default="false")
    guardian_name: Mapped[str | None] = mapped_column(String(40), info=_PERSONAL)
    customer_sign: Mapped[UUID | None] = mapped_column(info=_PERSONAL)
    is_complete: Mapped[bool] = mapped_column(server_default="false")
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    first_paid_on: Mapped[date | None] = mapped_column(index=True)

    # What the account part shows comes from capabilities that keep it: none does yet.
    balance_fen: ClassVar[None] = None
    sessions_left: ClassVar[None] = None
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
    reason: Mapped[str] = mapped_column(String(200), info=_PERSONAL)
    merged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    merged_by: Mapped[UUID]
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[UUID | None]
