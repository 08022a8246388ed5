"""The records behind one number of a monthly report.

Form: specification 13: every number of a report opens the records behind it.
Units: the slips as they are now; an old revision's number may differ from their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shared import days
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.domain.reporting.rules.figures import Indicator
from shared.domain.sales.queries import behind as sales
from shared.domain.sales.rules.kinds import CONSUMPTION_KINDS, LineKind

MOST_ROWS = 500
OPENED = (
    Indicator.TURNOVER,
    Indicator.CONSUMPTION,
    Indicator.PRODUCT_SALES,
    Indicator.CASH_SALES,
    Indicator.REFUNDS,
    Indicator.TOPUPS,
    Indicator.PACKAGES,
    Indicator.NEW_CUSTOMERS,
)
_KINDS = {
    Indicator.CONSUMPTION: CONSUMPTION_KINDS,
    Indicator.TOPUPS: (LineKind.TOPUP,),
    Indicator.PACKAGES: (LineKind.PACKAGE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Which number of a month; `day`, `category`, `item_id` and `tender` narrow it."""

    month: date
    indicator: Indicator
    day: date | None = None
    category: str | None = None
    item_id: int | None = None
    tender: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a number is made of.

    Shape: `rows` are receipts' lines or money, `people` the new customers; `items` and `customers`
    are those that the rows name, by id. `total` is the sum of all rows in fen, or the number of
    people; `count` tells of more than are listed.
    """

    number: Number
    rows: Sequence[sales.RowBehind]
    people: Sequence[Any]
    items: dict[int, Any]
    customers: dict[int, Any]
    count: int
    total: int


def records_behind(session: Session, number: Number) -> Records:
    """Find the records behind a number, up to MOST_ROWS of them, and what all add up to."""
    if number.indicator is Indicator.NEW_CUSTOMERS:
        return _newcomers(session, number)
    asked = _asked(number)
    is_money = number.indicator in (Indicator.CASH_SALES, Indicator.REFUNDS)
    found = (sales.money if is_money else sales.lines)(session, asked, limit=MOST_ROWS)
    return Records(
        number=number,
        rows=found.rows,
        people=(),
        items=catalog.by_ids(session, [row.item_id for row in found.rows if row.item_id]),
        customers=customers.by_ids(session, [r.customer_id for r in found.rows if r.customer_id]),
        count=found.count,
        total=found.sum_fen,
    )


def _asked(number: Number) -> sales.Asked:
    first, last = _span(number)
    asked = sales.Asked(
        first=first,
        last=last,
        category=number.category,
        item_id=number.item_id,
        tender=number.tender,
        refunds_only=number.indicator is Indicator.REFUNDS,
    )
    if number.indicator is Indicator.PRODUCT_SALES:
        return replace(asked, category="PRODUCT")
    kinds = _KINDS.get(number.indicator)
    return asked if kinds is None else replace(asked, kinds=kinds)


def _newcomers(session: Session, number: Number) -> Records:
    people = customers.first_paid_between(session, *_span(number), limit=MOST_ROWS)
    count = len(people)
    return Records(
        number=number, rows=(), people=people, items={}, customers={}, count=count, total=count
    )


def _span(number: Number) -> tuple[date, date]:
    if number.day is not None:
        return number.day, number.day
    return number.month, days.last_day(number.month)
