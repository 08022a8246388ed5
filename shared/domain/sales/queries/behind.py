"""The rows of receipts behind a figure of a report.

Form: specification 13: every number of a report opens the records behind it.
Units: rows are in the order of their days and receipts; what is asked for adds up to the figure,
refunds being negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, null, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.domain.sales.models.receipts import Sale, SaleLine, SaleTender
from shared.domain.sales.rules import TURNOVER_KINDS, LineKind, SaleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows: of which days (both ends included), and of what; None leaves a wish open.

    Shape: `category`, `item_id` and `kinds` choose among lines, `tender` and `refunds` among money.
    """

    first: date
    last: date
    category: str | None = None
    item_id: int | None = None
    kinds: tuple[LineKind, ...] = TURNOVER_KINDS
    tender: str | None = None
    refunds_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBehind:
    """One line of a receipt, or one part of its money."""

    sale_id: int
    receipt_no: str
    kind: str
    day: date
    customer_id: int | None
    item_id: int | None
    tender: str | None
    quantity: int | None
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The first rows behind a figure, how many there are, and what all of them add up to."""

    rows: Sequence[RowBehind]
    count: int
    sum_fen: int


def lines(session: Session, asked: Asked, *, limit: int) -> Behind:
    """Give the lines behind turnover, consumption or product sales."""
    said = (Sale.id, Sale.receipt_no, Sale.kind, Sale.business_date, Sale.customer_id)
    wanted = (
        select(*said, SaleLine.item_id, null(), SaleLine.quantity, SaleLine.amount_fen)
        .join(SaleLine, SaleLine.sale_id == Sale.id)
        .where(SaleLine.kind.in_(asked.kinds))
        .order_by(Sale.business_date, Sale.id, SaleLine.id)
    )
    if asked.category is not None:
        wanted = wanted.where(SaleLine.category == asked.category)
    if asked.item_id is not None:
        wanted = wanted.where(SaleLine.item_id == asked.item_id)
    return _read(session, wanted, SaleLine.amount_fen, asked, limit=limit)


def money(session: Session, asked: Asked, *, limit: int) -> Behind:
    """Give the parts of money behind cash sales, one tender's receipts, or the refunds."""
    said = (Sale.id, Sale.receipt_no, Sale.kind, Sale.business_date, Sale.customer_id)
    wanted = (
        select(*said, null(), SaleTender.tender, null(), SaleTender.amount_fen)
        .join(SaleTender, SaleTender.sale_id == Sale.id)
        .order_by(Sale.business_date, Sale.id, SaleTender.id)
    )
    if asked.tender is not None:
        wanted = wanted.where(SaleTender.tender == asked.tender)
    if asked.refunds_only:
        wanted = wanted.where(Sale.kind == SaleKind.REFUND)
    return _read(session, wanted, SaleTender.amount_fen, asked, limit=limit)


def _read(
    session: Session,
    wanted: Select[*tuple[Any, ...]],
    amount: InstrumentedAttribute[int],
    asked: Asked,
    *,
    limit: int,
) -> Behind:
    wanted = wanted.where(Sale.business_date.between(asked.first, asked.last))
    whole = wanted.add_columns(func.count().over(), func.sum(amount).over())
    found = session.execute(whole.limit(limit)).all()
    rows = [RowBehind(**dict(zip(_NAMES, row, strict=False))) for row in found]
    count, total = (found[0][-2], found[0][-1]) if found else (0, 0)
    return Behind(rows=rows, count=int(count), sum_fen=int(total))


_NAMES = (
    "sale_id", "receipt_no", "kind", "day", "customer_id", "item_id", "tender", "quantity",
    "amount_fen",
)  # fmt: skip
