"""The history of the drawer's variances, and what is striking in it.

Form: C2 limits; issue: same person, same weekday, round sums, days in a row.
Units: a pattern is a reason to look, never a verdict: few days prove nothing, so each needs three.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.domain.sales.models.cash import CashCorrection, CashDay
from shared.domain.sales.rules import kinds, tills

FEWEST = 3
ROUND_FEN = 10_00


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """One closed day: what the book said, what was counted, who did both, what was said about it.

    Units: `late_fen` is what late slips of the day explain.
    """

    day: date
    closing_fen: int
    counted_fen: int
    late_fen: int
    counted_by: UUID | None
    closed_by: UUID | None
    closed_at: datetime | None
    variance_reason: str | None
    manager_reason: str | None

    @property
    def fen(self) -> int:
        """What was counted beyond the book."""
        return self.counted_fen - self.closing_fen

    @property
    def left_fen(self) -> int:
        """What is left once late slips are known."""
        return self.fen + self.late_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Something striking: of `of` such days `days` had a variance, in sum `fen`.

    Shape: `kind` PERSON, WEEKDAY, ROUND or ROW; `who` a person for PERSON; `weekday` 1 Monday ..
        7 Sunday for WEEKDAY; `last` the last day of a ROW.
    """

    kind: str
    days: int
    of: int
    fen: int
    who: UUID | None = None
    weekday: int | None = None
    last: date | None = None


def history(session: Session, first: date, last: date) -> list[Variance]:
    """List the closed days of a span, newest first."""
    late = (
        select(func.coalesce(func.sum(CashCorrection.cash_fen), 0))
        .where(CashCorrection.of_day == CashDay.business_date)
        .correlate(CashDay)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CashDay, late)
        .where(
            CashDay.business_date.between(first, last),
            CashDay.state == kinds.DayState.CLOSED,
            CashDay.closing_fen.is_not(None),
        )
        .order_by(CashDay.business_date.desc())
    )
    return [
        Variance(
            day=day.business_date,
            closing_fen=day.closing_fen or 0,
            counted_fen=day.counted_fen or 0,
            late_fen=int(late_fen),
            counted_by=day.counted_by,
            closed_by=day.closed_by,
            closed_at=day.closed_at,
            variance_reason=day.variance_reason,
            manager_reason=day.manager_reason,
        )
        for day, late_fen in rows
    ]


def days_in_a_row(session: Session, day: date) -> int:
    """Count the closed days with a variance up to this one, without one that agreed between."""
    listed = session.execute(
        select(CashDay.counted_fen != CashDay.closing_fen)
        .where(CashDay.business_date <= day, CashDay.state == kinds.DayState.CLOSED)
        .order_by(CashDay.business_date.desc())
        .limit(tills.DAYS_IN_A_ROW)
    ).scalars()
    in_a_row = 0
    for is_off in listed:
        if not is_off:
            break
        in_a_row += 1
    return in_a_row


def patterns(listed: Sequence[Variance]) -> list[Pattern]:
    """Find what is striking: the same person, the same weekday, round sums, days in a row.

    Units: a person or weekday stands out with at least three such days, half of its own days,
        and twice the share that the other days have. What late slips explain does not count.
    """
    found = [
        *_standing_out(listed, "PERSON", lambda one: one.counted_by),
        *_standing_out(listed, "WEEKDAY", lambda one: one.day.isoweekday()),
    ]
    off = [one for one in listed if one.left_fen]
    is_round = [one for one in off if abs(one.left_fen) % ROUND_FEN == 0]
    if len(is_round) >= FEWEST and 2 * len(is_round) > len(off):
        found.append(Pattern(kind="ROUND", days=len(is_round), of=len(off), fen=_sum(is_round)))
    found += _rows(listed)
    return found


def _standing_out(
    listed: Sequence[Variance], kind: str, by: Callable[[Variance], Hashable]
) -> list[Pattern]:
    worked = Counter(by(one) for one in listed)
    off = [one for one in listed if one.left_fen]
    had = Counter(by(one) for one in off)
    found = []
    for key, days in had.most_common():
        others, others_off = len(listed) - worked[key], len(off) - days
        is_often = days >= FEWEST and 2 * days >= worked[key]
        if key is None or not is_often or days * others < 2 * others_off * worked[key]:
            continue
        sum_fen = _sum([one for one in off if by(one) == key])
        who = key if isinstance(key, UUID) else None
        weekday = key if isinstance(key, int) else None
        found.append(
            Pattern(kind=kind, days=days, of=worked[key], fen=sum_fen, who=who, weekday=weekday)
        )
    return found


def _rows(listed: Sequence[Variance]) -> list[Pattern]:
    found, run = [], list[Variance]()
    for one in [*sorted(listed, key=lambda one: one.day), None]:
        if one is not None and one.left_fen:
            run.append(one)
            continue
        if len(run) >= tills.DAYS_IN_A_ROW:
            row = Pattern(kind="ROW", days=len(run), of=len(run), fen=_sum(run), last=run[-1].day)
            found.append(row)
        run = []
    return found[::-1]


def _sum(listed: Sequence[Variance]) -> int:
    return sum(one.left_fen for one in listed)
