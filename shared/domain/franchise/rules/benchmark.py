"""Ranks and quartiles among peers, growth over the same stores, coverage.

Form: C13; ties as in C5.
Units: values are compared in ten-thousandths, so that equal to 4 decimals is equal.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

MIN_PEERS = 5  # below it quartiles would show a single store's figures


class Ranking(StrEnum):
    """What stores are ranked by, each a sum over a sum."""

    TURNOVER = "turnover"
    SPEND = "spend_per_customer"  # turnover / visits
    NEW_GROWTH = "new_growth"  # (new - new last month) / new last month


# ranking -> (中文, English, is money)
LABELS: dict[Ranking, tuple[str, str, bool]] = {
    Ranking.TURNOVER: ("营业额", "Turnover", True),
    Ranking.SPEND: ("客单价", "Spend per customer", True),
    Ranking.NEW_GROWTH: ("新顾客增长", "New-customer growth", False),
}


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Where the quarters of a peer group lie."""

    q1: Decimal
    median: Decimal
    q3: Decimal


@dataclass(frozen=True, slots=True)
class LikeForLike:
    """Two sums over the stores that are present in both months."""

    now: int
    before: int
    stores: int


def value_e4(numerator: int, denominator: int) -> int | None:
    """Give a ratio in ten-thousandths, half up away from zero; None without a base."""
    if denominator == 0:
        return None
    exact = Fraction(numerator, denominator) * 10_000
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def ranks(values: Mapping[str, int]) -> dict[str, int]:
    """Rank values, highest first: equal values share a rank, the next one skips (1, 1, 3)."""
    ordered = sorted(values.values(), reverse=True)
    first: dict[int, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return {name: first[value] for name, value in values.items()}


def quartiles(values: Sequence[int]) -> Quartiles | None:
    """Interpolate the quartiles at position (n - 1) x p; hidden under five peers."""
    if len(values) < MIN_PEERS:
        return None
    ordered = sorted(values)
    found = [_interpolated(ordered, quarter) for quarter in (1, 2, 3)]
    return Quartiles(*found)


def own_quartile(own: int, among: Quartiles) -> int:
    """Tell in which quarter a value lies, a limit itself belonging to the lower one."""
    limits = (among.q1, among.median, among.q3)
    return 1 + sum(1 for limit in limits if own > limit)


def like_for_like(now: Mapping[str, int], before: Mapping[str, int]) -> LikeForLike:
    """Sum the stores present in both months."""
    both = now.keys() & before.keys()
    return LikeForLike(
        now=sum(now[name] for name in both),
        before=sum(before[name] for name in both),
        stores=len(both),
    )


def ratio_of_sums(parts: Collection[tuple[int, int]]) -> Decimal | None:
    """Divide the sum of numerators by the sum of denominators, never the mean of ratios.

    Units: 4 decimals, half up; None without a base.
    """
    found = value_e4(sum(top for top, _ in parts), sum(bottom for _, bottom in parts))
    return None if found is None else Decimal(found).scaleb(-4)


def coverage_text(*, counted: int, expected: int) -> str:
    """Say how many of the expected stores a total covers."""
    return f"含 {counted}/{expected} 家"


def _interpolated(ordered: Sequence[int], quarter: int) -> Decimal:
    # (n - 1) x quarter / 4 in whole numbers, so nothing is lost
    low, rest = divmod((len(ordered) - 1) * quarter, 4)
    if rest == 0:
        return Decimal(ordered[low])
    step = ordered[low + 1] - ordered[low]
    return Decimal(ordered[low]) + Decimal(step * rest) / 4
