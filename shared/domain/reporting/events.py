"""What reporting asks to be done, and what it tells: days rolled up, a month's steps."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared import days
from shared.domain.cards.events import CardUsed
from shared.domain.sales.events import CashDayClosed, RowsImported, SaleRecorded
from shared.events.messages import Fact, Queue, Request, on
from shared.events.notices import Notify


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpDays(Request):
    """Recompute the days that changed, and the months they lie in (J03)."""

    wire: ClassVar[str] = "reporting.roll_up_days"
    queue: ClassVar[Queue] = "reports"

    def uniq(self) -> str | None:
        """Join a waiting run: it takes whatever changed by then."""
        return "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeMonth(Request):
    """Fix a month's figures as a revision, once nothing is missing any more (J13)."""

    wire: ClassVar[str] = "reporting.compute_month"
    queue: ClassVar[Queue] = "reports"

    month: date

    def uniq(self) -> str | None:
        """Join a waiting run for the same month."""
        return self.month.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDueMonth(Request):
    """Close a reviewed month whose time has come (J17)."""

    wire: ClassVar[str] = "reporting.close_due_month"
    queue: ClassVar[Queue] = "reports"

    month: date

    def uniq(self) -> str | None:
        """Join a waiting run for the same month."""
        return self.month.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeGuests(Request):
    """Grade all guests as of a month's end (J14)."""

    wire: ClassVar[str] = "reporting.grade_guests"
    queue: ClassVar[Queue] = "reports"

    month: date

    def uniq(self) -> str | None:
        """Join a waiting run for the same month."""
        return self.month.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeActivity(Request):
    """Judge how active all guests are on a day (J06)."""

    wire: ClassVar[str] = "reporting.judge_activity"
    queue: ClassVar[Queue] = "reports"

    day: date

    def uniq(self) -> str | None:
        """Join a waiting run for the same day."""
        return self.day.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePlan(Request):
    """Put a month's revenue beside the plan's (J24)."""

    wire: ClassVar[str] = "reporting.compare_plan"
    queue: ClassVar[Queue] = "reports"

    month: date

    def uniq(self) -> str | None:
        """Join a waiting run for the same month."""
        return self.month.isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginPlan(Request):
    """Begin next year's plan from this year's numbers (J24, 15 December)."""

    wire: ClassVar[str] = "reporting.begin_plan"
    queue: ClassVar[Queue] = "reports"

    year: int

    def uniq(self) -> str | None:
        """Join a waiting run for the same year."""
        return str(self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysRolledUp(Fact):
    """Day rows changed, and with them the live figures of these months."""

    wire: ClassVar[str] = "reporting.days_rolled_up"

    months: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBlocked(Fact):
    """A month that is over cannot be computed yet: these days are not closed."""

    wire: ClassVar[str] = "reporting.month_blocked"

    month: date
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthComputed(Fact):
    """A month has a new revision."""

    wire: ClassVar[str] = "reporting.month_computed"

    month: date
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReviewed(Fact):
    """The manager has checked a month."""

    wire: ClassVar[str] = "reporting.month_reviewed"

    month: date
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSentBack(Fact):
    """A reviewed month needs another look."""

    wire: ClassVar[str] = "reporting.month_sent_back"

    month: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthClosed(Fact):
    """A month is closed; its figures stand."""

    wire: ClassVar[str] = "reporting.month_closed"

    month: date
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReopened(Fact):
    """A closed month may be corrected again."""

    wire: ClassVar[str] = "reporting.month_reopened"

    month: date
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMoved(Fact):
    """A plan was handed in, sent back or approved."""

    wire: ClassVar[str] = "reporting.plan_moved"

    year: int
    revision: int


@on(SaleRecorded)
def follow_a_sale(fact: SaleRecorded) -> Request:
    """Bring the day and the month up to date; sales that come together share one run."""
    return RollUpDays()


@on(CardUsed)
def follow_a_card(fact: CardUsed) -> Request:
    """Bring the day of a deduction up to date, as that of a sale."""
    return RollUpDays()


@on(RowsImported)
def follow_an_import(fact: RowsImported) -> Request:
    """Bring the days of a file up to date."""
    return RollUpDays()


@on(CashDayClosed)
def follow_a_day_close(fact: CashDayClosed) -> Request:
    """Try the month again at every day close, until nothing is missing (W9)."""
    return ComputeMonth(month=days.month_of(fact.day))


@on(MonthComputed)
def follow_a_computation(fact: MonthComputed) -> Request:
    """Put the month beside the plan again whenever it has a new revision."""
    return ComparePlan(month=fact.month)


# fact -> event, (中文, English)
_STEPS: dict[type[Fact], tuple[str, str, str]] = {
    MonthComputed: ("month.computed", "已计算", "computed"),
    MonthReviewed: ("month.reviewed", "已审核", "reviewed"),
    MonthClosed: ("month.closed", "已关账", "closed"),
    MonthReopened: ("month.reopened", "已重开", "reopened"),
}


_Step = MonthComputed | MonthReviewed | MonthClosed | MonthReopened


def tell_of_a_step(fact: _Step) -> Request:
    """Tell the manager, and the headquarters' analysts, how far a month has come."""
    event, zh, en = _STEPS[type(fact)]
    month = days.month_text(fact.month)
    return Notify(
        event=event,
        key=f"{month}/{fact.revision}",
        facts={"month": month, "state": zh},
        facts_en={"state": en},
    )


on(MonthComputed)(tell_of_a_step)
on(MonthReviewed)(tell_of_a_step)
on(MonthClosed)(tell_of_a_step)
on(MonthReopened)(tell_of_a_step)


@on(MonthBlocked)
def tell_of_gaps(fact: MonthBlocked) -> Request:
    """Tell the manager what keeps a month from being computed, once for each set of days."""
    month = days.month_text(fact.month)
    numbers = [str(day.day) for day in fact.days]
    return Notify(
        event="month.blocked",
        key=f"{month}/{'.'.join(numbers)}",
        facts={"month": month, "reasons": f"{'、'.join(numbers)}日未日结"},
        facts_en={"reasons": f"not closed: {', '.join(numbers)}"},
    )
