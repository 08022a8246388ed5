"""Ring up sales and give money back.

Form: F08 receipt lines; W12.
"""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import days
from shared.domain.appointments.service import deposits as appointments
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.service import selling
from shared.domain.customers import queries as customers
from shared.domain.sales.models.receipts import Sale, SaleLine
from shared.domain.sales.queries import receipts
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service import drawer, lines, periods, writing
from shared.errors import Problem, problem


def record_sale(
    session: Session, *, seller_id: UUID | None, new: slips.NewSale, day: date, now: datetime
) -> Sale:
    """Ring up one sale; a repeated key returns the first one, also when both come at once.

    Form: F08 receipt lines. A line may be below the list price, down to 0.
    A line that names a card on offer issues the card, or tops it up, in the same transaction.
    Locks: the month, the cash day (opened by its first receipt), cards topped up, the customer, the
        marks of changed days.
    Emits: SaleRecorded.
    Raises: FormInvalid with every mistake at once; periods.PeriodClosed, drawer.CashDayClosed,
        writing.KeyUsedOtherwise.
    """
    month = periods.lock_month(session, days.month_of(day))
    if first := receipts.by_key(session, new.key):  # a moment ago, while we waited for the month
        return _same_sale(first, new)
    is_day_closed = drawer.lock_day(session, day, now=now).state == "CLOSED"
    act = Act(key=new.key, by_id=seller_id, day=day, now=now)
    checked = lines.checked(session, new, act)
    problems = checked.problems
    if new.customer_id is not None and not customers.known(session, [new.customer_id]):
        problems.append(problem("customer_id", "NOT_FOUND"))
    amounts = [*(line.amount_fen for line in new.lines), -new.deposit_used_fen]
    problems += lines.tender_problems(amounts, new.tenders)
    writing.refuse(problems, month=month, is_day_closed=is_day_closed, day=day)

    sale = Sale(
        key=new.key,
        receipt_no=writing.next_no(month),
        kind=str(kinds.SaleKind.SALE),
        customer_id=new.customer_id,
        seller_id=seller_id,
        appointment_id=new.appointment_id,
        source=str(new.source),
        total_fen=sum(line.amount_fen for line in checked.lines),
        lines=list(checked.lines),
        tenders=writing.tenders_of(new.tenders, sign=1),
        sold_at=now,
    )
    act = replace(act, source=sale.receipt_no)
    for place, (line, purchase) in enumerate(checked.purchases):
        line.card_id = selling.sell(session, purchase, selling.key_of_line(act, place)).id
    writing.write(session, sale, day=day, now=now)
    return sale


def refund_sale(
    session: Session,
    *,
    seller_id: UUID | None,
    refund: slips.NewRefund,
    day: date,
    now: datetime,
    approver_id: UUID | None = None,
) -> Sale:
    """Give back money of an earlier sale, never more than is left of each line.

    Form: F08 kind REFUND. Our reading of 4.5: a refund lowers cash sales, and because what is sold
        here are single treatments and products, it takes back their consumption and turnover too,
        on the refund's own business day. Cards are given back by `card_refunds`, which lowers cash
        sales only.
    Units: amounts are positive in `refund` and negative on the receipt.
    Locks: the month, the original receipt, the cash day, the marks of changed days; the appointment
        whose deposit goes back.
    Emits: SaleRecorded.
    Raises: FormInvalid with every mistake at once (RANGE above what is left, LIMIT without another
        person above the refund limit); receipts.NoSuchSale, periods.PeriodClosed,
        drawer.CashDayClosed, writing.KeyUsedOtherwise.
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
    writing.refuse(problems, month=month, is_day_closed=is_day_closed, day=day)

    receipt = Sale(
        key=refund.key,
        receipt_no=writing.next_no(month),
        kind=str(kinds.SaleKind.REFUND),
        refund_of=original.id,
        customer_id=original.customer_id,
        appointment_id=original.appointment_id,
        seller_id=seller_id,
        approver_id=approver_id,
        source=str(refund.source),
        total_fen=-sum(line.amount_fen for line in refund.lines),
        reason=refund.reason,
        lines=_returned_lines(refund, original),
        tenders=writing.tenders_of(refund.tenders, sign=-1),
        sold_at=now,
    )
    writing.write(session, receipt, day=day, now=now)
    if receipt.appointment_id is not None:
        appointments.note_deposit(
            session, appointment_id=receipt.appointment_id, amount_fen=receipt.total_fen,
            by_id=seller_id, now=now,
        )  # fmt: skip
    return receipt


def _same_sale(first: Sale, new: slips.NewSale) -> Sale:
    asked = sorted(_what(line) for line in new.lines)
    had = sorted(_what(line) for line in first.lines)
    if first.kind != kinds.SaleKind.SALE or asked != had or first.customer_id != new.customer_id:
        raise writing.KeyUsedOtherwise(key=new.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _what(line: slips.NewLine | SaleLine) -> tuple[int, int, int, int]:
    return line.item_id or 0, line.offer_id or 0, line.quantity, line.amount_fen


def _same_refund(first: Sale, refund: slips.NewRefund) -> Sale:
    asked = sorted((line.line_id, line.amount_fen) for line in refund.lines)
    had = sorted((line.refund_of or 0, -line.amount_fen) for line in first.lines)
    if first.refund_of != refund.sale_id or asked != had:
        raise writing.KeyUsedOtherwise(key=refund.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _refund_problems(session: Session, refund: slips.NewRefund, original: Sale) -> list[Problem]:
    problems = [] if refund.lines else [problem("lines", "REQUIRED")]
    if original.kind != kinds.SaleKind.SALE:
        problems.append(problem("sale_id", "ENUM", zh="只能退销售单", en="only a sale is refunded"))
    left = receipts.left_to_refund(session, original)
    of_cards = {line.id for line in original.lines if line.card_id is not None}
    seen: set[int] = set()
    for n, line in enumerate(refund.lines):
        field = f"lines.{n}"
        if line.line_id not in left:
            problems.append(problem(f"{field}.line_id", "NOT_FOUND"))
            continue
        if line.line_id in of_cards:
            by_card = {"zh": "储值卡、疗程卡请在卡上退款", "en": "a card is given back as a card"}
            problems.append(problem(f"{field}.line_id", "STATE", **by_card))
        if line.line_id in seen:
            problems.append(problem(f"{field}.line_id", "DUPLICATE"))
        seen.add(line.line_id)
        if not 0 <= line.amount_fen <= left[line.line_id].amount_fen:
            problems.append(_above(f"{field}.amount_fen"))
        if not 0 <= line.quantity <= left[line.line_id].quantity:
            problems.append(_above(f"{field}.quantity"))
        if line.amount_fen == 0 and line.quantity == 0:
            problems.append(problem(f"{field}.amount_fen", "REQUIRED"))
    return problems + lines.tender_problems(
        [line.amount_fen for line in refund.lines], refund.tenders
    )


def _above(field: str) -> Problem:
    return problem(field, "RANGE", zh="超出原单可退部分", en="more than is left of the receipt")


def _needs_approver(refund: slips.NewRefund) -> bool:
    return sum(line.amount_fen for line in refund.lines) > slips.REFUND_LIMIT_FEN


def _returned_lines(refund: slips.NewRefund, original: Sale) -> list[SaleLine]:
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
    if sold.kind != kinds.LineKind.PRODUCT:
        return 0
    return -(sold.cost_fen * quantity // sold.quantity)
