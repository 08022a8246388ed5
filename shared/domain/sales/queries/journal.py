"""The closed days of a span as a bookkeeper enters them: accounts, debit and credit, day by day.

Form: F08 for bookkeeping. Every day's debits and credits have the same sum.
Units: a late slip's cash moved on its own day, so it is booked against that day's variance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.domain.sales import rules
from shared.domain.sales.models.cash import CashCorrection, CashDay, CashPayment
from shared.domain.sales.models.receipts import Sale, SaleLine, SaleTender


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One line of a day's voucher.

    Shape: `account` TENDER, REVENUE, EXPENSE, BANK or VARIANCE; `part` the tender, category or
        purpose it is about. One of debit and credit is 0.
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
        .where(CashDay.business_date.between(first, last), CashDay.state == rules.DayState.CLOSED)
        .order_by(CashDay.business_date)
    ).all()
    moves = _moves(session, first, last)
    found = []
    for day in closed:
        lines = [line for line in moves if line[0] == day.business_date]
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


def _moves(session: Session, first: date, last: date) -> Sequence[tuple[date, str, str, int]]:
    """List what moved each day; a debit is positive."""
    of_span = Sale.business_date.between(first, last)
    tenders = session.execute(
        select(Sale.business_date, SaleTender.tender, func.sum(SaleTender.amount_fen))
        .join(SaleTender, SaleTender.sale_id == Sale.id)
        .where(of_span)
        .group_by(Sale.business_date, SaleTender.tender)
        .order_by(SaleTender.tender)
    )
    revenue = session.execute(
        select(Sale.business_date, SaleLine.category, func.sum(SaleLine.amount_fen))
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(of_span)
        .group_by(Sale.business_date, SaleLine.category)
        .order_by(SaleLine.category)
    )
    paid = session.execute(
        select(CashPayment.business_date, CashPayment.purpose, func.sum(CashPayment.amount_fen))
        .where(CashPayment.business_date.between(first, last))
        .group_by(CashPayment.business_date, CashPayment.purpose)
        .order_by(CashPayment.purpose)
    )
    late = session.execute(
        select(CashCorrection.business_date, func.sum(CashCorrection.cash_fen))
        .where(CashCorrection.business_date.between(first, last))
        .group_by(CashCorrection.business_date)
    )
    moves = [(day, "TENDER", tender, int(fen)) for day, tender, fen in tenders]
    moves += [(day, "REVENUE", category, -int(fen)) for day, category, fen in revenue]
    for day, purpose, fen in paid:
        moves += [(day, "EXPENSE", purpose, int(fen)), (day, "TENDER", "CASH", -int(fen))]
    for day, fen in late:
        moves += [(day, "TENDER", "CASH", int(fen)), (day, "VARIANCE", "", -int(fen))]
    return moves
