"""Keep the stock of products: receive, count, give away, sell.

Units: pieces. Only products have a stock; one that nobody ever received has none to give away.
Locks: the rows of the item's stock, by item and batch.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.db.inserting import insert_all
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
    insert_all(session, StockMove, [_move(batch, MoveKind.RECEIPT, batch.quantity, mover)])


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
        insert_all(session, StockMove, [_move(batch, MoveKind.COUNT, difference, mover)])
    return difference


class HeldStock:
    """The stock of some items, held until the transaction ends; what is taken is counted along.

    Shape: nothing is written before `write`, so that many may be served, or only be judged.
    Locks: the stock of those items, by item and batch.
    """

    def __init__(self, session: Session, item_ids: Collection[int]) -> None:
        rows = (
            select(Stock)
            .where(Stock.item_id.in_(set(item_ids)))
            .order_by(Stock.item_id, Stock.batch_no)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found = session.scalars(rows).all() if item_ids else []
        self._pieces: dict[int, dict[str, int]] = {}
        for row in sorted(found, key=_expiry):
            self._pieces.setdefault(row.item_id, {})[row.batch_no] = row.quantity

    def items(self) -> list[int]:
        """List the items that keep a stock."""
        return sorted(self._pieces)

    def has_batch(self, item_id: int, batch_no: str) -> bool:
        """Tell whether an item ever had a batch."""
        return batch_no in self._pieces.get(item_id, {})

    def pieces(self, item_id: int, batch_no: str | None) -> int:
        """Say how much there is of a batch, of all batches when none is named."""
        batches = self._pieces.get(item_id, {})
        return sum(batches.values()) if batch_no is None else batches.get(batch_no, 0)

    def take(self, batch: Batch) -> list[Batch]:
        """Take pieces from the named batch, or from what expires first; give what was taken.

        Units: a negative quantity puts back; of what is not there, the last batch gives.
        """
        batches = self._pieces.setdefault(batch.item_id, {})
        taken = self._split(batch, batches)
        for batch_no, pieces in taken.items():
            batches[batch_no] = batches.get(batch_no, 0) - pieces
        return [
            Batch(item_id=batch.item_id, batch_no=batch_no, quantity=pieces)
            for batch_no, pieces in taken.items()
            if pieces
        ]

    def _split(self, batch: Batch, batches: dict[str, int]) -> dict[str, int]:
        if batch.batch_no != NO_BATCH:
            return {batch.batch_no: batch.quantity}
        left, taken = batch.quantity, dict[str, int]()
        for batch_no, there in batches.items():
            taken[batch_no] = min(left, max(there, 0)) if left > 0 else left
            left -= taken[batch_no]
        last = next(reversed(batches), NO_BATCH)
        taken[last] = taken.get(last, 0) + left
        return taken


def held(session: Session, item_id: int, batch_no: str | None) -> int:
    """Give how much there is of a batch, of all batches when none is named, and hold it.

    Locks: the item's stock, by batch.
    """
    return HeldStock(session, [item_id]).pieces(item_id, batch_no)


def note_taken(session: Session, kind: MoveKind, taken: Sequence[tuple[Batch, Mover]]) -> None:
    """Write down what was taken from held stock."""
    pieces: Counter[tuple[int, str]] = Counter()
    for batch, _ in taken:
        pieces[batch.item_id, batch.batch_no] -= batch.quantity
    moves = [_move(batch, kind, -batch.quantity, mover) for batch, mover in taken]
    insert_all(session, StockMove, moves)
    _add(
        session,
        *(
            Batch(item_id=item_id, batch_no=batch_no, quantity=quantity)
            for (item_id, batch_no), quantity in sorted(pieces.items())
        ),
    )


def note_sold(session: Session, pieces: Mapping[int, int], mover: Mover) -> None:
    """Take sold goods from the stock of those items that keep one; refunds come as negative.

    Units: the batch that expires first gives; the last one may go below 0.
    """
    stock = HeldStock(session, pieces)
    sold = [Batch(item_id=item_id, quantity=pieces[item_id]) for item_id in stock.items()]
    taken = [(part, mover) for batch in sold for part in stock.take(batch)]
    note_taken(session, MoveKind.SALE, taken)


def _expiry(row: Stock) -> tuple[date, str]:
    return row.expires_on or date.max, row.batch_no


def _check_product(item: Item) -> None:
    if item.category != Category.PRODUCT:
        raise NotStocked(item_id=item.id)


def _add(session: Session, *batches: Batch) -> None:
    if not batches:
        return
    put = insert(Stock).values(
        [
            {
                "item_id": batch.item_id, "batch_no": batch.batch_no,
                "expires_on": batch.expires_on, "quantity": batch.quantity,
            }
            for batch in batches
        ]
    )  # fmt: skip
    session.execute(
        put.on_conflict_do_update(
            index_elements=["item_id", "batch_no"],
            set_={
                "quantity": Stock.quantity + put.excluded.quantity,
                "expires_on": func.coalesce(put.excluded.expires_on, Stock.expires_on),
            },
        )
    )


def _move(batch: Batch, kind: MoveKind, quantity: int, mover: Mover) -> dict[str, Any]:
    return {
        "item_id": batch.item_id, "batch_no": batch.batch_no, "quantity": quantity, "kind": kind,
        "source": mover.source, "note": mover.note, "moved_on": mover.day, "moved_at": mover.now,
        "moved_by": mover.by,
    }  # fmt: skip
