"""Ring up sales and give money back.

Form: F08 receipt lines; W12.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.appointments.service import moving as appointments
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.service import handouts, stock
from shared.domain.customers import queries as customers
from shared.domain.customers.service import adding as customers_service
from shared.domain.sales import rules
from shared.domain.sales.events import SaleRecorded
from shared.domain.sales.models.cash import SalesMonth
from shared.domain.sales.models.receipts import Sale, SaleLine, SaleTender
from shared.domain.sales.queries import receipts
from shared.domain.sales.service import drawer, periods
from shared.errors import Problem, problem
from shared.events.jobs import publish
from shared.records import marks


class KeyUsedOtherwise(errors.Conflict):
    """This key belongs to another receipt."""

    code = "DUPLICATE"
    zh = "该幂等键已用于另一张单据"


def record_sale(
    session: Session, *, seller_id: UUID | None, new: rules.NewSale, day: date, now: datetime
) -> Sale:
    """Ring up one sale; a repeated key returns the first one, also when both come at once.

    Form: F08 receipt lines. A line may be below the list price, down to 0.
    Locks: the month, the cash day (opened by its first receipt), the customer whose first day
        moves, the marks of changed days.
    Emits: SaleRecorded.
    Raises: FormInvalid with every mistake at once; periods.PeriodClosed, drawer.CashDayClosed,
        KeyUsedOtherwise.
    """
    month = periods.lock_month(session, days.month_of(day))
    if first := receipts.by_key(session, new.key):  # a moment ago, while we waited for the month
        return _same_sale(first, new)
    is_day_closed = drawer.lock_day(session, day, now=now).state == "CLOSED"
    is_deposit = new.appointment_id is not None
    lines, problems = _checked_lines(session, new.lines, day=day, is_deposit=is_deposit)
    if new.customer_id is not None and not customers.known(session, [new.customer_id]):
        problems.append(problem("customer_id", "NOT_FOUND"))
    problems += _tender_problems([line.amount_fen for line in new.lines], new.tenders)
    _refuse(problems, month=month, is_day_closed=is_day_closed, day=day)

    sale = Sale(
        key=new.key,
        kind=str(rules.SaleKind.SALE),
        customer_id=new.customer_id,
        seller_id=seller_id,
        appointment_id=new.appointment_id,
        source=str(new.source),
        total_fen=sum(line.amount_fen for line in lines),
        lines=lines,
        tenders=_tenders(new.tenders, sign=1),
        sold_at=now,
    )
    _write(session, sale, month=month, day=day, now=now)
    return sale


def refund_sale(
    session: Session,
    *,
    seller_id: UUID | None,
    refund: rules.NewRefund,
    day: date,
    now: datetime,
    approver_id: UUID | None = None,
) -> Sale:
    """Give back money of an earlier sale, never more than is left of each line.

    Form: F08 kind REFUND. Our reading of 4.5: a refund lowers cash sales, and because what is sold
        so far are single treatments and products, it takes back their consumption and turnover too,
        on the refund's own business day. (Unused package sessions, which lower cash sales only,
        come with the cards.)
    Units: amounts are positive in `refund` and negative on the receipt.
    Locks: the month, the original receipt, the cash day, the marks of changed days; the appointment
        whose deposit goes back.
    Emits: SaleRecorded.
    Raises: FormInvalid with every mistake at once (RANGE above what is left, LIMIT without another
        person above the refund limit); receipts.NoSuchSale, periods.PeriodClosed,
        drawer.CashDayClosed, KeyUsedOtherwise.
    """
    month = periods.lock_month(session, days.month_of(day))
    original = receipts.get_for_update(session, refund.sale_id)
    if first := receipts.by_key(session, refund.key):
        return _same_refund(first, refund)
    is_day_closed = drawer.lock_day(session, day, now=now).state == "CLOSED"
    problems = _refund_problems(session, refund, original)
    if day < original.business_date:
        problems.append(problem("business_date", "DATE_ORDER"))
    if _needs_approver(refund) and approver_id in (None, seller_id):
        problems.append(problem("approver_login", "LIMIT"))
    _refuse(problems, month=month, is_day_closed=is_day_closed, day=day)

    receipt = Sale(
        key=refund.key,
        kind=str(rules.SaleKind.REFUND),
        refund_of=original.id,
        customer_id=original.customer_id,
        appointment_id=original.appointment_id,
        seller_id=seller_id,
        approver_id=approver_id,
        source=str(refund.source),
        total_fen=-sum(line.amount_fen for line in refund.lines),
        reason=refund.reason,
        lines=_returned_lines(refund, original),
        tenders=_tenders(refund.tenders, sign=-1),
        sold_at=now,
    )
    _write(session, receipt, month=month, day=day, now=now)
    if receipt.appointment_id is not None:
        appointments.note_deposit(
            session, appointment_id=receipt.appointment_id, amount_fen=receipt.total_fen,
            by_id=seller_id, now=now,
        )  # fmt: skip
    return receipt


def _same_sale(first: Sale, new: rules.NewSale) -> Sale:
    asked = sorted((line.item_id, line.quantity, line.amount_fen) for line in new.lines)
    had = sorted((line.item_id, line.quantity, line.amount_fen) for line in first.lines)
    if first.kind != rules.SaleKind.SALE or asked != had or first.customer_id != new.customer_id:
        raise KeyUsedOtherwise(key=new.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _same_refund(first: Sale, refund: rules.NewRefund) -> Sale:
    asked = sorted((line.line_id, line.amount_fen) for line in refund.lines)
    had = sorted((line.refund_of or 0, -line.amount_fen) for line in first.lines)
    if first.refund_of != refund.sale_id or asked != had:
        raise KeyUsedOtherwise(key=refund.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _checked_lines(
    session: Session, lines: Sequence[rules.NewLine], *, day: date, is_deposit: bool
) -> tuple[list[SaleLine], list[Problem]]:
    items = catalog.offers(session, [line.item_id for line in lines])
    made: list[SaleLine] = []
    problems = [] if lines else [problem("lines", "REQUIRED")]
    for n, line in enumerate(lines):
        item = items.get(line.item_id)
        if item is None:
            problems.append(problem(f"lines.{n}.item_id", "NOT_FOUND"))
            continue
        kind = (
            rules.LineKind.DEPOSIT
            if is_deposit
            else rules.line_kind(category=item.category, asked=line.kind)
        )
        if kind is None:
            problems.append(problem(f"lines.{n}.kind", "ENUM"))
        if not item.is_on_sale(day):
            off = {"zh": "该项目当日不在售", "en": "not on sale that day"}
            problems.append(problem(f"lines.{n}.item_id", "RANGE", **off))
        problems += _bound_problems(f"lines.{n}", line.quantity, line.amount_fen)
        made.append(
            SaleLine(
                item_id=item.id,
                kind=str(kind),
                category=item.category,
                quantity=line.quantity,
                amount_fen=line.amount_fen,
                cost_fen=0 if is_deposit else line.quantity * item.cost_fen,
            )
        )
    return made, problems


def _bound_problems(field: str, quantity: int, amount_fen: int) -> list[Problem]:
    problems = []
    if not 1 <= quantity <= rules.MAX_QUANTITY:
        problems.append(problem(f"{field}.quantity", "RANGE"))
    if not 0 <= amount_fen <= rules.MAX_FEN:
        problems.append(problem(f"{field}.amount_fen", "RANGE"))
    return problems


def _tender_problems(amounts: Sequence[int], tenders: Sequence[rules.Paid]) -> list[Problem]:
    problems = [
        problem(f"tenders.{n}.amount_fen", "RANGE")
        for n, paid in enumerate(tenders)
        if not 0 <= paid.amount_fen <= rules.MAX_FEN
    ]
    if not rules.sums_agree(amounts, [paid.amount_fen for paid in tenders]):
        problems.append(problem("tenders", "SUM_MISMATCH"))
    return problems


def _refund_problems(session: Session, refund: rules.NewRefund, original: Sale) -> list[Problem]:
    problems = [] if refund.lines else [problem("lines", "REQUIRED")]
    if original.kind != rules.SaleKind.SALE:
        problems.append(problem("sale_id", "ENUM", zh="只能退销售单", en="only a sale is refunded"))
    left = receipts.left_to_refund(session, original)
    seen: set[int] = set()
    for n, line in enumerate(refund.lines):
        field = f"lines.{n}"
        if line.line_id not in left:
            problems.append(problem(f"{field}.line_id", "NOT_FOUND"))
            continue
        if line.line_id in seen:
            problems.append(problem(f"{field}.line_id", "DUPLICATE"))
        seen.add(line.line_id)
        if not 0 <= line.amount_fen <= left[line.line_id].amount_fen:
            problems.append(_above(f"{field}.amount_fen"))
        if not 0 <= line.quantity <= left[line.line_id].quantity:
            problems.append(_above(f"{field}.quantity"))
        if line.amount_fen == 0 and line.quantity == 0:
            problems.append(problem(f"{field}.amount_fen", "REQUIRED"))
    return problems + _tender_problems([line.amount_fen for line in refund.lines], refund.tenders)


def _above(field: str) -> Problem:
    return problem(field, "RANGE", zh="超出原单可退部分", en="more than is left of the receipt")


def _needs_approver(refund: rules.NewRefund) -> bool:
    return sum(line.amount_fen for line in refund.lines) > rules.REFUND_LIMIT_FEN


def _refuse(problems: list[Problem], *, month: SalesMonth, is_day_closed: bool, day: date) -> None:
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


def _returned_lines(refund: rules.NewRefund, original: Sale) -> list[SaleLine]:
    sold = {line.id: line for line in original.lines}
    return [
        SaleLine(
            refund_of=line.line_id,
            item_id=sold[line.line_id].item_id,
            kind=sold[line.line_id].kind,
            category=sold[line.line_id].category,
            quantity=-line.quantity,
            amount_fen=-line.amount_fen,
            # goods that come back give their cost back; a treatment's cost stays spent
            cost_fen=_returned_cost_fen(sold[line.line_id], line.quantity),
        )
        for line in refund.lines
    ]


def _returned_cost_fen(sold: SaleLine, quantity: int) -> int:
    if sold.kind != rules.LineKind.PRODUCT:
        return 0
    return -(sold.cost_fen * quantity // sold.quantity)


def _tenders(tenders: Sequence[rules.Paid], *, sign: int) -> list[SaleTender]:
    merged = rules.merged_tenders(tenders)
    return [SaleTender(tender=str(tender), amount_fen=sign * fen) for tender, fen in merged.items()]


def _write(session: Session, sale: Sale, *, month: SalesMonth, day: date, now: datetime) -> None:
    month.last_no += 1
    sale.receipt_no = rules.receipt_no(month.month, month.last_no)
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
        if line.kind == rules.LineKind.PRODUCT:
            pieces[line.item_id] += line.quantity
    if any(pieces.values()):
        mover = stock.Mover(by=sale.seller_id, now=now, day=day, source=sale.receipt_no)
        stock.note_sold(session, pieces, mover)
