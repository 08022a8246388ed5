"""Tables of the customers: who they are and since when they pay."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk
from shared.domain.customers.rules.activity import Activity
from shared.domain.customers.rules.grading import Grade
from shared.records.models import RecordColumns, state_check

_GRADES = ", ".join(f"'{grade}'" for grade in Grade)
_ACTIVITIES = ", ".join(f"'{state}'" for state in Activity)


class Customer(RecordColumns, Base):
    """A person known to the store, as a prospect or with a whole profile.

    Form: F04. `first_paid_on` is the first business day with a receipt above 0; a prospect has
    none. `grade` is that of the newest grading. Somebody who came with a sale or an import has a
    name and no profile yet: then `registered_on` is empty. The health part stays empty without
    `consent_sensitive`. From `restricted_at` on erasure was asked for: the profile is shown to
    nobody any more.
    """

    __tablename__ = "customers"
    __table_args__ = (
        state_check(),
        CheckConstraint("referrer <> id", name="referrer"),
        CheckConstraint("merged_into IS NULL OR state = 'VOID'", name="merged"),
        CheckConstraint(f"grade IN ({_GRADES})", name="grade"),
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

    grade: Mapped[str | None] = mapped_column(String(1), index=True)
    last_visit: Mapped[date | None]


class Grading(RecordColumns, Base):
    """What a guest was worth in the twelve months before a day, and the grade that follows.

    Form: F02; made by a job. `grade` counts: `override_grade` while there is one, else
        `computed_grade`; the newest row of a guest is the one that may be overridden.
    Shape: `before_fen` is what those with more spend spent together, `total_fen` what all did.
    """

    __tablename__ = "gradings"
    __table_args__ = (
        state_check(),
        UniqueConstraint("customer", "as_of"),
        CheckConstraint(f"grade IN ({_GRADES})", name="grade"),
        CheckConstraint(f"computed_grade IN ({_GRADES})", name="computed_grade"),
        CheckConstraint("override_grade IS NULL OR override_until IS NOT NULL", name="override"),
        CheckConstraint("override_grade <> 'P' OR computed_grade = 'P'", name="paying"),
        Index("ix_gradings_as_of_grade", "as_of", "grade"),
    )

    as_of: Mapped[date]
    customer: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    spend_12m_fen: Mapped[Fen]
    spend_365_fen: Mapped[Fen]
    before_fen: Mapped[Fen]
    total_fen: Mapped[Fen]
    visits_12m: Mapped[int]
    visits_180: Mapped[int]
    last_visit: Mapped[date | None]
    grade: Mapped[str] = mapped_column(String(1))
    computed_grade: Mapped[str] = mapped_column(String(1))
    rfm: Mapped[str | None] = mapped_column(String(3))
    segment: Mapped[str | None] = mapped_column(String(3))
    activity: Mapped[str | None] = mapped_column(String(8))
    override_grade: Mapped[str | None] = mapped_column(String(1))
    override_reason: Mapped[str | None] = mapped_column(String(100))
    override_until: Mapped[date | None]
    consultant: Mapped[UUID | None] = mapped_column(index=True)
    contact_cycle: Mapped[int]
    next_contact: Mapped[date]
    grade_before: Mapped[str | None] = mapped_column(String(1))
    moved: Mapped[str | None] = mapped_column(String(4))

    @property
    def share(self) -> Fraction | None:
        """Give the share of all spend; none where nobody spent anything or never came."""
        return self._of_total(self.spend_12m_fen)

    @property
    def cum_share(self) -> Fraction | None:
        """Give the share of those before and this guest together."""
        return self._of_total(self.before_fen + self.spend_12m_fen)

    @property
    def share_before(self) -> Fraction | None:
        """Give the share of those before, which decides the grade."""
        return self._of_total(self.before_fen)

    def _of_total(self, fen: int) -> Fraction | None:
        is_counted = self.total_fen and self.last_visit is not None
        return Fraction(fen, self.total_fen) if is_counted else None


class GuestActivity(Base):
    """How active a guest is since when, as it was last judged; who never came has no row.

    Form: F02 activity, F07-B; J06, whose key is customer and date (`judged_on`).
    """

    __tablename__ = "guest_activities"
    __table_args__ = (
        CheckConstraint(f"state IN ({_ACTIVITIES})", name="state"),
        Index("ix_guest_activities_at_risk_fen_customer", "at_risk_fen", "customer"),
    )

    customer: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    since: Mapped[date]
    judged_on: Mapped[date]
    last_visit: Mapped[date]
    spend_12m_fen: Mapped[Fen]
    at_risk_fen: Mapped[Fen]
    next_contact: Mapped[date]


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
