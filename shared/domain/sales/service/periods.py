"""Months that are open or closed, and days whose figures changed.

Units: whoever records holds the month's row, so that a month cannot close under a receipt.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import Date, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from shared import errors
from shared.days import last_day
from shared.domain.sales.models.cash import ChangedDay, SalesMonth


class PeriodClosed(errors.Conflict):
    """The month is closed; nothing of it can be changed."""

    code = "CLOSED_PERIOD"
    zh = "账期已结,不能修改"


# DO UPDATE, not DO NOTHING: the mark stays locked until commit, so a rollup that runs meanwhile
# skips it and the next one sees what was written. Ordered, so that nobody waits crosswise.
_MARK = text(
    """
    INSERT INTO changed_days (business_date, marked_at)
    SELECT day, :now FROM unnest(:days) AS day ORDER BY day
    ON CONFLICT (business_date) DO UPDATE SET marked_at = excluded.marked_at
    """
).bindparams(bindparam("days", type_=ARRAY(Date)))


_TAKE = text(
    """
    WITH oldest AS (
        SELECT business_date FROM changed_days
        ORDER BY business_date LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    DELETE FROM changed_days c USING oldest WHERE c.business_date = oldest.business_date
    RETURNING c.business_date
    """
)


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


def mark_changed(session: Session, days: Iterable[date], *, now: datetime) -> None:
    """Mark business days whose figures must be computed again.

    Locks: the marks, by day, until commit.
    """
    marked = sorted(set(days))
    if marked:
        session.execute(_MARK, {"days": marked, "now": now})


def take_changed_days(
    session: Session, limit: int, *, waiting_for: Collection[date] = ()
) -> list[date]:
    """Take some marked days, oldest first; a mark that somebody is writing now is left for later.

    Marks of the months `waiting_for` are waited for: who fixes a month must not overtake a rollup
    that has taken its marks and not yet written its days.
    Locks: the marks taken, which are deleted.
    """
    for month in sorted(waiting_for):
        session.execute(
            select(ChangedDay.business_date)
            .where(ChangedDay.business_date.between(month, last_day(month)))
            .order_by(ChangedDay.business_date)
            .with_for_update()
        )
    return sorted(session.execute(_TAKE, {"limit": limit}).scalars())


def _held_month(session: Session, month: date) -> SalesMonth | None:
    return session.scalars(
        select(SalesMonth)
        .where(SalesMonth.month == month)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
