"""The store's monthly sales report.

Form: F17 店月份销售业绩报表, as far as the data carry it: head, customers, prepaid, categories, top
items. Plan, staff, service, people and gifts come with the capabilities that own them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from shared import days
from shared.domain.catalog import queries as catalog
from shared.domain.reporting.queries import detail, months
from shared.domain.reporting.rules import detail as rules
from shared.domain.reporting.rules import figures as ratios
from shared.domain.reporting.rules.figures import Indicator
from shared.domain.sales.queries import sold

HEAD = (
    Indicator.TURNOVER,
    Indicator.CASH_SALES,
    Indicator.CONSUMPTION,
    Indicator.PRODUCT_SALES,
    Indicator.REFUNDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRow:
    """One amount beside last month's and that of the same month last year."""

    indicator: Indicator
    amount_fen: int
    previous_fen: int | None
    growth: Decimal | None
    last_year_fen: int | None
    growth_on_year: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopItem:
    """One of the ten items with the highest turnover."""

    item_id: int
    code: str
    name: str
    category: str
    quantity: int
    turnover_fen: int
    share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepaid:
    """What was paid ahead, what of it is still to be earned, and how fast it is used up."""

    topups_fen: int
    packages_fen: int
    balance_fen: int  # at the month's end: a liability
    consumption_rate: Decimal | None  # consumption over cash sales


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSales:
    """F17 as the month shows now.

    Shape: `tenders` tender -> fen. `top_items` come from the slips of this moment: revisions keep
    categories, not items.
    """

    month: date
    state: str
    revision: int
    is_stale: bool
    computed_at: datetime
    head: Sequence[HeadRow]
    customers: detail.Customers
    prepaid: Prepaid
    spend_per_customer_fen: int | None
    categories: Sequence[rules.ItemRow]
    tenders: Mapping[str, int]
    top_items: Sequence[TopItem]


def month_sales(session: Session, month: date, *, revision: int | None = None) -> MonthSales:
    """Give the monthly sales report, of a revision or as the month shows now.

    Raises: months.NoSuchMonth, months.NoSuchRevision.
    """
    shown = detail.month_detail(session, month, revision=revision)
    figures = months.figures(session, month, shown.revision)
    previous = months.shown_figures(session, days.previous_month(month))
    last_year = months.shown_figures(session, month.replace(year=month.year - 1))
    return MonthSales(
        month=month,
        state=shown.state,
        revision=shown.revision,
        is_stale=shown.is_stale,
        computed_at=shown.computed_at,
        head=[_head(indicator, figures, previous, last_year) for indicator in HEAD],
        customers=shown.customers,
        prepaid=_prepaid(figures),
        spend_per_customer_fen=ratios.mean_fen(shown.total_fen, shown.customers.visits),
        categories=shown.items,
        tenders={
            part: amount
            for (indicator, part), amount in sorted(figures.items())
            if indicator == Indicator.CASH_RECEIPTS
        },
        top_items=_top_items(session, month, shown.total_fen),
    )


def _prepaid(figures: ratios.Figures) -> Prepaid:
    cash_fen = figures.get((Indicator.CASH_SALES, ""), 0)
    return Prepaid(
        topups_fen=figures.get((Indicator.TOPUPS, ""), 0),
        packages_fen=figures.get((Indicator.PACKAGES, ""), 0),
        balance_fen=figures.get((Indicator.PREPAID, ""), 0),
        consumption_rate=ratios.ratio(figures.get((Indicator.CONSUMPTION, ""), 0), cash_fen),
    )


def _head(
    indicator: Indicator,
    figures: ratios.Figures,
    previous: ratios.Figures | None,
    last_year: ratios.Figures | None,
) -> HeadRow:
    now = figures.get((indicator, ""), 0)
    before = None if previous is None else previous.get((indicator, ""), 0)
    year_ago = None if last_year is None else last_year.get((indicator, ""), 0)
    return HeadRow(
        indicator=indicator,
        amount_fen=now,
        previous_fen=before,
        growth=ratios.growth(now, before),
        last_year_fen=year_ago,
        growth_on_year=ratios.growth(now, year_ago),
    )


def _top_items(session: Session, month: date, whole_fen: int) -> list[TopItem]:
    best = sold.top_items(session, month, days.last_day(month))
    known = catalog.by_ids(session, [item.item_id for item in best])
    return [
        TopItem(
            item_id=item.item_id,
            code=known[item.item_id].code,
            name=known[item.item_id].name,
            category=item.category,
            quantity=item.quantity,
            turnover_fen=item.turnover_fen,
            share=ratios.share(item.turnover_fen, whole_fen),
        )
        for item in best
    ]
