"""Write a judged receipt into its month, and what follows from it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.catalog.service import handouts, stock
from shared.domain.customers.service import adding as customers_service
from shared.domain.sales.events import SaleRecorded
from shared.domain.sales.models.cash import SalesMonth
from shared.domain.sales.models.receipts import Sale, SaleTender
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service import drawer, periods
from shared.errors import Problem, problem
from shared.events.jobs import publish
from shared.records import marks


class KeyUsedOtherwise(errors.Conflict):
    """This key belongs to another receipt."""

    code = "DUPLICATE"
    zh = "该幂等键已用于另一张单据"


def refuse(problems: list[Problem], *, month: SalesMonth, is_day_closed: bool, day: date) -> None:
    """Refuse a receipt with every mistake at once, or because its day or month is closed.

    Raises: FormInvalid, periods.PeriodClosed, drawer.CashDayClosed.
    """
    is_invalid = bool(problems)
    if month.closed_at is not None:
        problems.append(problem("business_date", "CLOSED_PERIOD"))
    if is_day_closed:
        problems.append(drawer.closed_problem())
    if is_invalid:
        raise errors.FormInvalid(problems=tuple(problems), day=day)
    if month.closed_at is not None:
        raise periods.PeriodClosed(month=month.month, problems=tuple(problems))
    if is_day_closed:
        raise drawer.CashDayClosed(day=day, problems=tuple(problems))


def tenders_of(tenders: Sequence[slips.Paid], *, sign: int) -> list[SaleTender]:
    """Make the parts of the money, each means once; negative with `sign` -1."""
    merged = slips.merged_tenders(tenders)
    return [SaleTender(tender=str(tender), amount_fen=sign * fen) for tender, fen in merged.items()]


def next_no(month: SalesMonth) -> str:
    """Take the next number of receipts of a held month."""
    month.last_no += 1
    return slips.receipt_no(month.month, month.last_no)


def write(session: Session, sale: Sale, *, day: date, now: datetime) -> None:
    """Write a numbered receipt; stock, first visits and the day's figures follow.

    Locks: the customer whose first day moves, the marks of changed days.
    Emits: SaleRecorded.
    """
    sale.business_date = day
    sale.recorded_at = now
    session.add(sale)
    session.flush()  # the fact carries sale.id
    changed = {day}
    if sale.customer_id is not None and sale.total_fen > 0:
        changed |= customers_service.note_paid_visits(session, {sale.customer_id: day})
        handouts.note_paid(session, customer_id=sale.customer_id, day=day)
    _move_stock(session, sale, day=day, now=now)
    marks.mark_changed(session, changed, now=now)
    publish(session, SaleRecorded(sale_id=sale.id, day=day))


def _move_stock(session: Session, sale: Sale, *, day: date, now: datetime) -> None:
    pieces: Counter[int] = Counter()
    for line in sale.lines:
        if line.kind == kinds.LineKind.PRODUCT and line.item_id is not None:
            pieces[line.item_id] += line.quantity
    if any(pieces.values()):
        mover = stock.Mover(by=sale.seller_id, now=now, day=day, source=sale.receipt_no)
        stock.note_sold(session, pieces, mover)
