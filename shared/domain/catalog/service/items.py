"""Put items on sale, change them, withdraw them.

Units: a changed price or category moves no old figure: receipts keep their own copy.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.catalog import queries, rules
from shared.domain.catalog.models import Item
from shared.domain.catalog.rules import Category
from shared.domain.customers.rules.choices import Contraindication
from shared.records.judging import ChangedMeanwhile


class ItemCodeTaken(errors.Conflict):
    """Another item has this code."""

    code = "DUPLICATE"
    zh = "项目编号已被使用"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """What there is to say about an item, for adding and for changing."""

    code: str
    name: str
    category: Category
    price_fen: int
    on_sale_from: date
    cost_fen: int = 0
    on_sale_to: date | None = None
    duration_minutes: int = 60
    device_kind: str | None = None
    contraindications: list[Contraindication] | None = None


def add_item(session: Session, *, new: NewItem, now: datetime) -> Item:
    """Put a new item on sale.

    Raises: ItemCodeTaken.
    """
    values = {**_values(new), "created_at": now}
    added = session.scalars(
        insert(Item).values(values).on_conflict_do_nothing(index_elements=["code"]).returning(Item)
    ).one_or_none()
    if added is None:
        raise _code_taken(new)
    return added


def change_item(session: Session, *, item_id: int, version: int, new: NewItem) -> Item:
    """Say anew what an item is, seen in a version; receipts already written stay as they are.

    Locks: the item.
    Raises: ItemCodeTaken, queries.NoSuchItem, ChangedMeanwhile.
    """
    item = _locked(session, item_id)
    if item.version != version:
        raise ChangedMeanwhile(item_id=item_id, version=item.version)
    same_code = queries.by_codes(session, [new.code]).get(new.code)
    if same_code is not None and same_code.id != item_id:
        raise _code_taken(new)
    for name, value in _values(new).items():
        setattr(item, name, value)
    item.version += 1
    session.flush()  # a code taken meanwhile shows here, not at commit
    return item


def withdraw_item(session: Session, *, item_id: int, day: date) -> Item:
    """Take an item off sale from a day on; receipts already written stay as they are.

    Locks: the item.
    Raises: queries.NoSuchItem.
    """
    item = _locked(session, item_id)
    item.on_sale_from, item.on_sale_to = rules.withdrawn(
        sale_from=item.on_sale_from, sale_to=item.on_sale_to, day=day
    )
    item.version += 1
    return item


def put_back_item(session: Session, *, item_id: int, day: date) -> Item:
    """Sell an item again from a day on, without an end; its first day of all is kept.

    Locks: the item.
    Raises: queries.NoSuchItem.
    """
    item = _locked(session, item_id)
    item.on_sale_from, item.on_sale_to = min(item.on_sale_from, day), None
    item.version += 1
    return item


def _locked(session: Session, item_id: int) -> Item:
    item = queries.get(session, item_id)
    session.refresh(item, with_for_update=True)
    return item


def _values(new: NewItem) -> dict[str, object]:
    return {
        "code": new.code,
        "name": new.name,
        "category": str(new.category),
        "price_fen": new.price_fen,
        "cost_fen": new.cost_fen,
        "on_sale_from": new.on_sale_from,
        "on_sale_to": new.on_sale_to,
        "duration_minutes": new.duration_minutes,
        "device_kind": new.device_kind,
        "contraindications": new.contraindications,
    }


def _code_taken(new: NewItem) -> ItemCodeTaken:
    return ItemCodeTaken(code=new.code, problems=(errors.problem("code", "DUPLICATE"),))
