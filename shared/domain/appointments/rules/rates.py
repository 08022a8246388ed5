"""How well appointments are kept.

Form: F03 derived; C14, G-APPT-1.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Appointments of some days by how they ended; `arrived` are also those not completed yet."""

    completed: int = 0
    no_show: int = 0
    late_cancel: int = 0
    arrived: int = 0
    requested: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The three rates; None where there is no base."""

    no_show: Fraction | None
    keep: Fraction | None
    requested: Fraction | None


def rates(counts: Counts) -> Rates:
    """Compute no-show rate 爽约率, keep rate 到店率 and requested share 点客率."""
    arrived = counts.arrived
    return Rates(
        no_show=_of(counts.no_show, counts.completed + counts.no_show),
        keep=_of(arrived, arrived + counts.no_show + counts.late_cancel),
        requested=_of(counts.requested, arrived),
    )


def _of(part: int, base: int) -> Fraction | None:
    return Fraction(part, base) if base else None
