"""Hold a cash day: opened by whatever touches it first, refused once it is closed."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.sales.models.cash import CashDay
from shared.domain.sales.queries import cash
from shared.domain.sales.rules.kinds import DayState
from shared.errors import Problem, problem


class CashDayClosed(errors.Conflict):
    """The cash day is already closed; a late slip becomes a correction in an open day."""

    code = "STATE"
    zh = "现金日报已结，不能再记"


class AlreadySubmitted(errors.Conflict):
    """The count was handed in already; the manager closes the day or sends it back."""

    zh = "点钞已提交,等待店长审核"


def lock_day(session: Session, day: date, *, now: datetime) -> CashDay:
    """Hold a cash day, opened now if nobody did before; it carries on what lies in the drawer.

    Locks: the cash day.
    """
    held = cash.cash_day_for_update(session, day)
    if held is not None:
        return held
    opened = {"business_date": day, "state": DayState.OPEN, "opened_at": now, "bank_deposit_fen": 0}
    session.execute(
        insert(CashDay).values(opened).on_conflict_do_nothing(index_elements=["business_date"])
    )
    held = cash.cash_day_for_update(session, day)
    assert held is not None  # just inserted, by us or by who was faster
    return held


def lock_open_day(session: Session, day: date, *, now: datetime) -> CashDay:
    """Hold a cash day that may still be changed.

    Locks: the cash day.
    Raises: CashDayClosed, which tells who closed it and when.
    """
    return still_open(lock_day(session, day, now=now))


def still_open(held: CashDay) -> CashDay:
    """Give a held cash day back if it may still be changed.

    Raises: CashDayClosed, which tells who closed it and when.
    """
    if held.state == DayState.CLOSED:
        raise CashDayClosed(
            day=held.business_date,
            by=held.closed_by,
            at=held.closed_at,
            problems=(closed_problem(),),
        )
    return held


def closed_problem() -> Problem:
    """Say that the cash day of a form is closed."""
    return problem("business_date", "STATE", zh=CashDayClosed.zh, en="the cash day is closed")
