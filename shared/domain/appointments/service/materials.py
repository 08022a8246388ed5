"""The products a treatment used: kept with its card, taken from the stock when it is signed.

Form: F05 products: not expired; reduces stock.
Locks: the stock of those products, by item and batch, once a card is signed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Treatment, TreatmentProduct
from shared.domain.appointments.queries import visits as queries
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category, MoveKind
from shared.domain.catalog.service import stock
from shared.errors import Problem, problem
from shared.records.register import Attempt, Editor, Row

MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A product that was used; without a batch number what expires first is taken."""

    item_id: int
    quantity: int
    batch_no: str | None = None


def put(session: Session, card: Treatment, uses: Sequence[Use]) -> list[Problem]:
    """Write down the products of a card instead of those that stand there, if they are products.

    Shape: gives what is wrong with them; then nothing is written.
    """
    items = catalog.by_ids(session, [one.item_id for one in uses])
    problems = [] if len(uses) <= MOST else [problem("products", "RANGE")]
    problems += [
        problem(f"products.{n}.item", "NOT_FOUND")
        for n, one in enumerate(uses)
        if one.item_id not in items or items[one.item_id].category != Category.PRODUCT
    ]
    if problems:
        return problems
    own = delete(TreatmentProduct).where(TreatmentProduct.treatment_id == card.id)
    session.execute(own)
    session.add_all(
        TreatmentProduct(
            treatment_id=card.id, place=n, item_id=one.item_id, quantity=one.quantity,
            batch_no=one.batch_no or stock.NO_BATCH,
        )
        for n, one in enumerate(uses)
    )  # fmt: skip
    session.flush()  # the card's sitting reads them
    return []


class Used:
    """The products of cards that are judged at one sitting, and what is left of each."""

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        self._session = session
        ids = [a.before.id for a in attempts if a.before is not None]
        self._rows = queries.products_of(session, ids) if ids else {}
        items = {one.item_id for rows in self._rows.values() for one in rows}
        self._names = {one.id: one.name for one in catalog.by_ids(session, items).values()}
        is_signing = any(a.values["guest_sign"] is not None for a in attempts)
        self._stock = stock.HeldStock(session, items if is_signing else [])
        self._expiry: dict[tuple[int, str], date | None] = {
            (item, batch): row.expires_on
            for item in sorted(items)
            for batch, row in catalog.batches(session, item).items()
        }

    def text(self, attempt: Attempt) -> str | None:
        """Name the products of a card in one line."""
        parts = [
            " ".join(part for part in (self._names[one.item_id], one.batch_no) if part)
            + f" ×{one.quantity}"
            for one in self._of(attempt)
        ]
        return "、".join(parts)[:600] or None

    def check(self, attempt: Attempt) -> None:
        """Refuse what is expired, not there, or less than was used."""
        wanted = Counter[tuple[int, str | None]]()
        for n, one in enumerate(self._of(attempt)):
            batch = one.batch_no or None
            ends = self._expiry.get((one.item_id, one.batch_no))
            if batch is not None and not self._stock.has_batch(one.item_id, batch):
                none = {"zh": "没有该批号", "en": "no such batch of this item"}
                attempt.refuse(f"products.{n}.batch_no", "NOT_FOUND", **none)
                continue
            if ends is not None and ends < attempt.by.today:
                over = {"zh": f"已于{ends}过期", "en": f"expired on {ends}"}
                attempt.refuse(f"products.{n}.batch_no", "RANGE", **over)
            wanted[one.item_id, batch] += one.quantity
            wanted[one.item_id, None] += one.quantity if batch is not None else 0
            there = self._stock.pieces(one.item_id, batch)
            everything = self._stock.pieces(one.item_id, None)
            if wanted[one.item_id, batch] > there or wanted[one.item_id, None] > everything:
                short = {"zh": f"库存不足,现有 {there}", "en": f"only {there} in stock"}
                attempt.refuse(f"products.{n}.quantity", "STOCK_SHORT", **short)

    def take(self, row: Row, by: Editor) -> None:
        """Take from the stock what a signed card used."""
        parts = [
            part for one in self._rows.get(row.id, []) for part in self._stock.take(_batch(one))
        ]
        mover = _mover(row, by)
        stock.note_taken(self._session, MoveKind.TREATMENT, [(part, mover) for part in parts])

    def _of(self, attempt: Attempt) -> list[TreatmentProduct]:
        return self._rows.get(attempt.before.id, []) if attempt.before is not None else []


def give_back(session: Session, row: Row, by: Editor) -> None:
    """Put back into the stock what a voided card had taken, into the batches it came from."""
    taken = [one for one in catalog.moves_of(session, row.number) if one.quantity < 0]
    back = [
        stock.Batch(item_id=one.item_id, batch_no=one.batch_no, quantity=one.quantity)
        for one in taken
    ]
    mover = _mover(row, by)
    stock.note_taken(session, MoveKind.TREATMENT, [(part, mover) for part in back])


def _batch(one: TreatmentProduct) -> stock.Batch:
    return stock.Batch(item_id=one.item_id, batch_no=one.batch_no, quantity=one.quantity)


def _mover(row: Row, by: Editor) -> stock.Mover:
    return stock.Mover(by=by.id, now=by.now, day=by.today, source=row.number)
