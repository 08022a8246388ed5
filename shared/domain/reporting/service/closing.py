"""Compute, review, close and reopen a month.

Form: W9 month close 月结; J13, J17.
Units: whoever moves a month holds its receipts' month first, then the marks of changed days, then
the month itself: everybody in this order, so nobody waits crosswise.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.reporting.events import (
    MonthBlocked,
    MonthClosed,
    MonthReopened,
    MonthReviewed,
    MonthSentBack,
)
from shared.domain.reporting.models.months import Month
from shared.domain.reporting.queries import checks, inputs, months
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import Actor, Authority, MonthState
from shared.domain.reporting.service import rollup
from shared.domain.sales.service import periods
from shared.events.jobs import publish
from shared.records import marks
from shared.records import periods as record_months


class MonthHasGaps(errors.Conflict):
    """The month is not over, or has days that are not closed."""

    zh = "该月份尚未结束或有未结的营业日"


class SumsDiffer(errors.Invalid):
    """The day rows do not add up to the slips."""

    code = "SUM_MISMATCH"
    zh = "营业明细与单据合计不符"


class CostsMissing(errors.FormInvalid):
    """Cost lines are missing; enter them, or confirm with a reason."""

    code = "REQUIRED"
    zh = "成本项目未填全,请补填,或填写原因后确认"


class EarlierMonthOpen(errors.Conflict):
    """An earlier month must be closed first."""

    zh = "请先结清更早的月份"


@dataclass(frozen=True, slots=True, kw_only=True)
class Computation:
    """What came of computing a month: where it stands, and what still keeps it."""

    month: date
    state: str
    revision: int
    gaps: months.Gaps


def compute_month(
    session: Session, *, month: date, actor: Actor, day: date, now: datetime
) -> Computation:
    """Fix a month's figures as a revision once it is over and all its days are closed.

    A job that finds gaps says so and leaves the month open; a person is refused. A month that is
    closed stays as it is; unchanged figures make no new revision.

    Units: `day` is the store's business day now.
    Locks: the marks of changed days, the months.
    Emits: MonthComputed, MonthBlocked.
    Raises: SumsDiffer; for a person also months.NoSuchMonth, MonthHasGaps and, when the month is
        closed, states.MonthNotThere.
    """
    if actor.authority is not Authority.JOB:
        rollup.roll_up_with(session, months=(), waiting_for=[month], now=now)
        months.get(session, month)  # the calendar begins a month without sales, people do not
        rollup.roll_up_with(session, months=[month], now=now)
    else:
        rollup.roll_up_with(session, months=[month], waiting_for=[month], now=now)
    (held,) = rollup.hold_months(session, [month], now=now)
    found = months.gaps(session, month, day=day)
    if actor.authority is not Authority.JOB:
        states.check_move(
            month=month, now_in=held.state, to=MonthState.COMPUTED, actor=actor, has_hq=True
        )
        _check_gaps(found, month)
    if held.state != MonthState.CLOSED and not found:
        _check_sums(session, month)
        counted = inputs.counts(session, month, is_over=True)
        rollup.revise(session, held, counted=counted, actor=actor, now=now)
    elif found.open_days and not found.is_running:
        publish(session, MonthBlocked(month=month, days=found.open_days))
    return Computation(month=month, state=held.state, revision=held.revision, gaps=found)


def review_month(
    session: Session, *, month: date, actor: Actor, now: datetime, acknowledged: str | None = None
) -> Month:
    """Sign a computed month as checked; `acknowledged` says why cost lines may be missing.

    Locks: the marks of changed days, the months.
    Emits: MonthReviewed.
    Raises: months.NoSuchMonth, states.MonthNotThere, CostsMissing, MonthHasGaps.
    """
    held = _up_to_date(session, month, now=now)
    states.check_move(
        month=month, now_in=held.state, to=MonthState.REVIEWED, actor=actor, has_hq=True
    )
    _check_closed_days(session, month)
    reason = (acknowledged or "").strip() or None
    missing = states.missing_costs(months.costs(session, month))
    if missing and reason is None:
        raise CostsMissing(
            month=month,
            problems=tuple(errors.problem(f"costs.{kind}", "REQUIRED") for kind in missing),
        )
    _move(
        session, held, to=MonthState.REVIEWED, actor=actor, now=now, why=states.Why(reason=reason)
    )
    publish(session, MonthReviewed(month=month, revision=held.revision))
    return held


def send_back(
    session: Session, *, month: date, reason: str | None, actor: Actor, now: datetime
) -> Month:
    """Take a month's review back, with the reason.

    Locks: the month.
    Emits: MonthSentBack.
    Raises: months.NoSuchMonth, states.MonthNotThere, states.ReasonMissing.
    """
    why = states.reason_given(reason)
    held = _held(session, month, now=now)
    if held.state != MonthState.REVIEWED:
        raise states.MonthNotThere(month=month, state=held.state)
    _move(session, held, to=MonthState.COMPUTED, actor=actor, now=now, why=states.Why(reason=why))
    publish(session, MonthSentBack(month=month))
    return held


def close_month(
    session: Session, *, month: date, actor: Actor, has_hq: bool, now: datetime
) -> Month:
    """Close a reviewed month: nothing of it can be recorded any more, its figures stand.

    A store with a headquarters waits for its word or for the 5th; months close oldest first.

    Locks: the receipts' month, the marks of changed days, the months.
    Emits: MonthClosed.
    Raises: months.NoSuchMonth, states.MonthNotThere (also for whoever comes second),
        states.HeadquartersDecides, EarlierMonthOpen, MonthHasGaps, SumsDiffer.
    """
    months.get(session, month)
    periods.close_period(session, month, now)
    record_months.close(session, month)
    held = _up_to_date(session, month, now=now)
    states.check_move(
        month=month, now_in=held.state, to=MonthState.CLOSED, actor=actor, has_hq=has_hq
    )
    if (earlier := months.earlier_never_closed(session, month)) is not None:
        raise EarlierMonthOpen(month=month, earlier=earlier)
    _check_closed_days(session, month)
    if checks.differing_days(session, days.days_of(month)):
        raise SumsDiffer(month=month)
    _move(session, held, to=MonthState.CLOSED, actor=actor, now=now)
    held.closed_at = now
    session.flush()  # the list of this transaction shows it
    publish(session, MonthClosed(month=month, revision=held.revision))
    return held


def close_due_month(session: Session, *, month: date, has_hq: bool, now: datetime) -> bool:
    """Close a month that nobody closed by the 5th, if it is reviewed and its turn; tell whether.

    Locks: as `close_month`.
    Emits: MonthClosed.
    Raises: SumsDiffer.
    """
    found = months.by_month(session, month)
    if found is None or found.state != MonthState.REVIEWED:
        return False
    if months.earlier_never_closed(session, month) is not None:
        return False
    if months.gaps(session, month, day=days.next_month(month)).open_days:
        return False
    close_month(session, month=month, actor=states.JOB, has_hq=has_hq, now=now)
    return True


def reopen_month(
    session: Session,
    *,
    month: date,
    why: states.Why,
    actor: Actor,
    has_hq: bool,
    now: datetime,
) -> Month:
    """Open a closed month for corrections; the closed revision stays readable.

    Until it is computed again as the next revision, the month shows its live figures (revision 0).

    Locks: the receipts' month, the month.
    Emits: MonthReopened.
    Raises: months.NoSuchMonth, states.MonthNotThere, states.HeadquartersDecides,
        states.ReasonMissing.
    """
    given = states.reopening_given(why)
    months.get(session, month)
    periods.reopen_period(session, month)
    record_months.reopen(session, month)
    held = _held(session, month, now=now)
    states.check_move(
        month=month, now_in=held.state, to=MonthState.REOPENED, actor=actor, has_hq=has_hq
    )
    _move(session, held, to=MonthState.REOPENED, actor=actor, now=now, why=given)
    held.stale = False
    rollup.refresh(session, held, actor=actor, now=now)
    publish(session, MonthReopened(month=month, revision=held.revision))
    return held


def _held(session: Session, month: date, *, now: datetime) -> Month:
    months.get(session, month)  # a month nobody ever touched is not made by looking at it
    (held,) = rollup.hold_months(session, [month], now=now)
    return held


def _up_to_date(session: Session, month: date, *, now: datetime) -> Month:
    months.get(session, month)
    rollup.roll_up_with(session, months=[month], waiting_for=[month], now=now)
    return _held(session, month, now=now)


def _check_gaps(found: months.Gaps, month: date) -> None:
    if found:
        raise MonthHasGaps(
            month=month,
            problems=tuple(
                errors.problem(
                    f"days.{open_day:%Y-%m-%d}",
                    "STATE",
                    zh=f"{open_day:%Y-%m-%d} 未日结",
                    en=f"{open_day:%Y-%m-%d} is not closed",
                )
                for open_day in found.open_days
            ),
        )


def _check_closed_days(session: Session, month: date) -> None:
    # the month was over when it was computed; only its days can have been opened since
    _check_gaps(months.gaps(session, month, day=days.next_month(month)), month)


def _check_sums(session: Session, month: date) -> None:
    # A slip that came between the rollup and this look left a mark, which another rollup may have
    # taken that now waits for the month we hold: its days are written here, and there once more.
    for _ in range(3):
        differing = checks.differing_days(session, days.days_of(month))
        if not differing:
            return
        if not (late := marks.marked(session, differing)):
            break
        rollup.write_days(session, late)
    raise SumsDiffer(month=month)


def _move(
    session: Session,
    held: Month,
    *,
    to: MonthState,
    actor: Actor,
    now: datetime,
    why: states.Why = states.NO_REASON,
) -> None:
    before = held.state
    held.state = to
    rollup.note_step(session, held, before=before, actor=actor, now=now, why=why)
