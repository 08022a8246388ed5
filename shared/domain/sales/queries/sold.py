"""What was sold in a time, and what was recorded late; for the monthly reports.

Form: F17 top items; the difference report of a reopened month (W9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared import days
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.rules.kinds import TURNOVER_KINDS

_TURNOVER = ", ".join(f"'{kind}'" for kind in TURNOVER_KINDS)
_TOP_ITEMS = text(
    f"""
    SELECT item_id, category, sum(quantity), sum(turnover_fen) FROM (
        SELECT l.item_id, l.category, l.quantity, l.amount_fen AS turnover_fen
        FROM sale_lines l JOIN sales s ON s.id = l.sale_id
        WHERE s.business_date BETWEEN :first AND :last AND l.kind IN ({_TURNOVER})
        UNION ALL
        SELECT item_id, category, quantity, value_fen FROM card_entries
        WHERE business_date BETWEEN :first AND :last AND item_id IS NOT NULL
    ) AS piece
    GROUP BY item_id, category ORDER BY sum(turnover_fen) DESC, item_id LIMIT :limit
    """
)


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
    rows = session.execute(_TOP_ITEMS, {"first": first, "last": last, "limit": limit})
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
