"""What one comparison is: samples of both sides, a ratio per round, the goal beside it."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Samples = list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a ratio should reach."""

    at_least: float | None = None
    at_most: float | None = None

    def is_reached(self, ratio: float) -> bool:
        """Say whether a ratio is there."""
        too_low = self.at_least is not None and ratio < self.at_least
        too_high = self.at_most is not None and ratio > self.at_most
        return not (too_low or too_high)

    def __str__(self) -> str:
        sign, limit = ("≥", self.at_least) if self.at_most is None else ("≤", self.at_most)
        return f"{sign} {limit:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table.

    Shape: `ratios` one per interleaved round; the line's ratio is their median. `how` says what is
    divided by what, `note` what a reader must know to judge it.
    """

    key: str
    says: str
    unit: str
    ours: Samples
    beside: Samples = field(default_factory=list)
    beside_is: str = ""
    ratios: Samples
    how: str
    note: str = ""

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.ratios)

    def as_json(self) -> dict[str, Any]:
        """Give everything, with medians and quartiles."""
        return {
            **asdict(self),
            "ratio": self.ratio,
            "ratio_quartiles": quartiles(self.ratios),
            "ours_median": statistics.median(self.ours),
            "beside_median": statistics.median(self.beside) if self.beside else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What was not measured, and why."""

    key: str
    why: str


def quartiles(samples: Sequence[float]) -> tuple[float, float]:
    """Give the first and the third quartile."""
    ordered = sorted(samples)
    count = len(ordered)
    return ordered[count // 4], ordered[min(3 * count // 4, count - 1)]


def times_faster(key: str, says: str, sides: tuple[Samples, Samples], **more: Any) -> Line:
    """Compare seconds with a peer's: how many times as long it takes, round by round."""
    ours, beside = sides
    ratios = [b / a for a, b in zip(ours, beside, strict=True)]
    return Line(
        key=key,
        says=says,
        unit=more.pop("unit", "s"),
        ours=ours,
        beside=beside,
        ratios=ratios,
        how="its time : ours",
        **more,
    )


def share_of(key: str, says: str, sides: tuple[Samples, Samples], **more: Any) -> Line:
    """Compare with something beside us: ours over it, round by round."""
    ours, beside = sides
    ratios = [a / b for a, b in zip(ours, beside, strict=True)]
    return Line(
        key=key,
        says=says,
        unit=more.pop("unit", "s"),
        ours=ours,
        beside=beside,
        ratios=ratios,
        how=more.pop("how", "ours : its"),
        **more,
    )


def interleaved(
    cases: dict[str, Callable[[], float | None]], rounds: int, *, warm: int = 0
) -> dict[str, Samples]:
    """Measure some cases in turn, every other round backwards; the first `warm` are forgotten.

    Shape: a case gives its own figure, or None for the seconds that its call took.
    """
    got: dict[str, Samples] = {name: [] for name in cases}
    for number in range(rounds + warm):
        names = list(cases)
        for name in names if number % 2 == 0 else reversed(names):
            began = time.perf_counter()
            given = cases[name]()
            took = time.perf_counter() - began if given is None else given
            if number >= warm:
                got[name].append(took)
    return got


def seconds(step: Callable[[], object]) -> float:
    """Time one call."""
    began = time.perf_counter()
    step()
    return time.perf_counter() - began
