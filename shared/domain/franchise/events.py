"""What crosses between a store and its headquarters, as work to be done."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.domain.reporting.events import (
    DaysRolledUp,
    MonthClosed,
    MonthComputed,
    MonthReopened,
    MonthReviewed,
    MonthSentBack,
    PlanMoved,
)
from shared.events.messages import Fact, Queue, Request, on


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSnapshots(Request):
    """Report every month and plan that moved since its last letter to the headquarters (J18)."""

    wire: ClassVar[str] = "franchise.send_snapshots"
    queue: ClassVar[Queue] = "reports"

    def uniq(self) -> str | None:
        """Join a waiting run: it sends whatever changed by then."""
        return "snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLetters(Request):
    """Apply letters that arrived; the dispatcher writes these rows itself."""

    wire: ClassVar[str] = "franchise.read_letters"
    queue: ClassVar[Queue] = "reports"

    letters: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateMonth(Request):
    """Sum a month over the chain and rank its stores (J19)."""

    wire: ClassVar[str] = "franchise.aggregate_month"
    queue: ClassVar[Queue] = "reports"

    month: date

    def uniq(self) -> str | None:
        """Join a waiting run for the same month."""
        return self.month.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentBooked(Fact):
    """A month closed again owes the next statement of its store a difference."""

    wire: ClassVar[str] = "franchise.adjustment_booked"

    adjustment_id: int
    month: date


def report_upwards(fact: Fact) -> Request:
    """Let the headquarters know of whatever happened to a month or a plan."""
    return SendSnapshots()


_HEARD: tuple[type[Fact], ...] = (
    DaysRolledUp,
    MonthComputed,
    MonthReviewed,
    MonthSentBack,
    MonthClosed,
    MonthReopened,
    PlanMoved,
)
for _fact in _HEARD:
    on(_fact)(report_upwards)
