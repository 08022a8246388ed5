"""Tables of visits: who is here, what was quoted, done, used and signed, how the skin took it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.appointments.models.listing import listed
from shared.domain.appointments.rules.visits import (
    AssignedBy,
    Feeling,
    LeftReason,
    PayBy,
    Reaction,
    Step,
    VisitStage,
)
from shared.records.models import RecordColumns, state_check


class Visit(Base):
    """A guest in the house, from the door to the door.

    Form: W2. `planned_at` is the start of the booking, or the arrival of who has none; the guest's
    answer about health data stands in the profile, `is_health_declined` says that it was no.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(f"stage IN ({listed(VisitStage)})", name="stage"),
        CheckConstraint(f"left_reason IN ({listed(LeftReason)})", name="left_reason"),
        CheckConstraint("left_reason IS NULL OR stage = 'LEFT'", name="left"),
        CheckConstraint("(is_on_time IS NULL) = (checked_at IS NULL)", name="on_time"),
        CheckConstraint("sale_id IS NULL OR settled_at IS NOT NULL", name="settled"),
        Index("ix_visits_business_date_stage", "business_date", "stage"),
        Index(
            "uq_visits_customer_here",
            "customer_id",
            unique=True,
            postgresql_where=text("stage NOT IN ('SETTLED', 'LEFT')"),
        ),
    )

    id: Mapped[IdPk]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    business_date: Mapped[date]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), unique=True)
    stage: Mapped[str] = mapped_column(String(10))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    staff_id: Mapped[UUID | None]
    is_requested: Mapped[bool] = mapped_column(server_default="false")
    planned_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    arrived_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    greeted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    waiting_told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_health_declined: Mapped[bool] = mapped_column(server_default="false")
    needs: Mapped[str | None] = mapped_column(String(300))
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    promised_end_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    is_on_time: Mapped[bool | None]
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settle_key: Mapped[UUID | None] = mapped_column(unique=True)
    sale_id: Mapped[int | None] = mapped_column(ForeignKey("sales.id"), unique=True)
    next_on: Mapped[date | None]
    home_advice: Mapped[str | None] = mapped_column(String(200))
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    left_reason: Mapped[str | None] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class VisitLine(Base):
    """One item of a visit's quote; what the guest agreed to has `agreed_at`, a no `declined_at`.

    Units: `price_fen` is the quoted price of all pieces; `minutes` are the item's when quoted.
    """

    __tablename__ = "visit_lines"
    __table_args__ = (
        CheckConstraint(f"pay_by IN ({listed(PayBy)})", name="pay_by"),
        CheckConstraint("(pay_by IN ('STORED', 'PACKAGE')) = (card_id IS NOT NULL)", name="card"),
        CheckConstraint("price_fen >= 0 AND quantity > 0 AND minutes >= 0", name="figures"),
        CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name="decided"),
    )

    id: Mapped[IdPk]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    quantity: Mapped[int]
    minutes: Mapped[int]
    pay_by: Mapped[str] = mapped_column(String(7))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    price_fen: Mapped[Fen]
    is_extra: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(200))
    quoted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    quoted_by: Mapped[UUID | None]
    agreed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    declined_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    asked_by: Mapped[UUID | None]


class VisitStep(Base):
    """Who did what with a visit, when and why; `stage` is where it stood afterwards."""

    __tablename__ = "visit_steps"
    __table_args__ = (
        CheckConstraint(f"step IN ({listed(Step)})", name="step"),
        CheckConstraint(f"stage IN ({listed(VisitStage)})", name="stage"),
        {"info": ledger_but_for("reason")},
    )

    id: Mapped[IdPk]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    step: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by_id: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class Treatment(RecordColumns, Base):
    """One performed service: what was done, with what, by whom, how the skin reacted.

    Form: F05. It is open until the guest has signed; that deducts the card and the stock, and from
    then on it is only voided. `card_seq` is the entry of the card that the signature made.
    """

    __tablename__ = "treatments"
    __table_args__ = (
        state_check(),
        CheckConstraint(f"assigned_by IN ({listed(AssignedBy)})", name="assigned_by"),
        CheckConstraint(f"pay_by IN ({listed(PayBy)})", name="pay_by"),
        CheckConstraint(f"reaction IN ({listed(Reaction)})", name="reaction"),
        CheckConstraint(f"guest_feeling IN ({listed(Feeling)})", name="guest_feeling"),
        CheckConstraint("ended_at > started_at", name="order"),
        CheckConstraint("sessions_after = sessions_before - 1", name="sessions"),
        CheckConstraint(
            "signed_at IS NULL OR pay_by NOT IN ('STORED', 'PACKAGE') OR card_seq IS NOT NULL",
            name="deducted",
        ),
        Index("uq_treatments_line", "line", unique=True, postgresql_where=text("state <> 'VOID'")),
    )

    visit: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    line: Mapped[int] = mapped_column(ForeignKey("visit_lines.id"))
    customer: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    item: Mapped[int] = mapped_column(ForeignKey("items.id"))
    beautician: Mapped[UUID] = mapped_column(index=True)
    assistant: Mapped[UUID | None]
    assigned_by: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    pay_by: Mapped[str] = mapped_column(String(7))
    unit_value_fen: Mapped[Fen | None]
    sessions_before: Mapped[int | None]
    sessions_after: Mapped[int | None]
    skin_before: Mapped[str | None] = mapped_column(String(300))
    skin_after: Mapped[str | None] = mapped_column(String(300))
    products_used: Mapped[str | None] = mapped_column(String(600))
    equipment: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    parameters: Mapped[str | None] = mapped_column(String(100))
    reaction: Mapped[str | None] = mapped_column(String(8))
    photo_before: Mapped[UUID | None]
    photo_after: Mapped[UUID | None]
    guest_feeling: Mapped[str | None] = mapped_column(String(17))
    feeling_reason: Mapped[str | None] = mapped_column(String(200))
    preferences: Mapped[str | None] = mapped_column(String(200))
    recommended: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    next_date: Mapped[date | None]
    home_advice: Mapped[str | None] = mapped_column(String(200))
    guest_sign: Mapped[UUID | None]
    signed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    card_seq: Mapped[int | None]


class TreatmentProduct(Base):
    """A product used in a treatment: which batch, how much."""

    __tablename__ = "treatment_products"
    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 99", name="quantity"),
        Index("ix_treatment_products_item_id_batch_no", "item_id", "batch_no"),
    )

    treatment_id: Mapped[int] = mapped_column(ForeignKey("treatments.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    batch_no: Mapped[str] = mapped_column(String(30))
    quantity: Mapped[int]


class LateReaction(Base):
    """A reaction that a guest told of after the card was signed; nothing on the card changes.

    Units: `told_on` is the business day, `treated_on` that of the treatment; erasure empties
    `reaction` and `words`.
    """

    __tablename__ = "late_reactions"
    __table_args__ = (
        CheckConstraint(f"reaction IN ({listed(Reaction, but='NONE')})", name="reaction"),
        CheckConstraint("told_on >= treated_on", name="order"),
        {"info": ledger_but_for("reaction, words")},
    )

    id: Mapped[IdPk]
    treatment_id: Mapped[int] = mapped_column(ForeignKey("treatments.id"), index=True)
    key: Mapped[UUID] = mapped_column(unique=True)
    reaction: Mapped[str | None] = mapped_column(String(8))
    words: Mapped[str | None] = mapped_column(String(500))
    treated_on: Mapped[date]
    told_on: Mapped[date]
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    told_to: Mapped[UUID | None]
