"""Items, customers and receipts for tests."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from shared.domain.catalog.models import Item
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import items as catalog
from shared.domain.customers.models import Customer
from shared.domain.customers.service import adding as customers
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import cash
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewLine, NewSale, Paid
from shared.domain.sales.rules.tills import Settlement
from shared.domain.sales.service import recording

DAY = date(2025, 6, 10)
NOW = datetime(2025, 6, 10, 7, 30, tzinfo=UTC)
SELLER = UUID(int=1)
MANAGER = UUID(int=2)

_numbers = count(1)


def new_item(
    session: Session,
    code: str = "",
    *,
    category: Category = Category.FACIAL,
    price_fen: int = 200_00,
    cost_fen: int = 0,
    on_sale_to: date | None = None,
    **more: Any,
) -> Item:
    """Put an item on sale, since 1990 without an end when nothing else is said."""
    new = catalog.NewItem(
        code=code or f"X{next(_numbers):05d}",
        name="补水护理",
        category=category,
        price_fen=price_fen,
        cost_fen=cost_fen,
        on_sale_from=date(1990, 1, 1),
        on_sale_to=on_sale_to,
        **more,
    )
    return catalog.add_item(session, new=new, now=NOW)


def new_customer(session: Session, name: str = "王丽", **more: str) -> Customer:
    """Add a customer."""
    return customers.add_customer(session, new=customers.NewCustomer(name=name, **more), now=NOW)


def described_sale(
    *lines: tuple[int, int],
    customer_id: int | None = None,
    tenders: Sequence[tuple[Tender, int]] = (),
    key: UUID | None = None,
) -> NewSale:
    """Describe a receipt of (item id, fen) lines, paid in cash when nothing else is said."""
    paid = tenders or [(Tender.CASH, sum(fen for _, fen in lines))]
    return NewSale(
        key=key or uuid4(),
        customer_id=customer_id,
        lines=tuple(NewLine(item_id=item, quantity=1, amount_fen=fen) for item, fen in lines),
        tenders=tuple(Paid(tender=tender, amount_fen=fen) for tender, fen in paid),
    )


def new_sale(
    session: Session,
    *lines: tuple[int, int],
    day: date = DAY,
    customer_id: int | None = None,
    tenders: Sequence[tuple[Tender, int]] = (),
) -> Sale:
    """Record a receipt of (item id, fen) lines."""
    new = described_sale(*lines, customer_id=customer_id, tenders=tenders)
    return recording.record_sale(session, seller_id=SELLER, new=new, day=day, now=NOW)


def settled(session: Session, day: date = DAY) -> tuple[Settlement, ...]:
    """Say that the providers took what the receipts say."""
    totals = cash.cash_report(session, day).totals
    return tuple(Settlement(tender=one.tender, amount_fen=one.receipts_fen) for one in totals)
