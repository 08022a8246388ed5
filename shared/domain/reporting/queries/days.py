"""The day report: what one business day brought, with its cash report and receipts.

Units: computed from the slips at the moment of asking, so a sale shows at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.queries import months
from shared.domain.sales.queries import cash, figures, receipts
from shared.records import opening


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReport:
    """One business day.

    Shape: `month_state` is None for a month nobody touched yet; `is_shut` tells a day on which the
    store does not open by its hours; `receipts` as `sales.queries.receipts.sales_of_day` has it.
    """

    day: date
    is_shut: bool
    month_state: str | None
    total: figures.TotalDay
    categories: Sequence[figures.CategoryDay]
    tenders: Sequence[figures.TenderDay]
    cash: cash.CashReport
    receipts: Sequence[Any]


def day_report(session: Session, day: date) -> DayReport:
    """Give the report of a business day; a day on which nothing happened has zeros."""
    found = figures.day_figures(session, [day])
    month = months.by_month(session, days.month_of(day))
    return DayReport(
        day=day,
        is_shut=not opening.open_days(session, day, day),
        month_state=month.state if month else None,
        total=found.totals[0],
        categories=found.categories,
        tenders=found.tenders,
        cash=cash.cash_report(session, day),
        receipts=receipts.sales_of_day(session, day),
    )
