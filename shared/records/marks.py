"""Marks of business days whose figures must be computed again; whatever moves a figure sets one.

Units: a mark and what moved the figure are one transaction, so a rollup misses neither.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import Date, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from shared.days import last_day
from shared.records.models import ChangedDay

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


def mark_changed(session: Session, days: Iterable[date], *, now: datetime) -> None:
    """Mark business days whose figures must be computed again.

    Locks: the marks, by day, until commit.
    """
    marked = sorted(set(days))
    if marked:
        session.execute(_MARK, {"days": marked, "now": now})


def marked(session: Session, days: Collection[date]) -> list[date]:
    """Tell which of these days are marked, also by a mark that somebody is about to take."""
    of_days = ChangedDay.business_date.in_(days)
    return sorted(session.scalars(select(ChangedDay.business_date).where(of_days)))


def take(session: Session, limit: int, *, waiting_for: Collection[date] = ()) -> list[date]:
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
