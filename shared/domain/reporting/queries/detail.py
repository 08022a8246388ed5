"""The monthly detail of one month, whole: matrix, marks, items, customers, costs.

Form: F10 月营业明细表; calculation C3.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules import detail as rules
from shared.domain.reporting.rules import figures as ratios
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.figures import CATEGORIES, Indicator, Key
from shared.domain.reporting.rules.states import CostKind
from shared.records import opening


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailDay:
    """One row of the matrix; a closed day is printed grey."""

    day: date
    is_open: bool
    cells: Mapping[str, int]  # category -> turnover in fen
    total_fen: int
    share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The customers block; growth is that of new customers against last month."""

    visits: int
    customers: int
    new: int
    returning: int
    previous_new: int | None
    new_growth: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The cost block; a line that nobody entered is None."""

    lines: Mapping[CostKind, int | None]
    total_fen: int
    ratio: Decimal | None
    result_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDetail:
    """F10 as one revision states it; revision 0 is the live view."""

    month: date
    state: str
    revision: int
    is_stale: bool
    computed_at: datetime
    total_fen: int
    days: Sequence[DetailDay]
    marks: rules.DayMarks
    items: Sequence[rules.ItemRow]
    open_days: int
    average_per_open_day_fen: int | None
    customers: Customers
    costs: Costs

    def cell_share(self, day: date, category: str) -> Decimal | None:
        """Give one cell's share of the month."""
        row = next((row for row in self.days if row.day == day), None)
        return ratios.share(row.cells.get(category, 0), self.total_fen) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One revision of a month as it is stored: at the store, or in a headquarters' copy.

    Shape: `cells` (day, category) -> turnover; `shut` the days on which the store does not open;
    `previous` the figures of the month before, None when there are none.
    """

    month: date
    state: str
    revision: int
    is_stale: bool
    computed_at: datetime
    figures: ratios.Figures
    previous: ratios.Figures | None
    cells: rules.Cells
    shut: Collection[date]


def month_detail(session: Session, month: date, *, revision: int | None = None) -> MonthDetail:
    """Give the monthly detail, of a revision or as the month shows now.

    Raises: months.NoSuchMonth, months.NoSuchRevision.
    """
    held = months.get(session, month)
    shown = states.shown_revision(held.state, held.revision) if revision is None else revision
    computed = months.revision(session, month, shown)
    return assembled(
        Source(
            month=month,
            state=held.state,
            revision=shown,
            is_stale=held.stale,
            computed_at=computed.computed_at,
            figures=months.figures(session, month, shown),
            previous=months.shown_figures(session, days.previous_month(month)),
            cells={
                (day, category): fen
                for day, category, fen, _ in months.cells(session, month, shown)
            },
            shut=opening.shut_days(session, month),
        )
    )


def assembled(source: Source) -> MonthDetail:
    """Compute the monthly detail from a stored revision."""
    month, figures = source.month, source.figures
    totals = rules.day_totals(source.cells)
    whole = figures.get((Indicator.TURNOVER, ""), 0)
    opened = figures.get((Indicator.OPEN_DAYS, ""), 0)
    # a running month has no slack days in its future
    is_running = source.state == states.MonthState.OPEN
    last = max(totals, default=month) if is_running else days.last_day(month)
    open_days = [day for day in days.days_of(month) if day <= last and day not in source.shut]
    return MonthDetail(
        month=month,
        state=source.state,
        revision=source.revision,
        is_stale=source.is_stale,
        computed_at=source.computed_at,
        total_fen=whole,
        days=_rows(source, totals),
        marks=rules.day_marks(totals, open_days=open_days),
        items=_items(figures, source.previous),
        open_days=opened,
        average_per_open_day_fen=ratios.mean_fen(whole, opened),
        customers=_customers(figures, source.previous),
        costs=_costs(figures, whole),
    )


def _rows(source: Source, totals: Mapping[date, int]) -> list[DetailDay]:
    whole = sum(totals.values())
    cells = source.cells
    return [
        DetailDay(
            day=day,
            is_open=day not in source.shut,
            cells={name: cells[day, name] for name in CATEGORIES if (day, name) in cells},
            total_fen=totals.get(day, 0),
            share=ratios.share(totals.get(day, 0), whole),
        )
        for day in days.days_of(source.month)
    ]


def _items(figures: ratios.Figures, previous: ratios.Figures | None) -> list[rules.ItemRow]:
    return rules.item_rows(
        CATEGORIES,
        rules.ItemFigures(
            turnover_fen=_parts(figures, Indicator.TURNOVER),
            quantity=_parts(figures, Indicator.QUANTITY),
            direct_cost_fen=_parts(figures, Indicator.DIRECT_COST),
            on_sale=_parts(figures, Indicator.ON_SALE),
            previous=None if previous is None else _parts(previous, Indicator.TURNOVER),
        ),
    )


def _customers(figures: ratios.Figures, previous: ratios.Figures | None) -> Customers:
    new = figures.get((Indicator.NEW_CUSTOMERS, ""), 0)
    people = figures.get((Indicator.CUSTOMERS, ""), 0)
    before = None if previous is None else previous.get((Indicator.NEW_CUSTOMERS, ""), 0)
    return Customers(
        visits=figures.get((Indicator.VISITS, ""), 0),
        customers=people,
        new=new,
        returning=max(people - new, 0),
        previous_new=before,
        new_growth=ratios.growth(new, before),
    )


def _costs(figures: ratios.Figures, turnover_fen: int) -> Costs:
    lines = _parts(figures, Indicator.COST)
    total = sum(lines.values())
    return Costs(
        lines={kind: lines.get(kind) for kind in CostKind},
        total_fen=total,
        ratio=ratios.ratio(total, turnover_fen),
        result_fen=turnover_fen - total,
    )


def _parts(figures: Mapping[Key, int], indicator: Indicator) -> dict[str, int]:
    return {part: amount for (name, part), amount in figures.items() if name == indicator and part}
