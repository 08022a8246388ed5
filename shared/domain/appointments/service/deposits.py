"""What was paid ahead for an appointment, as the till says.

Form: F03 deposit.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.records import queries
from shared.records import service as records
from shared.records.register import Editor


class DepositUsed(errors.Conflict):
    """Of this deposit no such amount is left."""

    code = "BALANCE_SHORT"
    zh = "定金余额不足"


def left_fen(session: Session, appointment_id: int | None) -> int:
    """Tell how much of an appointment's deposit is left; 0 without an appointment."""
    if appointment_id is None:
        return 0
    paid: int = queries.get(session, APPOINTMENTS, appointment_id).deposit_paid_fen
    return paid


def note_deposit(
    session: Session, *, appointment_id: int, amount_fen: int, by_id: UUID | None, now: datetime
) -> None:
    """Note that a deposit was paid at the till; given back, or used, when the amount is negative.

    Locks: the appointment.
    Raises: queries.NoSuchRecord, DepositUsed.
    """
    row: Appointment = queries.for_update(session, APPOINTMENTS, appointment_id)
    if row.deposit_paid_fen + amount_fen < 0:
        raise DepositUsed(problems=(errors.problem("deposit_fen", "BALANCE_SHORT"),))
    row.deposit_paid_fen += amount_fen
    day = row.business_date
    by = Editor(
        id=by_id, permits=lambda resource, verb: False, now=now, today=day,
        day_of=lambda instant: day, zone="UTC",
    )  # fmt: skip
    records.note_action(session, APPOINTMENTS, row, action="DEPOSIT", by=by, reason=None)
