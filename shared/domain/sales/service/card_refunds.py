"""Give a card back: the till pays what the card's rule says, the card is closed.

Form: F08 kind REFUND; specification 4.5: it lowers cash sales, not turnover.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import days
from shared.domain.cards.queries import entries
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.service import ledger, selling
from shared.domain.sales.models.receipts import Sale, SaleLine
from shared.domain.sales.queries import receipts
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service import drawer, lines, periods, writing
from shared.errors import problem


def refund_card(
    session: Session,
    *,
    seller_id: UUID,
    refund: slips.NewCardRefund,
    day: date,
    now: datetime,
    approver_id: UUID | None = None,
) -> Sale:
    """Give back the money of a card by the tenant's rule, and close the card.

    The receipt takes from what was paid for the card, the latest payment first; of a card that was
    passed on, from what its first owner paid. A repeated key gives the first receipt.
    Units: the tenders are positive here and say the amount that the desk saw.
    Locks: the month, the cash day, the card, the guest's profiles, the marks of changed days.
    Emits: SaleRecorded.
    Raises: FormInvalid (SUM_MISMATCH when the card moved since it was seen, LIMIT without another
        person above the refund limit); NoSuchCard, ledger.CardNotUsable, periods.PeriodClosed,
        drawer.CashDayClosed, writing.KeyUsedOtherwise.
    """
    month = periods.lock_month(session, days.month_of(day))
    if first := receipts.by_key(session, refund.key):
        return _same(first, refund)
    is_day_closed = drawer.lock_day(session, day, now=now).state == "CLOSED"
    card = ledger.hold(session, refund.card_id)
    if not selling.can_be_given_back(card):
        raise ledger.CardNotUsable(problems=(problem("card_id", "STATE"),))
    rule = entries.refund_rule(session, now=now)
    amount_fen = entries.readings(session, card.id, rule=rule).refund_fen
    problems = lines.tender_problems([amount_fen], refund.tenders)
    if amount_fen > slips.REFUND_LIMIT_FEN and approver_id in (None, seller_id):
        problems.append(problem("approver_login", "LIMIT"))
    writing.refuse(problems, month=month, is_day_closed=is_day_closed, day=day)

    returned = _returned(session, card.id, amount_fen)
    receipt = Sale(
        key=refund.key,
        receipt_no=writing.next_no(month),
        kind=str(kinds.SaleKind.REFUND),
        refund_of=_sale_of(session, returned[-1]),
        customer_id=card.customer_id,
        seller_id=seller_id,
        approver_id=approver_id,
        source=str(refund.source),
        total_fen=-amount_fen,
        reason=refund.reason,
        lines=returned,
        tenders=writing.tenders_of(refund.tenders, sign=-1),
        sold_at=now,
    )
    act = Act(key=refund.key, by_id=seller_id, day=day, now=now, source=receipt.receipt_no)
    selling.give_back(session, card, reason=refund.reason, act=act)
    writing.write(session, receipt, day=day, now=now)
    return receipt


def _same(first: Sale, refund: slips.NewCardRefund) -> Sale:
    if {line.card_id for line in first.lines} != {refund.card_id}:
        raise writing.KeyUsedOtherwise(key=refund.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _returned(session: Session, card_id: int, amount_fen: int) -> list[SaleLine]:
    """Spread the amount over the lines that paid for the card, the latest first."""
    returned = []
    for paid, left_fen in _paid(session, card_id):
        given_fen = min(amount_fen, left_fen)
        amount_fen -= given_fen
        returned.append(
            SaleLine(
                refund_of=paid.id,
                offer_id=paid.offer_id,
                card_id=card_id,
                kind=paid.kind,
                quantity=0,
                amount_fen=-given_fen,
                cost_fen=0,
            )
        )
        if not amount_fen:
            break
    return returned


def _paid(session: Session, card_id: int) -> Sequence[tuple[SaleLine, int]]:
    cards = entries.lineage(session, card_id)
    found = session.scalars(
        select(SaleLine)
        .where(SaleLine.card_id.in_(cards), SaleLine.refund_of.is_(None))
        .order_by(SaleLine.id.desc())
    ).all()
    left = receipts.left_of_lines(session, found)
    return [(line, left[line.id].amount_fen) for line in found]


def _sale_of(session: Session, line: SaleLine) -> int:
    return session.scalars(select(SaleLine.sale_id).where(SaleLine.id == line.refund_of)).one()
