"""Tables of bookings: what is booked and kept busy, whose turn it is."""

from datetime import date, datetime
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

from shared.db.base import Base, Fen, IdPk
from shared.domain.appointments.models.listing import listed
from shared.domain.appointments.rules.resources import Busy, Condition, Kind
from shared.domain.appointments.rules.stages import CancelReason, Channel, Stage
from shared.records.models import RecordColumns, state_check


class Resource(Base):
    """A room or bed, or a device; one that is not active is offered no more."""

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint(f"kind IN ({listed(Kind)})", name="kind"),
        CheckConstraint(f"condition IN ({listed(Condition)})", name="condition"),
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
        CheckConstraint(f"stage IN ({listed(Stage)})", name="stage"),
        CheckConstraint(f"channel IN ({listed(Channel)})", name="channel"),
        CheckConstraint(f"cancel_reason IN ({listed(CancelReason)})", name="cancel_reason"),
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
        CheckConstraint(f"kind IN ({listed(Busy)})", name="kind"),
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
    __table_args__ = (UniqueConstraint("day", "place"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer)
    is_paused: Mapped[bool] = mapped_column(server_default="false")
