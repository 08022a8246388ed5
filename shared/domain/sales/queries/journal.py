"""The closed days of a span as a bookkeeper enters them: accounts, debit and credit, day by day.

Form: F08 for bookkeeping. Every day's debits and credits have the same sum.
Units: a late slip's cash moved on its own day, so it is booked against that day's variance. Money
for cards is owed until the cards earn it; what a refund keeps back, or a card that ran out is
written off, is gained.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.domain.sales.models.cash import CashDay
from shared.domain.sales.rules import kinds

Move = tuple[date, str, str, int]  # day, account, part, fen; a debit is positive

# Money by tender, and what it was for: revenue, or a deposit that is owed; cards come apart.
_RECEIPTS = text(
    """
    SELECT s.business_date AS day, 'TENDER' AS account, t.tender AS part, sum(t.amount_fen) AS fen
    FROM sales s JOIN sale_tenders t ON t.sale_id = s.id
    WHERE s.business_date BETWEEN :first AND :last GROUP BY 1, 3
    UNION ALL
    SELECT s.business_date, CASE l.kind WHEN 'DEPOSIT' THEN 'DEPOSIT' ELSE 'REVENUE' END,
           CASE l.kind WHEN 'DEPOSIT' THEN '' ELSE coalesce(l.category, 'OTHER') END,
           -sum(l.amount_fen)
    FROM sales s JOIN sale_lines l ON l.sale_id = s.id
    WHERE s.business_date BETWEEN :first AND :last AND l.kind NOT IN ('TOPUP', 'PACKAGE')
    GROUP BY 1, 2, 3
    ORDER BY 1, 2 DESC, 3
    """
)
_PAID = text(
    """
    SELECT business_date, purpose, sum(amount_fen) FROM cash_payments
    WHERE business_date BETWEEN :first AND :last GROUP BY 1, 2 ORDER BY 1, 2
    """
)
_LATE = text(
    """
    SELECT business_date, sum(cash_fen) FROM cash_corrections
    WHERE business_date BETWEEN :first AND :last GROUP BY 1 ORDER BY 1
    """
)
_CARD_MONEY = text(
    """
    SELECT s.business_date, sum(l.amount_fen) FROM sales s JOIN sale_lines l ON l.sale_id = s.id
    WHERE s.business_date BETWEEN :first AND :last AND l.kind IN ('TOPUP', 'PACKAGE') GROUP BY 1
    """
)
_PREPAID = text(
    """
    SELECT business_date, sum(principal_after_fen - principal_before_fen) FROM card_entries
    WHERE business_date BETWEEN :first AND :last GROUP BY 1 ORDER BY 1
    """
)
_EARNED = text(
    """
    SELECT business_date, category, sum(value_fen) FROM card_entries
    WHERE business_date BETWEEN :first AND :last AND category IS NOT NULL
    GROUP BY 1, 2 ORDER BY 1, 2
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One line of a day's voucher.

    Shape: `account` TENDER, REVENUE, EXPENSE, BANK, VARIANCE, DEPOSIT, PREPAID or CARD_GAIN; `part`
        the tender, category or purpose it is about. One of debit and credit is 0.
    """

    day: date
    number: str
    account: str
    part: str
    debit_fen: int
    credit_fen: int


def postings(session: Session, first: date, last: date) -> list[Posting]:
    """List the postings of all closed days of a span, by day, what came in first."""
    closed = session.scalars(
        select(CashDay)
        .where(CashDay.business_date.between(first, last), CashDay.state == kinds.DayState.CLOSED)
        .order_by(CashDay.business_date)
    ).all()
    moves: defaultdict[date, list[Move]] = defaultdict(list)
    for move in _moves(session, first, last):
        moves[move[0]].append(move)
    found = []
    for day in closed:
        lines = moves[day.business_date]
        if day.bank_deposit_fen:
            lines.append((day.business_date, "BANK", "", day.bank_deposit_fen))
            lines.append((day.business_date, "TENDER", "CASH", -day.bank_deposit_fen))
        variance_fen = (day.counted_fen or 0) - (day.closing_fen or 0)
        if variance_fen:
            lines.append((day.business_date, "TENDER", "CASH", variance_fen))
            lines.append((day.business_date, "VARIANCE", "", -variance_fen))
        found += [
            Posting(
                day=on,
                number=day.number or "",
                account=account,
                part=part,
                debit_fen=max(fen, 0),
                credit_fen=max(-fen, 0),
            )
            for on, account, part, fen in lines
            if fen
        ]
    return found


def _moves(session: Session, first: date, last: date) -> list[Move]:
    """List what moved each day; a debit is positive."""
    span = {"first": first, "last": last}
    moves: list[Move] = []
    for day, account, part, fen in session.execute(_RECEIPTS, span):
        moves.append((day, account, part, int(fen)))
    for day, purpose, fen in session.execute(_PAID, span):
        moves += [(day, "EXPENSE", purpose, int(fen)), (day, "TENDER", "CASH", -int(fen))]
    for day, fen in session.execute(_LATE, span):
        moves += [(day, "TENDER", "CASH", int(fen)), (day, "VARIANCE", "", -int(fen))]
    return moves + _cards(session, span)


def _cards(session: Session, span: dict[str, date]) -> list[Move]:
    """Book what guests paid ahead, what cards earned, and what neither money nor work explains."""
    moves: list[Move] = []
    open_fen: Counter[date] = Counter()  # what a day's cards leave unbalanced
    for day, fen in session.execute(_CARD_MONEY, span):
        open_fen[day] -= int(fen)
    for day, fen in session.execute(_PREPAID, span):
        moves.append((day, "PREPAID", "", -int(fen)))
        open_fen[day] += int(fen)
    for day, category, fen in session.execute(_EARNED, span):
        moves.append((day, "REVENUE", category, -int(fen)))
        open_fen[day] += int(fen)
    return moves + [(day, "CARD_GAIN", "", fen) for day, fen in sorted(open_fen.items())]
