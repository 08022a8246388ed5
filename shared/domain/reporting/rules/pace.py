"""Where a running month will end, judged by how the store's weekdays usually go.

Form: F10 live view.
Units: fen. The estimate is what is there plus a usual day for each open day to come; the range is
wide enough for four months in five (1.2816 standard deviations), days taken as independent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean, pvariance

FEWEST_DAYS = 14  # open days looked back on: fewer say nothing about the next ones
FEWEST_ALIKE = 3  # of one weekday; else all days speak for it
_FOUR_IN_FIVE = 1.2816


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """An estimate of a month's whole turnover, and how far it may be off."""

    low_fen: int
    likely_fen: int
    high_fen: int
    days_to_come: int


def pace(so_far_fen: int, past: Mapping[date, int], to_come: Sequence[date]) -> Pace | None:
    """Estimate a month's end from past open days' turnover; None when too few are known."""
    if len(past) < FEWEST_DAYS:
        return None
    alike: dict[int, list[int]] = {}
    for day, fen in past.items():
        alike.setdefault(day.isoweekday(), []).append(fen)
    usual = [_usual(alike.get(day.isoweekday(), ()), past.values()) for day in to_come]
    more = sum(mean for mean, _ in usual)
    off = _FOUR_IN_FIVE * sqrt(sum(variance for _, variance in usual))
    return Pace(
        low_fen=so_far_fen + max(round(more - off), 0),
        likely_fen=so_far_fen + round(more),
        high_fen=so_far_fen + round(more + off),
        days_to_come=len(to_come),
    )


def _usual(alike: Sequence[int], all_days: Iterable[int]) -> tuple[float, float]:
    days = alike if len(alike) >= FEWEST_ALIKE else list(all_days)
    return fmean(days), pvariance(days)
