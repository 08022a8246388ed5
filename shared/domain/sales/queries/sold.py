"""What was sold in a time, and what was recorded late; for the monthly reports.

Form: F17 top items; the difference report of a reopened month (W9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import days
from shared.domain.sales.models.receipts import Sale, SaleLine
from shared.domain.sales.rules import TURNOVER_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldItem:
    """One item with its turnover, refunds taken off."""

    item_id: int
    category: str
    quantity: int
    turnover_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateSlip:
    """A receipt that came after a month had been computed."""

    id: int
    receipt_no: str
    kind: str
    day: date
    total_fen: int
    recorded_at: datetime


def top_items(session: Session, first: date, last: date, *, limit: int = 10) -> Sequence[SoldItem]:
    """List the items with the highest turnover, ties by item.

    Units: both ends are included.
    """
    turnover = func.sum(SaleLine.amount_fen)
    rows = session.execute(
        select(SaleLine.item_id, SaleLine.category, func.sum(SaleLine.quantity), turnover)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(Sale.business_date.between(first, last), SaleLine.kind.in_(TURNOVER_KINDS))
        .group_by(SaleLine.item_id, SaleLine.category)
        .order_by(turnover.desc(), SaleLine.item_id)
        .limit(limit)
    )
    return [
        SoldItem(item_id=item_id, category=category, quantity=int(quantity), turnover_fen=int(fen))
        for item_id, category, quantity, fen in rows
    ]


def recorded_after(session: Session, month: date, instant: datetime) -> Sequence[LateSlip]:
    """List a month's receipts that were recorded after an instant, in the order they came."""
    columns = (Sale.id, Sale.receipt_no, Sale.kind, Sale.business_date, Sale.total_fen)
    rows = session.execute(
        select(*columns, Sale.recorded_at)
        .where(Sale.business_date.between(month, days.last_day(month)), Sale.recorded_at > instant)
        .order_by(Sale.recorded_at, Sale.id)
    )
    return [
        LateSlip(id=sale_id, receipt_no=number, kind=kind, day=day, total_fen=fen, recorded_at=at)
        for sale_id, number, kind, day, fen, at in rows
    ]
