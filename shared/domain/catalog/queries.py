"""Questions about what is sold."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, func, or_, select
from sqlalchemy.orm import Session

from shared import errors
from shared.days import last_day
from shared.domain.catalog import rules
from shared.domain.catalog.models import Handout, Item, Stock, StockMove
from shared.forms.record import State


class NoSuchItem(errors.Missing):
    """There is no such item."""

    zh = "找不到该项目"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a receipt or a booking needs to know of an item."""

    id: int
    name: str
    category: str
    cost_fen: int
    on_sale_from: date
    on_sale_to: date | None
    duration_minutes: int
    device_kind: str | None
    contraindications: tuple[str, ...]

    def is_on_sale(self, day: date) -> bool:
        """Tell whether the item is on sale on a day."""
        return rules.is_on_sale(sale_from=self.on_sale_from, sale_to=self.on_sale_to, day=day)


def get(session: Session, item_id: int) -> Item:
    """Give one item.

    Raises: NoSuchItem.
    """
    found = session.get(Item, item_id)
    if found is None:
        raise NoSuchItem(item_id=item_id)
    return found


def items(session: Session, *, on_sale_on: date | None = None) -> Sequence[Item]:
    """List items by category and code, all or those on sale on a day."""
    wanted = select(Item).order_by(Item.category, Item.code)
    if on_sale_on is not None:
        wanted = wanted.where(_on_sale(on_sale_on))
    return session.scalars(wanted).all()


def categories_on_sale(session: Session, first: date, last: date) -> tuple[str, ...]:
    """List the categories that have an item on sale on both of two days."""
    wanted = select(Item.category).where(_on_sale(first), _on_sale(last))
    return tuple(session.scalars(wanted.distinct().order_by(Item.category)))


def page(
    session: Session, *, after: str | None, limit: int, on_sale_on: date | None = None
) -> Sequence[Item]:
    """List items by code, those after a code; all or those on sale on a day."""
    wanted = select(Item).order_by(Item.code).limit(limit)
    if after is not None:
        wanted = wanted.where(Item.code > after)
    if on_sale_on is not None:
        wanted = wanted.where(_on_sale(on_sale_on))
    return session.scalars(wanted).all()


def search(
    session: Session, text: str = "", *, category: str | None = None, limit: int
) -> Sequence[Item]:
    """Find items by a part of their code or name, of one category or all; by category and code."""
    wanted = select(Item).order_by(Item.category, Item.code).limit(limit)
    if part := text.strip():
        in_code = Item.code.icontains(part, autoescape=True)
        wanted = wanted.where(or_(in_code, Item.name.icontains(part, autoescape=True)))
    if category is not None:
        wanted = wanted.where(Item.category == category)
    return session.scalars(wanted).all()


def has_items(session: Session) -> bool:
    """Tell whether the store ever entered an item."""
    return session.scalar(select(Item.id).limit(1)) is not None


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Item]:
    """Give the items that exist among these ids."""
    found = session.scalars(select(Item).where(Item.id.in_(set(ids))))
    return {item.id: item for item in found}


def by_codes(session: Session, codes: Iterable[str]) -> dict[str, Item]:
    """Give the items that exist among these codes."""
    found = session.scalars(select(Item).where(Item.code.in_(set(codes))))
    return {item.code: item for item in found}


def offers(session: Session, ids: Iterable[int]) -> dict[int, Offer]:
    """Give what may be sold among these ids."""
    asked = (
        Item.id, Item.name, Item.category, Item.cost_fen, Item.on_sale_from, Item.on_sale_to,
        Item.duration_minutes, Item.device_kind, Item.contraindications,
    )  # fmt: skip
    found: Iterable[Any] = session.execute(select(*asked).where(Item.id.in_(set(ids))))
    return {item.id: _offer(item) for item in found}


def offers_by_texts(session: Session, texts: Iterable[str]) -> dict[str, Offer]:
    """Find items by what people write: a code, or a name that only one item has."""
    wanted = set(texts)
    written = session.scalars(select(Item).where(or_(Item.code.in_(wanted), Item.name.in_(wanted))))
    found = written.all()
    names = Counter(item.name for item in found)
    by_name = {item.name: _offer(item) for item in found if names[item.name] == 1}
    return {text: offer for text, offer in by_name.items() if text in wanted} | {
        item.code: _offer(item) for item in found if item.code in wanted
    }


def batches(session: Session, item_id: int) -> dict[str, Stock]:
    """Give an item's stock by batch number, those that expire first first."""
    found = session.scalars(
        select(Stock)
        .where(Stock.item_id == item_id)
        .order_by(Stock.expires_on.asc().nulls_last(), Stock.batch_no)
    )
    return {row.batch_no: row for row in found}


def stock_of(session: Session, item_ids: Iterable[int]) -> dict[int, int]:
    """Give how many pieces there are of each item that keeps a stock."""
    found = session.execute(
        select(Stock.item_id, func.sum(Stock.quantity))
        .where(Stock.item_id.in_(set(item_ids)))
        .group_by(Stock.item_id)
    )
    return {item_id: int(pieces) for item_id, pieces in found}


def moves(session: Session, item_id: int, *, limit: int = 50) -> Sequence[StockMove]:
    """List an item's last moves of stock, the newest first."""
    return session.scalars(
        select(StockMove)
        .where(StockMove.item_id == item_id)
        .order_by(StockMove.id.desc())
        .limit(limit)
    ).all()


def handouts_of(session: Session, month: date) -> Sequence[Handout]:
    """List what was given away in a month, voided ones left out."""
    return session.scalars(
        select(Handout)
        .where(Handout.business_date.between(month, last_day(month)), Handout.state != State.VOID)
        .order_by(Handout.id)
    ).all()


def given_fen(
    session: Session, *, customer_ids: Collection[int], months: Collection[date]
) -> dict[tuple[int, date], int]:
    """Sum what customers were given, at cost, by customer and month; nothing is left out."""
    month = func.date_trunc("month", Handout.business_date).cast(Date)
    given = session.execute(
        select(Handout.customer, month, func.sum(Handout.cost_fen))
        .where(
            Handout.customer.in_(customer_ids),
            or_(*(Handout.business_date.between(one, last_day(one)) for one in months)),
            Handout.state != State.VOID,
        )
        .group_by(Handout.customer, month)
    )
    return {(customer, first): int(fen) for customer, first, fen in given if customer is not None}


def _offer(item: Item) -> Offer:
    return Offer(
        id=item.id,
        name=item.name,
        category=item.category,
        cost_fen=item.cost_fen,
        on_sale_from=item.on_sale_from,
        on_sale_to=item.on_sale_to,
        duration_minutes=item.duration_minutes,
        device_kind=item.device_kind,
        contraindications=tuple(item.contraindications or ()),
    )


def _on_sale(day: date) -> ColumnElement[bool]:
    return and_(Item.on_sale_from <= day, or_(Item.on_sale_to.is_(None), Item.on_sale_to >= day))
