"""Grades A, B, C, P and RFM: what a guest is worth to the store, and why.

Form: F02; calculation C6.
Units: amounts are fen; a guest whose refunds outweigh the purchases has spent nothing.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from shared.forms.texts import ratio_text

A_BELOW, B_BELOW = Fraction(7, 10), Fraction(9, 10)  # the share that stands before a guest
OVERRIDE_MONTHS = 6
F_DAYS, M_DAYS, YEAR_MONTHS = 180, 365, 12

_R = ((15, 5), (30, 4), (60, 3), (90, 2))  # days since the last visit, at most
_F = ((24, 5), (12, 4), (6, 3), (3, 2))  # visits, at least
_M = ((20_000_00, 5), (10_000_00, 4), (5_000_00, 3), (1_000_00, 2))  # fen, at least


class Grade(enum.StrEnum):
    """F02 grade; P is a potential guest who never paid for a visit."""

    A = "A"
    B = "B"
    C = "C"
    P = "P"


GRADES: dict[Grade, tuple[str, str]] = {
    Grade.A: ("A 重点", "A key"),
    Grade.B: ("B 一般", "B ordinary"),
    Grade.C: ("C 一般", "C ordinary"),
    Grade.P: ("P 潜在", "P potential"),
}
CYCLES = {Grade.A: 7, Grade.B: 14, Grade.C: 30, Grade.P: 30}  # days between two contacts


class Segment(enum.StrEnum):
    """RFM segments: recency, frequency, money, each high or low."""

    HHH = "HHH"
    HLH = "HLH"
    LHH = "LHH"
    LLH = "LLH"
    HHL = "HHL"
    HLL = "HLL"
    LHL = "LHL"
    LLL = "LLL"


SEGMENTS: dict[Segment, tuple[str, str]] = {
    Segment.HHH: ("重要价值", "Key: value"),
    Segment.HLH: ("重要发展", "Key: develop"),
    Segment.LHH: ("重要唤回", "Key: call back"),
    Segment.LLH: ("重要挽留", "Key: hold"),
    Segment.HHL: ("一般价值", "Ordinary: value"),
    Segment.HLL: ("一般发展", "Ordinary: develop"),
    Segment.LHL: ("一般唤回", "Ordinary: call back"),
    Segment.LLL: ("一般挽留", "Ordinary: hold"),
}


class Move(enum.StrEnum):
    """Where a grade went since the month before."""

    UP = "UP"
    DOWN = "DOWN"


MOVES: dict[Move, tuple[str, str]] = {Move.UP: ("升级", "Up"), Move.DOWN: ("降级", "Down")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a guest stands among all: the grade, and what was spent by those before."""

    grade: Grade
    before_fen: int
    total_fen: int


def places(spend_fen: Mapping[int, int]) -> dict[int, Place]:
    """Grade those with paid visits by what they spent, high to low.

    Units: equal spend, the better grade of the tied; where nobody spent anything all are C.
    """
    total = sum(spend_fen.values())
    found: dict[int, Place] = {}
    before, tied_before, last = 0, 0, None
    for guest, fen in sorted(spend_fen.items(), key=lambda one: (-one[1], one[0])):
        if fen != last:
            tied_before, last = before, fen
        found[guest] = Place(
            grade=_grade(tied_before, total), before_fen=tied_before, total_fen=total
        )
        before += fen
    return found


def _grade(before_fen: int, total_fen: int) -> Grade:
    if total_fen == 0:
        return Grade.C
    before = Fraction(before_fen, total_fen)
    return Grade.A if before < A_BELOW else Grade.B if before < B_BELOW else Grade.C


def rfm(*, days_since: int, visits_180: int, spend_365_fen: int) -> str:
    """Write the three digits, 5 the best."""
    recency = next((digit for most, digit in _R if days_since <= most), 1)
    frequency = next((digit for least, digit in _F if visits_180 >= least), 1)
    money = next((digit for least, digit in _M if spend_365_fen >= least), 1)
    return f"{recency}{frequency}{money}"


def segment(digits: str) -> Segment:
    """Name the segment of three digits: high is R>=4, F>=3, M>=3."""
    high = (digits[0] >= "4", digits[1] >= "3", digits[2] >= "3")
    return Segment("".join("H" if one else "L" for one in high))


def moved(old: str | None, new: str) -> Move | None:
    """Say whether a grade went up or down; a guest graded for the first time moved nowhere."""
    if old is None or old == new:
        return None
    order = list(Grade)
    return Move.UP if order.index(Grade(new)) < order.index(Grade(old)) else Move.DOWN


def next_contact(last_contact: date | None, cycle_days: int, *, on: date) -> date:
    """Say when a guest is to be contacted next, never before the day after `on`."""
    tomorrow = on + timedelta(days=1)
    if last_contact is None:
        return tomorrow
    return max(tomorrow, last_contact + timedelta(days=cycle_days))


def last_until(today: date) -> date:
    """Name the last day until which a grade may be set by hand: six months ahead."""
    return _months_on(today, OVERRIDE_MONTHS)


def year_before(day: date) -> date:
    """Name the first of the twelve months' days that end with a day."""
    return _months_on(day + timedelta(days=1), -YEAR_MONTHS)


def explained(grade: str, *, before: Fraction | None, own: Fraction | None) -> tuple[str, str]:
    """Say in words, 中文 and English, why a guest has a computed grade.

    Shape: `before` is the share of those before the guest, `own` the guest's; None without a base.
    """
    if grade == Grade.P:
        return "没有付费到店 → P", "no paid visit yet → P"
    if before is None or own is None:
        return "近12个月全店没有消费 → C", "nobody spent anything in 12 months → C"
    bound = {
        Grade.A: (f"低于 {_pct(A_BELOW)}", f"below {_pct(A_BELOW)}"),
        Grade.B: (f"低于 {_pct(B_BELOW)}", f"below {_pct(B_BELOW)}"),
        Grade.C: (f"达到 {_pct(B_BELOW)}", f"{_pct(B_BELOW)} or more"),
    }[Grade(grade)]
    return (
        f"前面顾客累计占比 {_pct(before)}({bound[0]}),本人占比 {_pct(own)} → {grade}",
        f"those before hold {_pct(before)} of sales ({bound[1]}), own share {_pct(own)} → {grade}",
    )


def _pct(rate: Fraction) -> str:
    digits = f"{Decimal(ratio_text(rate)) * 100:.2f}".rstrip("0").rstrip(".")
    return f"{digits} %"


def _months_on(day: date, months: int) -> date:
    """Count months on; a day that the month has not is its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for missing in range(4):
        try:
            return date(year, month + 1, day.day - missing)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
