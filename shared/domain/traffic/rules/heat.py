"""The heat map of arrivals: when guests come, when few do, and how many people that takes.

Form: F07 panels A and A2; calculation C4.
Units: a cell is a weekday (1 is Monday) and an hour of the store's clock; averages are exact.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

FEWEST_WEEKS = 4  # with less the map is shown without marks: 样本不足
_PEAK, _SLACK = Fraction(3, 2), Fraction(1, 2)  # of the base
_BUSY = Fraction(4, 5)  # of a beautician's hour, the rest goes into changing over
_SHORTEST_WINDOW = 2  # hours in a row in which a promotion is worth while

Hour = tuple[int, int]  # weekday, hour


class Mark(StrEnum):
    """How an open cell stands beside the others; who is neither is normal 正常."""

    PEAK = "PEAK"
    SLACK = "SLACK"


# code -> (中文, English)
MARK_LABELS: dict[Mark, tuple[str, str]] = {
    Mark.PEAK: ("高峰", "Peak"),
    Mark.SLACK: ("较差", "Slack"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of a weekday; one in which the store is closed has neither mark nor suggestion."""

    arrivals: int
    average: Fraction  # per open day
    is_open: bool
    mark: Mark | None
    suggested: int | None  # beauticians


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The whole map; `base` is the mean of the open cells, None without any."""

    cells: Mapping[Hour, Cell]
    base: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Slack hours in a row, from `first` to before `until`, and the minutes left free in them."""

    weekday: int
    first: int
    until: int
    free_minutes: int | None


def heat(
    arrivals: Mapping[Hour, int],
    *,
    open_days: Mapping[int, int],
    open_cells: Collection[Hour],
    average_minutes: int | None,
    with_marks: bool = True,
) -> Heat:
    """Draw the map.

    Shape: `arrivals` per cell in the whole range; `open_days` how many open days of each weekday
        the range has. Nobody is suggested while it is not known how long a treatment takes.
    """
    averages = {
        cell: Fraction(arrivals.get(cell, 0), max(open_days.get(cell[0], 0), 1))
        for cell in {*arrivals, *open_cells}
    }
    opened = set(open_cells)
    base = Fraction(sum(averages[one] for one in opened), len(opened)) if opened else None
    cells = {}
    for one, average in sorted(averages.items()):
        is_open = one in opened
        cells[one] = Cell(
            arrivals=arrivals.get(one, 0),
            average=average,
            is_open=is_open,
            mark=_mark(average, base) if is_open and with_marks and base else None,
            suggested=_people(average, average_minutes) if is_open else None,
        )
    return Heat(cells=cells, base=base)


def windows(found: Heat, *, average_minutes: int | None) -> list[Window]:
    """List the slack hours in a row in which a promotion may bring guests, longest first.

    Units: free minutes are those that a mean hour would fill, on one such weekday; None while it
        is not known how long a treatment takes.
    """
    slack = [hour for hour, cell in found.cells.items() if cell.mark is Mark.SLACK]
    rows = [run for run in _runs(slack) if len(run) >= _SHORTEST_WINDOW]
    made = [
        Window(
            weekday=run[0][0],
            first=run[0][1],
            until=run[-1][1] + 1,
            free_minutes=_free(found, run, average_minutes),
        )
        for run in rows
    ]
    return sorted(made, key=lambda one: (one.first - one.until, one.weekday, one.first))


def _people(average: Fraction, minutes: int | None) -> int | None:
    return None if minutes is None else ceil(average * minutes / 60 / _BUSY)


def _free(found: Heat, run: Iterable[Hour], minutes: int | None) -> int | None:
    if minutes is None:
        return None
    return round(sum((found.base or 0) - found.cells[hour].average for hour in run) * minutes)


def _mark(average: Fraction, base: Fraction) -> Mark | None:
    if average >= _PEAK * base:
        return Mark.PEAK
    return Mark.SLACK if average <= _SLACK * base else None


def _runs(hours: Iterable[Hour]) -> list[list[Hour]]:
    runs: list[list[Hour]] = []
    for weekday, hour in sorted(hours):
        if runs and runs[-1][-1] == (weekday, hour - 1):
            runs[-1].append((weekday, hour))
        else:
            runs.append([(weekday, hour)])
    return runs
