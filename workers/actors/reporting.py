"""Jobs of the books: days rolled up, months computed and closed, guests graded and judged."""

from sqlalchemy.orm import Session

from shared.domain.reporting.events import (
    BeginPlan,
    CloseDueMonth,
    ComparePlan,
    ComputeMonth,
    GradeGuests,
    JudgeActivity,
    RollUpDays,
)
from shared.domain.reporting.rules import states
from shared.domain.reporting.service import closing, comparing, guests, rollup
from workers.job import At, job


@job(RollUpDays, time_limit_s=300)
def roll_up_days(session: Session, request: RollUpDays, at: At) -> None:
    """Recompute the days that changed (J03)."""
    rollup.roll_up_days(session, now=at.now)


@job(ComputeMonth, time_limit_s=300)
def compute_month(session: Session, request: ComputeMonth, at: At) -> None:
    """Fix a month's figures as a revision (J13)."""
    closing.compute_month(session, month=request.month, actor=states.JOB, day=at.today, now=at.now)


@job(CloseDueMonth, time_limit_s=300)
def close_due_month(session: Session, request: CloseDueMonth, at: At) -> None:
    """Close a reviewed month whose time has come (J17)."""
    closing.close_due_month(
        session, month=request.month, has_hq=at.tenant.hq is not None, now=at.now
    )


@job(GradeGuests, time_limit_s=300)
def grade_guests(session: Session, request: GradeGuests, at: At) -> None:
    """Grade all guests as of a month's end (J14)."""
    guests.grade_guests(session, month=request.month, now=at.now)


@job(JudgeActivity, time_limit_s=300)
def judge_activity(session: Session, request: JudgeActivity, at: At) -> None:
    """Judge how active guests are (J06)."""
    guests.judge_activity(session, day=request.day, now=at.now)


@job(ComparePlan)
def compare_plan(session: Session, request: ComparePlan, at: At) -> None:
    """Put a month's revenue beside the plan's (J24)."""
    comparing.compare_month(session, month=request.month, now=at.now)


@job(BeginPlan)
def begin_plan(session: Session, request: BeginPlan, at: At) -> None:
    """Begin next year's plan from this year's numbers (J24)."""
    comparing.begin_next_year(session, year=request.year, now=at.now)
