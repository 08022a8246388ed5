"""Numbers of forms: `F01-202506-0001`, without gaps within a month, never used twice.

Units: the month is that of the business date; a number is given in the transaction that keeps the
    form, so a refused form leaves no gap. The price: forms of one kind wait
    for each other until commit.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.days import month_of
from shared.records.models import RecordNumber


def take(session: Session, *, form: str, days: Sequence[date]) -> list[str]:
    """Give forms of these days their numbers, in their order: a block for each month.

    Locks: the form's counters of those months, the oldest first.
    """
    left = {
        month: iter(_block(session, form, month, pieces))
        for month, pieces in sorted(Counter(month_of(day) for day in days).items())
    }
    return [f"{form}-{day:%Y%m}-{next(left[month_of(day)]):04d}" for day in days]


def _block(session: Session, form: str, month: date, pieces: int) -> range:
    counted = insert(RecordNumber).values(form=form, month=month, last_no=pieces)
    last_no = session.scalars(
        counted.on_conflict_do_update(
            index_elements=["form", "month"], set_={"last_no": RecordNumber.last_no + pieces}
        ).returning(RecordNumber.last_no)
    ).one()
    return range(last_no - pieces + 1, last_no + 1)
