"""Targets split by months, people and categories, so that the parts add up to the fen.

Form: F11 目标分解; golden test G-SPLIT.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from shared.domain.reporting.rules.plan import Cell, SplitBy


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights so that the parts add up exactly (largest remainder).

    Units: ties in list order; without any weight all weigh the same; no weights, no parts.
    """
    if not weights:
        return []
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: -remainders[n])
    for n in by_remainder[: total - sum(parts)]:
        parts[n] += 1
    return parts


def spread(total: int, cells: Sequence[int | None]) -> list[int]:
    """Make cells add up to a total: what was left empty takes the rest in equal parts.

    Units: with nothing empty, or more typed than there is, all cells move in proportion.
    """
    rest = total - sum(cell for cell in cells if cell is not None)
    empty = [n for n, cell in enumerate(cells) if cell is None]
    if rest < 0 or not empty:
        return split(total, [cell or 0 for cell in cells])
    parts = [cell or 0 for cell in cells]
    for n, part in zip(empty, split(rest, [1] * len(empty)), strict=True):
        parts[n] = part
    return parts


def misfits(cells: Mapping[Cell, int], *, revenue_fen: int) -> list[tuple[date | None, str]]:
    """List what does not add up: the months to the plan, a month's parts to the store's month.

    Shape: (month, kind); no month where the store's months miss the plan.
    """
    store = {month: fen for (month, kind, _), fen in cells.items() if kind == SplitBy.STORE}
    found: list[tuple[date | None, str]] = []
    if sum(store.values()) != revenue_fen:
        found.append((None, SplitBy.STORE))
    sums: dict[tuple[date, str], int] = {}
    for (month, kind, _part), fen in cells.items():
        if kind != SplitBy.STORE:
            sums[month, kind] = sums.get((month, kind), 0) + fen
    return [*found, *(key for key, fen in sorted(sums.items()) if fen != store.get(key[0], 0))]


def filled(cells: Mapping[Cell, int | None], *, revenue_fen: int) -> dict[Cell, int]:
    """Spread what is left: over the months first, then each month over its parts."""
    store = [cell for cell in cells if cell[1] == SplitBy.STORE]
    made = dict(zip(store, spread(revenue_fen, [cells[cell] for cell in store]), strict=True))
    for month, _, _ in store:
        for kind in (SplitBy.CONSULTANT, SplitBy.CATEGORY):
            parts = [cell for cell in cells if cell[:2] == (month, kind)]
            of_month = made[month, SplitBy.STORE, ""]
            values = spread(of_month, [cells[cell] for cell in parts])
            made |= dict(zip(parts, values, strict=True))
    return made


def rescaled(cells: Mapping[Cell, int], *, revenue_fen: int) -> dict[Cell, int]:
    """Move a split that adds up to another total, each part in proportion."""
    store = [cell for cell in cells if cell[1] == SplitBy.STORE]
    of_months = split(revenue_fen, [cells[cell] for cell in store])
    months = {cell[0]: fen for cell, fen in zip(store, of_months, strict=True)}
    made: dict[Cell, int] = {cell: months[cell[0]] for cell in store}
    for month, fen in months.items():
        for kind in (SplitBy.CONSULTANT, SplitBy.CATEGORY):
            parts = [cell for cell in cells if cell[:2] == (month, kind)]
            values = split(fen, [cells[cell] for cell in parts])
            made |= dict(zip(parts, values, strict=True))
    return made
