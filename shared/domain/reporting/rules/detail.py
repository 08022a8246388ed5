"""The monthly detail: shares, peak and slack days, main-push and weak items, costs.

Form: F10; calculation C3.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.domain.reporting.rules.figures import growth, share

Cells = Mapping[tuple[date, str], int]  # (day, category) -> turnover in fen


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMarks:
    """The best and the worst day of a month; ties are all listed, earliest first."""

    peak_days: tuple[date, ...] = ()
    peak_share: Decimal | None = None
    slack_days: tuple[date, ...] = ()
    slack_share: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One category of the month beside the others and beside the month before."""

    category: str
    turnover_fen: int
    quantity: int
    share: Decimal | None
    margin_rate: Decimal | None
    rank: int | None
    previous_fen: int | None
    change: Decimal | None
    is_main_push: bool
    is_weak: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFigures:
    """What the item block is made of, per category.

    Shape: `on_sale` the categories with an item on sale all month; `previous` None when there is
    no month before.
    """

    turnover_fen: Mapping[str, int]
    on_sale: Collection[str]
    previous: Mapping[str, int] | None = None
    quantity: Mapping[str, int] = field(default_factory=dict)
    direct_cost_fen: Mapping[str, int] = field(default_factory=dict)


def day_totals(cells: Cells) -> dict[date, int]:
    """Sum the matrix per day, in order."""
    totals: dict[date, int] = {}
    for (day, _), amount in sorted(cells.items()):
        totals[day] = totals.get(day, 0) + amount
    return totals


def day_marks(totals: Mapping[date, int], *, open_days: Collection[date]) -> DayMarks:
    """Find the peak day among all days and the slack day among the open ones.

    Units: an open day without a row counts with 0; a closed day is never slack. No turnover:
    no marks.
    """
    whole = sum(totals.values())
    if whole <= 0:
        return DayMarks()
    best = max(totals.values())
    opened = {day: totals.get(day, 0) for day in sorted(open_days)}
    worst = min(opened.values(), default=0)
    return DayMarks(
        peak_days=tuple(day for day in sorted(totals) if totals[day] == best),
        peak_share=share(best, whole),
        slack_days=tuple(day for day, total in opened.items() if total == worst),
        slack_share=share(worst, whole) if opened else None,
    )


def item_rows(categories: Sequence[str], figures: ItemFigures) -> list[ItemRow]:
    """Compare the categories: share, rank, change, main-push and weak marks.

    Shape: one row per category, in the order given.
    """
    amounts = {name: figures.turnover_fen.get(name, 0) for name in categories}
    whole = sum(amounts.values())
    has_base = whole > 0
    best = max(amounts.values(), default=0)
    sold_all_month = [amounts[name] for name in categories if name in figures.on_sale]
    worst = min(sold_all_month, default=0)
    rows = []
    for name in categories:
        before = None if figures.previous is None else figures.previous.get(name, 0)
        rows.append(
            ItemRow(
                category=name,
                turnover_fen=amounts[name],
                quantity=figures.quantity.get(name, 0),
                share=share(amounts[name], whole),
                margin_rate=share(
                    amounts[name] - figures.direct_cost_fen.get(name, 0), amounts[name]
                ),
                rank=rank_of(amounts[name], amounts.values()) if has_base else None,
                previous_fen=before,
                change=growth(amounts[name], before),
                is_main_push=has_base and amounts[name] == best,
                is_weak=has_base and name in figures.on_sale and amounts[name] == worst,
            )
        )
    return rows


def rank_of(value: int, among: Collection[int]) -> int:
    """Rank a value, highest first: equal values share a rank, the next one skips (1, 1, 3)."""
    return 1 + sum(1 for other in among if other > value)
