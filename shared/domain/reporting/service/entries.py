"""What the manager enters for a month: its costs, opening hours, closed days.

Form: F10 cost block; store file: opening hours per weekday, closed days (9.1).
"""

from collections.abc import Mapping
from datetime import date, datetime, time

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.reporting.events import DaysRolledUp
from shared.domain.reporting.models.months import Month, MonthCost
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import Actor, CostKind, MonthState
from shared.domain.reporting.service import rollup
from shared.events.jobs import publish
from shared.records.models import ClosedDay, OpeningHours

MAX_FEN = 10**12


class MonthClosedForEntries(errors.Conflict):
    """The month is closed; nothing of it can be changed."""

    code = "CLOSED_PERIOD"
    zh = "账期已结,不能修改"


def set_cost(
    session: Session, *, month: date, kind: CostKind, amount_fen: int, actor: Actor, now: datetime
) -> None:
    """Enter one cost line of a month; entered again, the last amount counts.

    A month that was computed already gets a new revision, a reviewed one must be reviewed again.

    Locks: the month.
    Emits: DaysRolledUp, MonthComputed.
    Raises: MonthClosedForEntries, errors.FormInvalid.
    """
    if not 0 <= amount_fen <= MAX_FEN:
        raise errors.FormInvalid(problems=(errors.problem("amount_fen", "RANGE"),))
    set_costs(session, month=month, amounts={kind: amount_fen}, actor=actor, now=now)


def set_costs(
    session: Session,
    *,
    month: date,
    amounts: Mapping[CostKind, int],
    actor: Actor,
    now: datetime,
) -> None:
    """Enter several cost lines of a month at once; the others stay as they are.

    Shape: kind -> fen.
    Locks: the month.
    Emits: DaysRolledUp, MonthComputed.
    Raises: MonthClosedForEntries, errors.FormInvalid.
    """
    wrong = [
        errors.problem(f"costs.{kind}", "RANGE")
        for kind, amount_fen in amounts.items()
        if not 0 <= amount_fen <= MAX_FEN
    ]
    if wrong:
        raise errors.FormInvalid(problems=tuple(wrong))
    held = _unclosed(session, month, now=now)
    if not amounts:
        return
    lines = [
        {"month": month, "kind": str(kind), "amount_fen": amount_fen}
        for kind, amount_fen in amounts.items()
    ]
    written = insert(MonthCost).values(lines)
    session.execute(
        written.on_conflict_do_update(
            index_elements=["month", "kind"], set_={"amount_fen": written.excluded.amount_fen}
        )
    )
    _follow(session, held, actor=actor, now=now)


def set_opening_hours(
    session: Session, *, hours: Mapping[int, tuple[time, time]], actor: Actor, now: datetime
) -> None:
    """Say on which weekdays the store opens, from when to when; none means every day.

    Shape: weekday (1 Monday .. 7 Sunday) -> opens, closes.
    Locks: the months that are not closed.
    Emits: DaysRolledUp, MonthComputed.
    Raises: errors.FormInvalid.
    """
    wrong = [
        errors.problem(f"hours.{weekday}", "DATE_ORDER" if 1 <= weekday <= 7 else "RANGE")
        for weekday, (opens, closes) in sorted(hours.items())
        if not 1 <= weekday <= 7 or closes <= opens
    ]
    if wrong:
        raise errors.FormInvalid(problems=tuple(wrong))
    unclosed = session.scalars(
        select(Month.month).where(Month.state != MonthState.CLOSED).order_by(Month.month)
    ).all()
    held = rollup.hold_months(session, unclosed, now=now)
    session.execute(delete(OpeningHours))
    for weekday, (opens, closes) in sorted(hours.items()):
        session.add(OpeningHours(weekday=weekday, opens_at=opens, closes_at=closes))
    session.flush()  # the open days are counted from the table
    for month in held:
        _follow(session, month, actor=actor, now=now)


def close_on(session: Session, *, day: date, reason: str, actor: Actor, now: datetime) -> None:
    """Note that the store stays shut on a day; said again, the last reason counts.

    Locks: the month.
    Emits: DaysRolledUp, MonthComputed.
    Raises: MonthClosedForEntries, states.ReasonMissing.
    """
    why = states.reason_given(reason)[:200]
    held = _unclosed(session, days.month_of(day), now=now)
    written = insert(ClosedDay).values(day=day, reason=why)
    session.execute(
        written.on_conflict_do_update(
            index_elements=["day"], set_={"reason": written.excluded.reason}
        )
    )
    _follow(session, held, actor=actor, now=now)


def open_on(session: Session, *, day: date, actor: Actor, now: datetime) -> None:
    """Take a closed day back.

    Locks: the month.
    Emits: DaysRolledUp, MonthComputed.
    Raises: MonthClosedForEntries.
    """
    held = _unclosed(session, days.month_of(day), now=now)
    session.execute(delete(ClosedDay).where(ClosedDay.day == day))
    _follow(session, held, actor=actor, now=now)


def _unclosed(session: Session, month: date, *, now: datetime) -> Month:
    (held,) = rollup.hold_months(session, [month], now=now)
    if held.state == MonthState.CLOSED:
        raise MonthClosedForEntries(month=month)
    return held


def _follow(session: Session, held: Month, *, actor: Actor, now: datetime) -> None:
    if rollup.refresh(session, held, actor=actor, now=now):
        publish(session, DaysRolledUp(months=(held.month,)))
