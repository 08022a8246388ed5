"""Settle a visit at the till: what the guest pays becomes a receipt, cards were deducted before.

Form: W2, CHECKED to SETTLED; F08 receipt lines; specification 4.5.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.service import deposits, visit_steps, visits
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import receipts
from shared.domain.sales.rules import slips
from shared.domain.sales.service import recording
from shared.errors import problem
from shared.records.register import Editor


def settle_visit(
    session: Session,
    *,
    visit_id: int,
    version: int,
    key: UUID,
    tenders: Sequence[slips.Paid],
    by: Editor,
) -> Sale | None:
    """Ring up what of a checked visit is paid at the till, and note the visit as settled.

    A deposit that was paid for its appointment is taken off. A visit that cards paid alone settles
    without a receipt. A repeated key gives the first settlement's; of two desks one is refused.
    Locks: the visit; what `recording.record_sale` holds; the appointment.
    Emits: SaleRecorded, Notify.
    Raises: FormInvalid (SUM_MISMATCH), visits.CardsOpen, VisitStepRefused, queries.NoSuchVisit,
        ChangedMeanwhile, deposits.DepositUsed, and as `recording.record_sale`.
    """
    visit = queries.for_update(session, visit_id)
    if visit.settle_key == key:
        return receipts.by_key(session, key)
    visit = visit_steps.hold(session, visit_id, version=version, by=by)
    due = visits.check_settled(session, visit)
    sale: Sale | None = None
    if due:
        lines = tuple(
            slips.NewLine(item_id=line.item_id, quantity=line.quantity, amount_fen=line.price_fen)
            for line in due
        )
        ahead_fen = min(
            deposits.left_fen(session, visit.appointment_id), sum(line.amount_fen for line in lines)
        )
        new = slips.NewSale(
            key=key, customer_id=visit.customer_id, lines=lines, tenders=tuple(tenders),
            deposit_used_fen=ahead_fen,
        )  # fmt: skip
        sale = recording.record_sale(session, seller_id=by.id, new=new, day=by.today, now=by.now)
        if visit.appointment_id is not None and ahead_fen:
            deposits.note_deposit(
                session, appointment_id=visit.appointment_id, amount_fen=-ahead_fen,
                by_id=by.id, now=by.now,
            )  # fmt: skip
    elif any(paid.amount_fen for paid in tenders):
        raise errors.FormInvalid(problems=(problem("tenders", "SUM_MISMATCH"),))
    visits.settle(session, visit, key=key, sale_id=sale.id if sale else None, by=by)
    return sale
