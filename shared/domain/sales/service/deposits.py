"""Take a deposit for an appointment: a receipt of its own, noted on the appointment.

Form: F03 deposit, F08 kind DEPOSIT: cash sales, no turnover until the treatment is paid.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared.domain.appointments.rules.stages import LIVE
from shared.domain.appointments.service import deposits as appointments
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service import recording
from shared.errors import FormInvalid, problem
from shared.records import queries


def take_deposit(
    session: Session,
    *,
    appointment_id: int,
    paid: Sequence[slips.Paid],
    key: UUID,
    seller_id: UUID,
    at: tuple[date, datetime],
) -> Sale:
    """Take money ahead for an appointment that is still to come; a repeated key takes it once.

    Shape: `at` is the business day and the instant.
    Locks: as `recording.record_sale`; the appointment.
    Emits: SaleRecorded.
    Raises: queries.NoSuchRecord, FormInvalid, and as `recording.record_sale`.
    """
    row = queries.get(session, APPOINTMENTS, appointment_id)
    amount_fen = sum(one.amount_fen for one in paid)
    problems = [] if row.stage in LIVE else [problem("appointment_id", "STATE")]
    if amount_fen <= 0:
        problems.append(problem("tenders", "RANGE"))
    if problems:
        raise FormInvalid(problems=tuple(problems))
    day, now = at
    new = slips.NewSale(
        key=key, customer_id=row.customer, appointment_id=row.id, tenders=tuple(paid),
        lines=(slips.NewLine(kind=kinds.LineKind.DEPOSIT, quantity=1, amount_fen=amount_fen),),
    )  # fmt: skip
    sale = recording.record_sale(session, seller_id=seller_id, new=new, day=day, now=now)
    if sale.recorded_at == now:  # not one that was taken before
        appointments.note_deposit(
            session, appointment_id=row.id, amount_fen=amount_fen, by_id=seller_id, now=now
        )
    return sale
