"""What of a closed month changes when it is closed again: the bases that fees are counted on.

Form: C12 fee base, adjustments; W9.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.reporting.rules.figures import Figures, Indicator


class Base(StrEnum):
    """What a contract may count its fees on."""

    TURNOVER = "TURNOVER"
    CASH = "CASH"


# base -> (中文, English)
BASE_LABELS: dict[Base, tuple[str, str]] = {
    Base.TURNOVER: ("营业额", "Turnover"),
    Base.CASH: ("现金业绩", "Cash sales"),
}
_INDICATORS = {Base.TURNOVER: Indicator.TURNOVER, Base.CASH: Indicator.CASH_SALES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One base as an earlier closed revision and a later one state it."""

    base: Base
    old_fen: int
    new_fen: int

    @property
    def difference_fen(self) -> int:
        """What the later revision adds; negative when it takes away."""
        return self.new_fen - self.old_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """What the next close of a month states otherwise than the last one did."""

    old_revision: int
    changes: tuple[Change, ...]


def changes(old: Figures, new: Figures) -> tuple[Change, ...]:
    """List the bases that two revisions state differently."""
    stated = (
        Change(base=base, old_fen=old.get((name, ""), 0), new_fen=new.get((name, ""), 0))
        for base, name in _INDICATORS.items()
    )
    return tuple(change for change in stated if change.difference_fen)
