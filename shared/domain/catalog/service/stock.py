"""Keep the stock of products: receive, count, give away, sell.

Units: pieces. Only products have a stock; one that nobody ever received has none to give away.
Locks: the rows of the item's stock, by item and batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.catalog import queries
from shared.domain.catalog.models import Item, Stock, StockMove
from shared.domain.catalog.rules import Category, MoveKind
from shared.errors import problem

NO_BATCH = ""


class NotStocked(errors.Conflict):
    """Only products have a stock."""

    zh = "只有产品有库存"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Who moves stock, when, and for what."""

    by: UUID | None
    now: datetime
    day: date
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pieces of one batch."""

    item_id: int
    quantity: int
    batch_no: str = NO_BATCH
    expires_on: date | None = None


def receive(session: Session, batch: Batch, mover: Mover) -> None:
    """Put received goods on stock.

    Raises: queries.NoSuchItem, NotStocked, FormInvalid.
    """
    _check_product(queries.get(session, batch.item_id))
    if batch.quantity <= 0:
        raise errors.FormInvalid(problems=(problem("quantity", "RANGE"),))
    _add(session, batch)
    _note(session, batch, MoveKind.RECEIPT, batch.quantity, mover)


def count(session: Session, batch: Batch, mover: Mover) -> int:
    """Set a batch to what was counted; give the difference.

    Raises: queries.NoSuchItem, NotStocked, FormInvalid.
    """
    _check_product(queries.get(session, batch.item_id))
    if batch.quantity < 0:
        raise errors.FormInvalid(problems=(problem("quantity", "RANGE"),))
    difference = batch.quantity - held(session, batch.item_id, batch.batch_no)
    if difference:
        _add(session, Batch(item_id=batch.item_id, batch_no=batch.batch_no, quantity=difference))
        _note(session, batch, MoveKind.COUNT, difference, mover)
    return difference


def held(session: Session, item_id: int, batch_no: str | None) -> int:
    """Give how much there is of a batch, of all batches when none is named, and hold it.

    Locks: the item's stock, by batch.
    """
    rows = select(Stock).where(Stock.item_id == item_id).order_by(Stock.batch_no).with_for_update()
    if batch_no is not None:
        rows = rows.where(Stock.batch_no == batch_no)
    found = session.scalars(rows.execution_options(populate_existing=True))
    return sum(row.quantity for row in found)


def take(session: Session, batch: Batch, mover: Mover) -> None:
    """Take given-away goods from the stock; without a batch from those that expire first.

    Units: a negative quantity puts back.
    Locks: the item's stock; the caller has asked `held` and knows that it is enough.
    """
    for batch_no, pieces in _chosen(session, batch):
        part = Batch(item_id=batch.item_id, batch_no=batch_no, quantity=-pieces)
        _add(session, part)
        _note(session, part, MoveKind.HANDOUT, -pieces, mover)


def note_sold(session: Session, pieces: Mapping[int, int], mover: Mover) -> None:
    """Take sold goods from the stock of those items that keep one; refunds come as negative.

    Units: the batch that expires first gives; the last one may go below 0.
    """
    kept = session.scalars(
        select(Stock.item_id).where(Stock.item_id.in_(pieces)).distinct().order_by(Stock.item_id)
    ).all()
    for item_id in kept:
        sold = Batch(item_id=item_id, quantity=pieces[item_id])
        for batch_no, number in _chosen(session, sold):
            part = Batch(item_id=item_id, batch_no=batch_no, quantity=-number)
            _add(session, part)
            _note(session, part, MoveKind.SALE, -number, mover)


def _chosen(session: Session, batch: Batch) -> list[tuple[str, int]]:
    """Split pieces over batches: the named one, or what expires first; the last takes the rest."""
    if batch.batch_no != NO_BATCH:
        return [(batch.batch_no, batch.quantity)]
    rows = session.scalars(
        select(Stock)
        .where(Stock.item_id == batch.item_id)
        .order_by(Stock.expires_on.asc().nulls_last(), Stock.batch_no)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    left = batch.quantity
    chosen: dict[str, int] = {}
    for row in rows:
        pieces = min(left, max(row.quantity, 0)) if left > 0 else left
        chosen[row.batch_no] = pieces
        left -= pieces
    last = rows[-1].batch_no if rows else NO_BATCH
    chosen[last] = chosen.get(last, 0) + left
    return [(batch_no, pieces) for batch_no, pieces in chosen.items() if pieces]


def _check_product(item: Item) -> None:
    if item.category != Category.PRODUCT:
        raise NotStocked(item_id=item.id)


def _add(session: Session, batch: Batch) -> None:
    values = {
        "item_id": batch.item_id, "batch_no": batch.batch_no,
        "expires_on": batch.expires_on, "quantity": batch.quantity,
    }  # fmt: skip
    put = insert(Stock).values(values)
    session.execute(
        put.on_conflict_do_update(
            index_elements=["item_id", "batch_no"],
            set_={
                "quantity": Stock.quantity + batch.quantity,
                "expires_on": func.coalesce(put.excluded.expires_on, Stock.expires_on),
            },
        )
    )


def _note(session: Session, batch: Batch, kind: MoveKind, quantity: int, mover: Mover) -> None:
    session.add(
        StockMove(
            item_id=batch.item_id,
            batch_no=batch.batch_no,
            quantity=quantity,
            kind=str(kind),
            source=mover.source,
            note=mover.note,
            moved_on=mover.day,
            moved_at=mover.now,
            moved_by=mover.by,
        )  # fmt: skip
    )
