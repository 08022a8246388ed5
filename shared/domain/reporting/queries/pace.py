"""What a running month is likely to end with, and how it stands beside earlier months.

Form: F10 live view; its chart against last month and last year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import days
from shared.domain.reporting.models.days import DayItem
from shared.domain.reporting.rules import pace as rules
from shared.records import opening

LOOKED_BACK = timedelta(weeks=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A month's turnover added up day by day; up to today while it runs."""

    month: date
    sums_fen: Sequence[int]


def pace(session: Session, month: date, *, today: date) -> rules.Pace | None:
    """Estimate a running month's end on the store's business day; None for any other month.

    Units: today counts among the days to come, with what it has brought so far taken off.
    """
    if days.month_of(today) != month:
        return None
    since = today - LOOKED_BACK
    sold = _turnover(session, min(since, month), today)
    past = {
        day: sold.get(day, 0)
        for day in opening.open_days(session, since, today - timedelta(days=1))
    }
    to_come = opening.open_days(session, today, days.last_day(month))
    before_today = sum(fen for day, fen in sold.items() if month <= day < today)
    return rules.pace(before_today, past, to_come) if sold else None


def courses(session: Session, month: date, *, today: date) -> list[Course]:
    """Give the courses of a month, the month before, and the same month a year ago.

    Shape: a month without any turnover is left out.
    """
    asked = (month, days.previous_month(month), month.replace(year=month.year - 1))
    found = []
    for one in asked:
        sold = _turnover(session, one, days.last_day(one))
        if sold:
            shown = [day for day in days.days_of(one) if day <= today]
            found.append(
                Course(month=one, sums_fen=list(accumulate(sold.get(d, 0) for d in shown)))
            )
    return found


def _turnover(session: Session, first: date, last: date) -> dict[date, int]:
    rows = session.execute(
        select(DayItem.business_date, func.sum(DayItem.turnover_fen))
        .where(DayItem.business_date.between(first, last))
        .group_by(DayItem.business_date)
    )
    return {day: int(fen) for day, fen in rows}
