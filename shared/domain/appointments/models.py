"""Tables of bookings and visits: what is booked and kept busy, who is here, what was done."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.appointments.rules.resources import Busy, Condition, Kind
from shared.domain.appointments.rules.stages import CancelReason, Channel, Stage
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


def _listed(kind: type[StrEnum]) -> str:
    return ", ".join(f"'{code}'" for code in kind)


class Resource(Base):
    """A room or bed, or a device; one that is not active is offered no more."""

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_listed(Kind)})", name="kind"),
        CheckConstraint(f"condition IN ({_listed(Condition)})", name="condition"),
        CheckConstraint("kind = 'DEVICE' OR device_kind IS NULL", name="device_kind"),
        UniqueConstraint("kind", "name"),
    )

    id: Mapped[IdPk]
    kind: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(40))
    device_kind: Mapped[str | None] = mapped_column(String(40))
    condition: Mapped[str] = mapped_column(String(4), server_default=Condition.GOOD)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    place_no: Mapped[int] = mapped_column(Integer, server_default="0")  # order on the board
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class Appointment(RecordColumns, Base):
    """One booking.

    Form: F03. `agreed_at` is when its present time was agreed; `reminded_day_at` and
    `reminded_hours_at` the start of which the guest was reminded; `guest_key` the digest of the
    secret in the guest's own link.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        state_check(),
        CheckConstraint(f"stage IN ({_listed(Stage)})", name="stage"),
        CheckConstraint(f"channel IN ({_listed(Channel)})", name="channel"),
        CheckConstraint(f"cancel_reason IN ({_listed(CancelReason)})", name="cancel_reason"),
        CheckConstraint("end_at > start_at", name="order"),
        CheckConstraint("deposit_fen >= 0 AND deposit_paid_fen >= 0", name="deposit"),
        CheckConstraint(
            "stage IN ('REQUESTED', 'CANCELLED') "
            "OR (assigned_staff IS NOT NULL AND room IS NOT NULL)",
            name="confirmed",
        ),
        CheckConstraint("customer IS NOT NULL OR contact_phone IS NOT NULL", name="guest"),
        CheckConstraint("(stage = 'CANCELLED') = (cancel_reason IS NOT NULL)", name="cancelled"),
        Index("ix_appointments_stage_start_at", "stage", "start_at"),
        Index("ix_appointments_customer_start_at", "customer", "start_at"),
    )

    customer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    contact_name: Mapped[str | None] = mapped_column(String(40))
    contact_phone: Mapped[str | None] = mapped_column(String(20), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    start_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    end_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    items: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    duration: Mapped[int] = mapped_column(Integer)
    extra_minutes: Mapped[int | None] = mapped_column(Integer)
    requested_staff: Mapped[UUID | None]
    assigned_staff: Mapped[UUID | None]
    room: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    equipment: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    wishes: Mapped[str | None] = mapped_column(String(300))
    readback_done: Mapped[bool] = mapped_column(server_default="false")
    deposit_fen: Mapped[Fen | None]
    deposit_paid_fen: Mapped[Fen] = mapped_column(server_default="0")
    stage: Mapped[str] = mapped_column(String(10))
    cancel_reason: Mapped[str | None] = mapped_column(String(9))
    is_late_cancel: Mapped[bool] = mapped_column(server_default="false")
    arrived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    greeted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    agreed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reminded_day_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reminded_hours_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    guest_key: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)


class Occupancy(Base):
    """A time in which an appointment keeps a guest, a person, a room or a device busy.

    The constraint refuses two at one time, whoever asks at whatever moment. One that a second
    person approved stands beside another on purpose; a guest's never does.
    """

    __tablename__ = "occupancies"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_listed(Busy)})", name="kind"),
        CheckConstraint(
            "is_deliberate = (approved_by IS NOT NULL) AND (kind <> 'GUEST' OR NOT is_deliberate)",
            name="deliberate",
        ),
        ExcludeConstraint(
            ("kind", "="),
            ("who", "="),
            ("during", "&&"),
            where=text("NOT is_deliberate"),
            using="gist",
            name="ex_occupancies_kind_who_during",
        ),
    )

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointments.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(6), primary_key=True)
    who: Mapped[str] = mapped_column(String(36), primary_key=True)
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    is_deliberate: Mapped[bool] = mapped_column(server_default="false")
    approved_by: Mapped[UUID | None]


class Turn(Base):
    """A person's place in a day's turn queue 轮牌; who pauses keeps it."""

    __tablename__ = "turns"

    day: Mapped[date] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer)
    is_paused: Mapped[bool] = mapped_column(server_default="false")


class Visit(Base):
    """A guest in the house, from the door to the door.

    Form: W2. `planned_at` is the start of the booking, or the arrival of who has none; the guest's
    answer about health data stands in the profile, `is_health_declined` says that it was no.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(f"stage IN ({_listed(VisitStage)})", name="stage"),
        CheckConstraint(f"left_reason IN ({_listed(LeftReason)})", name="left_reason"),
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
        CheckConstraint(f"pay_by IN ({_listed(PayBy)})", name="pay_by"),
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
        CheckConstraint(f"step IN ({_listed(Step)})", name="step"),
        CheckConstraint(f"stage IN ({_listed(VisitStage)})", name="stage"),
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
        CheckConstraint(f"assigned_by IN ({_listed(AssignedBy)})", name="assigned_by"),
        CheckConstraint(f"pay_by IN ({_listed(PayBy)})", name="pay_by"),
        CheckConstraint(f"reaction IN ({_listed(Reaction)})", name="reaction"),
        CheckConstraint(f"guest_feeling IN ({_listed(Feeling)})", name="guest_feeling"),
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
