"""Numbers of forms: `F01-202506-0001`, without gaps within a month, never used twice.

Units: the month is that of the business date; a number is given in the transaction that keeps the
    form, so a refused form leaves no gap. The price: forms of one kind wait
    for each other until commit.
"""

from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.days import month_of
from shared.records.models import RecordNumber


def next_number(session: Session, *, form: str, day: date) -> str:
    """Give the next number of a form.

    Locks: the form's counter of the month.
    """
    counted = insert(RecordNumber).values(form=form, month=month_of(day), last_no=1)
    last_no = session.scalar(
        counted.on_conflict_do_update(
            index_elements=["form", "month"], set_={"last_no": RecordNumber.last_no + 1}
        ).returning(RecordNumber.last_no)
    )
    return f"{form}-{day:%Y%m}-{last_no:04d}"
