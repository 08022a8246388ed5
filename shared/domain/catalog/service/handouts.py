"""The register of samples and gifts and what it asks beyond the declaration.

Form: F01.
Locks: the customer's row while the month's limit is judged; the item's stock.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.days import month_of
from shared.domain.catalog import queries
from shared.domain.catalog.forms.samples import Handout as HandoutForm
from shared.domain.catalog.models import Handout, Item
from shared.domain.catalog.rules import (
    CONVERSION_DAYS,
    GIFT_LIMIT_MONTH_FEN,
    Category,
    HandoutKind,
    MoveKind,
    is_on_sale,
)
from shared.domain.catalog.service import stock
from shared.domain.customers import queries as customers
from shared.forms.record import State
from shared.forms.texts import yuan_text
from shared.records.register import Attempt, Editor, Register, Row, Sitting


class Handouts(Sitting):
    """Hand-outs judged at one sitting: what is on stock, what their guests were given already."""

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        super().__init__(session, attempts)
        named = [a.values["item"] for a in attempts] + [a.was.get("item") for a in attempts]
        self._items = queries.by_ids(session, [one for one in named if one is not None])
        products = [one.id for one in self._items.values() if one.category == Category.PRODUCT]
        self._stock = stock.HeldStock(session, products)
        self._given = Given(session, attempts)
        self._taken: dict[int, list[stock.Batch]] = {}  # id of an attempt -> what it takes

    def check(self, attempt: Attempt) -> None:
        """Judge one hand-out."""
        wanted, before = attempt.values["item"], attempt.before
        item = self._items.get(wanted)
        if item is not None:
            _price(attempt, item)
            self._check_item(attempt, item)
            self._check_stock(attempt, item)
        elif wanted is not None:
            attempt.refuse("item", "NOT_FOUND")
        attempt.computed["approved_by"] = before.approved_by if before is not None else None
        self._check_customer(attempt)

    def count_in(self, attempt: Attempt) -> None:
        """Take what was given from the stock, and from what the guest may still be given."""
        was, now = attempt.was, attempt.values
        moved = [_batch(was["item"], was["batch_no"], -was["qty"])] if was else []
        moved.append(_batch(now["item"], now["batch_no"], now["qty"]))
        kept = [one for one in moved if self._items[one.item_id].category == Category.PRODUCT]
        self._taken[id(attempt)] = [part for one in kept for part in self._stock.take(one)]
        self._given.count_in(attempt)

    def kept(self, written: Sequence[tuple[Row, Attempt]]) -> None:
        """Move the stock by what changed."""
        taken = [
            (part, _mover(row, attempt))
            for row, attempt in written
            for part in self._taken[id(attempt)]
        ]
        stock.note_taken(self.session, MoveKind.HANDOUT, taken)

    def _check_item(self, attempt: Attempt, item: Item) -> None:
        day = attempt.by.today
        on_sale = is_on_sale(sale_from=item.on_sale_from, sale_to=item.on_sale_to, day=day)
        if not on_sale and (attempt.before is None or attempt.before.item != item.id):
            attempt.refuse("item", "STATE", zh="该项目已下架", en="not on sale any more")
        batch_no = attempt.values["batch_no"]
        if batch_no is not None and not self._stock.has_batch(item.id, batch_no):
            attempt.refuse(
                "batch_no", "NOT_FOUND", zh="没有该批号", en="no such batch of this item"
            )
        is_treatment = item.category != Category.PRODUCT
        if attempt.values["kind"] is not None and is_treatment != (
            attempt.values["kind"] == HandoutKind.TRIAL
        ):
            attempt.refuse(
                "kind", "ENUM",
                zh="体验护理须选护理项目,样品和礼品须选产品",
                en="a trial is a treatment, a sample or gift is a product",
            )  # fmt: skip

    def _check_stock(self, attempt: Attempt, item: Item) -> None:
        wanted = attempt.values["qty"]
        if wanted is None or item.category != Category.PRODUCT:
            return
        batch_no = attempt.values["batch_no"]
        there = self._stock.pieces(item.id, batch_no)
        before = attempt.before
        if before is not None and before.item == item.id and batch_no in (None, before.batch_no):
            there += before.qty
        if wanted > there:
            attempt.refuse(
                "qty", "STOCK_SHORT", zh=f"库存不足,现有 {there}", en=f"only {there} in stock"
            )

    def _check_customer(self, attempt: Attempt) -> None:
        customer = attempt.values["customer"]
        if customer is None:
            return
        if not self._given.knows(customer):
            attempt.refuse("customer", "NOT_FOUND")
            return
        cost_fen = attempt.computed.get("cost_fen")
        if cost_fen is None or attempt.values["handed_at"] is None:
            return
        total_fen = self._given.fen_before(attempt) + cost_fen
        if total_fen > GIFT_LIMIT_MONTH_FEN:
            _ask_approver(attempt, total_fen)


class Given:
    """What the guests of some hand-outs, by all their profiles, were given in those months.

    Locks: the customers, by id: nobody gives to them from elsewhere meanwhile.
    """

    def __init__(self, session: Session, attempts: Sequence[Attempt]) -> None:
        asked = {a.values["customer"] for a in attempts} - {None}
        days = [_day(a.values, a.by) for a in attempts if a.values["handed_at"] is not None]
        self._people: dict[int, set[int]] = {}
        self._fen: Counter[tuple[int, date]] = Counter()
        if not asked:
            return
        self._people = customers.same_people(session, customers.hold(session, asked))
        profiles = set[int]().union(*self._people.values())
        months = {month_of(day) for day in days}
        self._fen.update(queries.given_fen(session, customer_ids=profiles, months=months))

    def knows(self, customer: int) -> bool:
        """Tell whether there is such a customer."""
        return customer in self._people

    def fen_before(self, attempt: Attempt) -> int:
        """Sum what the guest was given in the month beside this hand-out."""
        month = month_of(_day(attempt.values, attempt.by))
        people = self._people[attempt.values["customer"]]
        given = sum(self._fen[one, month] for one in people)
        before = attempt.before
        if before is None or before.customer not in people:
            return given
        return given - (before.cost_fen if month_of(before.business_date) == month else 0)

    def count_in(self, attempt: Attempt) -> None:
        """Add what a good hand-out gives, instead of what it gave before."""
        if attempt.before is not None:
            stood = attempt.before.customer, month_of(attempt.before.business_date)
            self._fen[stood] -= attempt.before.cost_fen
        given = attempt.values["customer"], month_of(_day(attempt.values, attempt.by))
        self._fen[given] += attempt.computed["cost_fen"]


def _price(attempt: Attempt, item: Item) -> None:
    """Take the cost of the day it is handed out; a later change of the item moves it not."""
    before = attempt.before
    same = before is not None and before.item == item.id
    unit = before.unit_cost_fen if before is not None and same else item.cost_fen
    attempt.computed["unit_cost_fen"] = unit
    if attempt.values["qty"] is not None:
        attempt.computed["cost_fen"] = unit * attempt.values["qty"]


def _ask_approver(attempt: Attempt, total_fen: int) -> None:
    was = attempt.was
    if was.get("approved_by") is not None and attempt.computed["cost_fen"] <= was["cost_fen"]:
        return  # approved already, and not more than that
    limit = yuan_text(GIFT_LIMIT_MONTH_FEN)
    attempt.warn(
        "cost_fen", "LIMIT", permission=("F01", "A"), needs_second=True,
        zh=f"本月累计赠送 {yuan_text(total_fen)} 元,超过限额 {limit} 元,须他人批准",
        en=f"{yuan_text(total_fen)} given this month, above {limit}: somebody else approves",
    )  # fmt: skip
    approver = attempt.by.approver_id
    attempt.computed["approved_by"] = approver
    if approver is not None and approver == attempt.values["handed_by"]:
        attempt.refuse(
            "handed_by", "FORBIDDEN",
            zh="批准人不能是派送人", en="who hands out cannot approve",
        )  # fmt: skip


def _voided(session: Session, row: Row, attempt: Attempt) -> None:
    batch = _batch(row.item, row.batch_no, -row.qty)
    if queries.get(session, batch.item_id).category == Category.PRODUCT:
        back = stock.HeldStock(session, [batch.item_id]).take(batch)
        mover = _mover(row, attempt)
        stock.note_taken(session, MoveKind.HANDOUT, [(part, mover) for part in back])


def _batch(item_id: int, batch_no: str | None, quantity: int) -> stock.Batch:
    return stock.Batch(item_id=item_id, batch_no=batch_no or stock.NO_BATCH, quantity=quantity)


def _mover(row: Row, attempt: Attempt) -> stock.Mover:
    by = attempt.by
    return stock.Mover(by=by.id, now=by.now, day=by.today, source=row.number)


def note_paid(session: Session, *, customer_id: int, day: date) -> None:
    """Mark what the customer was given in the thirty days before as converted.

    Units: the day of the hand-out itself does not count.
    """
    session.execute(
        update(Handout)
        .where(
            Handout.customer == customer_id,
            Handout.converted_30d.is_(False),
            Handout.business_date < day,
            Handout.business_date >= day - timedelta(days=CONVERSION_DAYS),
            Handout.state != State.VOID,
        )
        .values(converted_30d=True)
    )


def _day(values: Mapping[str, Any], by: Editor) -> date:
    """Give the business day of the hand-out; a form filled in later belongs to that day."""
    return by.day_of(values["handed_at"])


HANDOUTS = Register(
    form=HandoutForm,
    model=Handout,
    sitting=Handouts,
    day=_day,
    voided=_voided,
    owners=("handed_by", "created_by"),
)
