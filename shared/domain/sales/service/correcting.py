"""A slip that turns up after its day was closed: entered on an open day, signed by two.

Form: F08: after close, a late slip goes to a correction entry 更正单 (4.2).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.sales.models.cash import CashCorrection
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import cash as questions
from shared.domain.sales.queries import corrections, receipts
from shared.domain.sales.rules import slips
from shared.domain.sales.rules.kinds import DayState, LateSlip, Tender
from shared.domain.sales.service import cash, drawer, periods
from shared.errors import problem
from shared.records import numbers


class NothingToCorrect(errors.Conflict):
    """The day is not closed: enter the slip on the day itself."""

    zh = "该营业日尚未日结,请直接录入当日"


class CorrectionKeyUsed(errors.Conflict):
    """This key belongs to another correction."""

    code = "DUPLICATE"
    zh = "该幂等键已用于另一张更正单"


class AlreadyCorrected(errors.Conflict):
    """This receipt has its correction already."""

    code = "DUPLICATE"
    zh = "该小票已有更正单"


def correct_day(
    session: Session,
    *,
    new: slips.NewCorrection,
    actor_id: UUID,
    approver_id: UUID | None,
    now: datetime,
) -> CashCorrection:
    """Enter a late slip of a closed day on an open one; a repeated key gives the first entry.

    The slip counts on the open day; its cash moved on the closed one and was counted there, so
    the open day's book is corrected by as much the other way.

    Locks: the month, the open cash day, the number counter.
    Raises: FormInvalid, NothingToCorrect, AlreadyCorrected, periods.PeriodClosed,
        drawer.CashDayClosed, and those of `cash.pay_out`.
    """
    periods.lock_open_month(session, days.month_of(new.day))
    if first := corrections.by_key(session, new.key):
        if (first.of_day, first.business_date) != (new.of_day, new.day):
            raise CorrectionKeyUsed(key=new.key)
        return first
    closed = questions.cash_day(session, new.of_day)
    if new.of_day >= new.day or closed is None or closed.state != DayState.CLOSED:
        raise NothingToCorrect(day=new.of_day)
    drawer.lock_open_day(session, new.day, now=now)
    if approver_id in (None, actor_id):
        raise errors.FormInvalid(problems=(problem("approver_login", "LIMIT"),))
    made = CashCorrection(
        key=new.key,
        of_day=new.of_day,
        business_date=new.day,
        reason=new.reason,
        made_by=actor_id,
        approver_id=approver_id,
        made_at=now,
    )
    if new.payment is not None:
        paid = cash.pay_out(
            session, payment=new.payment, actor_id=actor_id, now=now, approver_id=approver_id
        )
        made.kind, made.payment_id = LateSlip.PAYMENT, paid.id
        made.amount_fen, made.cash_fen = paid.amount_fen, paid.amount_fen
    else:
        sale = _receipt(session, new)
        made.kind, made.sale_id = LateSlip.RECEIPT, sale.id
        made.amount_fen, made.cash_fen = sale.total_fen, -_cash_of(sale)
    (made.number,) = numbers.take(session, form="F08G", days=[new.day])
    session.add(made)
    session.flush()  # the answer carries the id
    return made


def _receipt(session: Session, new: slips.NewCorrection) -> Sale:
    found = receipts.by_number(session, new.receipt_no or "")
    if found is None:
        raise errors.FormInvalid(problems=(problem("receipt_no", "NOT_FOUND"),))
    if corrections.is_corrected(session, found.id):
        raise AlreadyCorrected(problems=(problem("receipt_no", "DUPLICATE"),))
    if found.business_date != new.day:
        zh = "请先在今天补录该小票,再填写更正单"
        en = "ring the slip up today first, then name that receipt"
        raise errors.FormInvalid(problems=(problem("receipt_no", "STATE", zh=zh, en=en),))
    return found


def _cash_of(sale: Sale) -> int:
    return sum(part.amount_fen for part in sale.tenders if part.tender == Tender.CASH)
