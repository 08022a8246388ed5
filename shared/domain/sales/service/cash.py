"""Open the drawer, take money out, count it, close the day.

Form: F08; W12: the cashier counts, the manager, another person, closes.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import days, errors, money
from shared.domain.sales.events import CashDayClosed
from shared.domain.sales.models.cash import CashDay, CashPayment
from shared.domain.sales.queries import cash, drawers, settlements
from shared.domain.sales.rules import slips, tills
from shared.domain.sales.rules.kinds import DayState
from shared.domain.sales.service import counting, drawer, periods
from shared.errors import Problem, problem
from shared.events.jobs import publish
from shared.records import attachments, numbers


class NotCounted(errors.Conflict):
    """The drawer has not been counted yet."""

    zh = "尚未点钞"


class CountChanged(errors.Conflict):
    """Somebody counted again meanwhile."""

    code = "CONFLICT"
    zh = "他人已重新点钞,请刷新"


class SamePerson(errors.Forbidden):
    """Who counted cannot also close: another person signs."""

    zh = "点钞人与审核人不能是同一人"


class DayBlocked(errors.Conflict):
    """Something of the day is still open."""

    zh = "当日还有未完成的事项"


class PaymentKeyUsed(errors.Conflict):
    """This key belongs to another payment."""

    code = "DUPLICATE"
    zh = "该幂等键已用于另一笔支出"


def open_cash_day(session: Session, *, opening: tills.CashOpening, now: datetime) -> CashDay:
    """Type in what lies in the drawer in the morning; without this, it is carried on.

    Form: F08 opening_cash: a number other than the evening's count needs a reason.
    Locks: the month, the cash day.
    Raises: FormInvalid, periods.PeriodClosed, drawer.CashDayClosed.
    """
    day = opening.day
    periods.lock_open_month(session, days.month_of(day))
    held = drawer.lock_open_day(session, day, now=now)
    is_other = opening.opening_fen != drawers.carried_fen(session, day)
    _raise_if(_amount_problems("opening_fen", opening.opening_fen))
    if is_other and opening.reason is None and cash.has_earlier_day(session, day):
        _raise_if([problem("reason", "REQUIRED")])
    held.opening_fen = opening.opening_fen
    held.opening_reason = opening.reason
    session.flush()  # the report of this transaction asks the table
    return held


def pay_out(
    session: Session,
    *,
    payment: slips.NewPayment,
    actor_id: UUID,
    now: datetime,
    approver_id: UUID | None = None,
) -> CashPayment:
    """Take money out of the drawer; a repeated key returns the first payment.

    Form: F08 payment lines; above 200.00 another person approves.
    Locks: the month, the cash day.
    Raises: FormInvalid (LIMIT without an approver), periods.PeriodClosed, drawer.CashDayClosed,
        PaymentKeyUsed.
    """
    if first := cash.payment_by_key(session, payment.key):
        return _same_payment(first, payment)
    periods.lock_open_month(session, days.month_of(payment.day))
    if first := cash.payment_by_key(session, payment.key):  # paid while we waited for the month
        return _same_payment(first, payment)
    drawer.lock_open_day(session, payment.day, now=now)
    problems = []
    if not 0 < payment.amount_fen <= money.MAX_FEN:
        problems.append(problem("amount_fen", "RANGE"))
    if payment.amount_fen > slips.PAY_OUT_LIMIT_FEN and approver_id in (None, actor_id):
        problems.append(problem("approver_login", "LIMIT"))
    _raise_if(problems)
    paid = CashPayment(
        key=payment.key,
        business_date=payment.day,
        purpose=str(payment.purpose),
        payee=payment.payee,
        amount_fen=payment.amount_fen,
        paid_at=now,
        paid_by=actor_id,
        approver_id=approver_id,
        voucher=payment.voucher,
    )
    session.add(paid)
    session.flush()  # the answer carries the id
    if payment.voucher and not attachments.take(
        session,
        payment.voucher,
        slot=(counting.FORM, "voucher"),
        record_id=paid.id,
        by=actor_id,
    ):
        raise errors.FormInvalid(problems=(problem("voucher", "NOT_FOUND"),))
    return paid


def deposit(session: Session, *, day: date, total_fen: int, now: datetime) -> CashDay:
    """Note how much of the drawer went to the bank that day; said again, the last number counts.

    Form: F08 bank_deposit.
    Locks: the month, the cash day.
    Raises: FormInvalid, periods.PeriodClosed, drawer.CashDayClosed.
    """
    periods.lock_open_month(session, days.month_of(day))
    held = drawer.lock_open_day(session, day, now=now)
    _raise_if(_amount_problems("total_fen", total_fen))
    held.bank_deposit_fen = total_fen
    session.flush()  # the report of this transaction asks the table
    return held


def count_cash(
    session: Session, *, count: tills.CashCount, actor_id: UUID, now: datetime
) -> CashDay:
    """Hand in what the cashier counted, signed; handed in again, the last number counts.

    Form: F08 counted_cash, variance_reason, cashier_sign; settlement totals of the other tenders.
    Locks: the month, the cash day.
    Raises: FormInvalid (a variance or a differing total needs a reason), DayBlocked,
        periods.PeriodClosed, drawer.CashDayClosed.
    """
    periods.lock_open_month(session, days.month_of(count.day))
    held = drawer.lock_open_day(session, count.day, now=now)
    problems = counting.count_problems(count)
    if count.sum_fen is None:
        problems.append(problem("counted_fen", "REQUIRED"))
    _raise_if(problems)
    counting.note_count(session, held, count=count, by=actor_id)
    counting.note_settlements(session, count, by=actor_id, now=now)
    held.counted_at = now
    held.state = DayState.SUBMITTED
    counting.note_step(session, held, by=actor_id, now=now, reason=count.variance_reason)
    session.flush()  # the figures below ask the table
    standing = drawers.standing(session, count.day)
    _raise_if_open(standing, _variance_problems(standing.figures, held.variance_reason))
    return held


def close_cash_day(
    session: Session, *, closing: tills.CashClosing, actor_id: UUID, now: datetime
) -> CashDay:
    """Close a counted day under a second signature; earlier days still open do not hinder it.

    The one who closed it and asks again (a lost answer, a reload) is given the closed day.

    Form: F08 manager_sign; C2: a variance needs a reason, above 20.00 the manager's own.
    Units: what was sold since the count changes the variance, so it is judged again here.
    Locks: the cash day, the number counter.
    Emits: CashDayClosed; Notify `cash.variance` above 200.00 and on a third day in a row.
    Raises: FormInvalid, DayBlocked, drawer.CashDayClosed, NotCounted, CountChanged, SamePerson.
    """
    held = drawer.lock_day(session, closing.day, now=now)
    if held.state == DayState.CLOSED and held.closed_by == actor_id:
        return held
    drawer.still_open(held)
    if held.counted_fen is None or held.state != DayState.SUBMITTED:
        raise NotCounted(day=closing.day, problems=(problem("counted_fen", "STATE"),))
    if closing.counted_fen not in (None, held.counted_fen):
        raise CountChanged(day=closing.day, problems=(problem("counted_fen", "CONFLICT"),))
    if held.counted_by == actor_id:
        raise SamePerson(day=closing.day)
    standing = drawers.standing(session, closing.day)
    figures = standing.figures
    held.variance_reason = closing.variance_reason or held.variance_reason
    problems = _variance_problems(figures, held.variance_reason)
    if figures.needs_manager_reason and closing.manager_reason is None:
        problems.append(problem("manager_reason", "REQUIRED"))
    _raise_if_open(standing, problems)
    if held.opening_fen is None:
        held.opening_fen = standing.opening_fen
    if closing.signature:
        sign = closing.signature
        counting.sign(session, closing.day, sign, field="manager_sign", by=actor_id)
    held.manager_sign = closing.signature
    held.manager_reason = closing.manager_reason
    held.closing_fen = figures.closing_fen
    (held.number,) = numbers.take(session, form=counting.FORM, days=[closing.day])
    held.closed_by = actor_id
    held.closed_at = now
    held.state = DayState.CLOSED
    counting.note_step(session, held, by=actor_id, now=now, reason=closing.manager_reason)
    session.flush()  # later statements of this transaction ask the table
    publish(session, CashDayClosed(day=closing.day))
    counting.tell_variance(session, closing.day, figures)
    return held


def _raise_if_open(standing: drawers.CashStanding, problems: list[Problem]) -> None:
    """Refuse with everything that is wrong and open at once."""
    problems += settlements.mismatches(standing.totals)
    if problems:
        raise errors.FormInvalid(problems=(*problems, *standing.blocks))
    if standing.blocks:
        raise DayBlocked(day=standing.day, problems=tuple(standing.blocks))


def _raise_if(problems: list[Problem]) -> None:
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))


def _amount_problems(field: str, fen: int) -> list[Problem]:
    return [] if 0 <= fen <= money.MAX_FEN else [problem(field, "RANGE")]


def _same_payment(first: CashPayment, payment: slips.NewPayment) -> CashPayment:
    if (first.amount_fen, first.business_date) != (payment.amount_fen, payment.day):
        raise PaymentKeyUsed(key=payment.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _variance_problems(figures: tills.CashFigures, reason: str | None) -> list[Problem]:
    if figures.variance_fen and reason is None:
        return [problem("variance_reason", "REQUIRED")]
    return []
