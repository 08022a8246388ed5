"""What was paid ahead for an appointment, as the till says.

Form: F03 deposit.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.domain.appointments.models import Appointment
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.records import queries
from shared.records import service as records
from shared.records.register import Editor


def note_deposit(
    session: Session, *, appointment_id: int, amount_fen: int, by_id: UUID | None, now: datetime
) -> None:
    """Note that a deposit was paid at the till, or given back when the amount is negative.

    Locks: the appointment.
    Raises: queries.NoSuchRecord.
    """
    row: Appointment = queries.for_update(session, APPOINTMENTS, appointment_id)
    row.deposit_paid_fen += amount_fen
    day = row.business_date
    by = Editor(
        id=by_id, permits=lambda resource, verb: False, now=now, today=day,
        day_of=lambda instant: day, zone="UTC",
    )  # fmt: skip
    records.note_action(session, APPOINTMENTS, row, action="DEPOSIT", by=by, reason=None)
