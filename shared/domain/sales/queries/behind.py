"""The rows of receipts and cards behind a figure of a report.

Form: specification 13: every number of a report opens the records behind it.
Units: rows are in the order of their days; what is asked for adds up to the figure, refunds and
reversals being negative.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import String, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.domain.sales.rules.kinds import TURNOVER_KINDS, LineKind

# What cards paid counts as a treatment or a product by the item it paid.
_LINES = text(
    """
    SELECT *, count(*) OVER () AS count, sum(amount_fen) OVER () AS sum_fen FROM (
        SELECT s.business_date AS day, s.receipt_no AS number, s.id AS sale_id, NULL AS card_id,
               s.kind, s.customer_id, l.item_id, NULL AS tender, l.quantity, l.amount_fen,
               l.category, l.kind AS line_kind, l.id AS place
        FROM sales s JOIN sale_lines l ON l.sale_id = s.id
        WHERE s.business_date BETWEEN :first AND :last
        UNION ALL
        SELECT e.business_date, c.number, NULL, c.id, e.kind, c.customer_id, e.item_id, NULL,
               e.quantity, e.value_fen, e.category,
               CASE WHEN e.category = 'PRODUCT' THEN 'PRODUCT' ELSE 'SINGLE' END, e.id
        FROM card_entries e JOIN cards c ON c.id = e.card_id
        WHERE e.business_date BETWEEN :first AND :last AND e.item_id IS NOT NULL
    ) AS piece
    WHERE line_kind = ANY(:kinds) AND (:category IS NULL OR category = :category)
          AND (CAST(:item AS bigint) IS NULL OR item_id = :item)
    ORDER BY day, sale_id, card_id, place LIMIT :limit
    """
).bindparams(bindparam("kinds", type_=ARRAY(String)), bindparam("category", type_=String))

_MONEY = text(
    """
    SELECT s.business_date AS day, s.receipt_no AS number, s.id AS sale_id, NULL AS card_id,
           s.kind, s.customer_id, NULL AS item_id, t.tender, NULL AS quantity, t.amount_fen,
           count(*) OVER () AS count, sum(t.amount_fen) OVER () AS sum_fen
    FROM sales s JOIN sale_tenders t ON t.sale_id = s.id
    WHERE s.business_date BETWEEN :first AND :last AND (:tender IS NULL OR t.tender = :tender)
          AND (NOT :refunds_only OR s.kind = 'REFUND')
    ORDER BY s.business_date, s.id, t.id LIMIT :limit
    """
).bindparams(bindparam("tender", type_=String))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows: of which days (both ends included), and of what; None leaves a wish open.

    Shape: `category`, `item_id` and `kinds` choose among lines, `tender` and `refunds_only` among
    money.
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
    """One line of a receipt, one part of its money, or one step of a card.

    Shape: `number` is the receipt's or the card's, whichever of the two ids is there.
    """

    day: date
    number: str
    sale_id: int | None
    card_id: int | None
    kind: str
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
    """Give what is behind turnover, consumption, product sales, top-ups or packages."""
    wanted = {
        "kinds": [str(kind) for kind in asked.kinds],
        "category": asked.category,
        "item": asked.item_id,
    }
    return _read(session, _LINES, asked, {**wanted, "limit": limit})


def money(session: Session, asked: Asked, *, limit: int) -> Behind:
    """Give the parts of money behind cash sales, one tender's receipts, or the refunds."""
    wanted = {"tender": asked.tender, "refunds_only": asked.refunds_only}
    return _read(session, _MONEY, asked, {**wanted, "limit": limit})


def _read(
    session: Session, question: TextClause, asked: Asked, wanted: dict[str, object]
) -> Behind:
    span = {"first": asked.first, "last": asked.last}
    found = session.execute(question, {**span, **wanted}).mappings().all()
    return Behind(
        rows=[RowBehind(**{name: row[name] for name in RowBehind.__slots__}) for row in found],
        count=int(found[0]["count"]) if found else 0,
        sum_fen=int(found[0]["sum_fen"]) if found else 0,
    )
