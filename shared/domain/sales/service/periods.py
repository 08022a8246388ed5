"""Months that are open or closed for receipts.

Units: whoever records holds the month's row, so that a month cannot close under a receipt.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.sales.models.cash import SalesMonth


class PeriodClosed(errors.Conflict):
    """The month is closed; nothing of it can be changed."""

    code = "CLOSED_PERIOD"
    zh = "账期已结,不能修改"


def lock_month(session: Session, month: date) -> SalesMonth:
    """Hold a month's receipt counter, made on first use.

    Locks: the month.
    """
    held = _held_month(session, month)
    if held is None:
        opened = insert(SalesMonth).values(month=month, last_no=0)
        session.execute(opened.on_conflict_do_nothing(index_elements=["month"]))
        held = _held_month(session, month)
        assert held is not None  # just inserted, by us or by who was faster
    return held


def lock_open_month(session: Session, month: date) -> SalesMonth:
    """Hold a month that may still be changed.

    Locks: the month.
    Raises: PeriodClosed.
    """
    held = lock_month(session, month)
    if held.closed_at is not None:
        closed = errors.problem("business_date", "CLOSED_PERIOD")
        raise PeriodClosed(month=month, problems=(closed,))
    return held


def close_period(session: Session, month: date, now: datetime) -> None:
    """Close a month for receipts and cash; closing it again changes nothing.

    Locks: the month.
    """
    held = lock_month(session, month)
    held.closed_at = held.closed_at or now
    session.flush()  # later statements of this transaction ask the table


def reopen_period(session: Session, month: date) -> None:
    """Open a closed month for corrections.

    Locks: the month.
    """
    lock_month(session, month).closed_at = None
    session.flush()  # later statements of this transaction ask the table


def _held_month(session: Session, month: date) -> SalesMonth | None:
    return session.scalars(
        select(SalesMonth)
        .where(SalesMonth.month == month)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
