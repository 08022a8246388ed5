"""Have guests graded and judged with the figures that the customers cannot know.

Form: J06, J14.
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from shared import days
from shared.domain.customers.service import activity, grading
from shared.domain.reporting.queries import guests


def grade_guests(session: Session, *, month: date, now: datetime) -> int:
    """Grade all guests as of a month's last day; gives how many (J14).

    Emits: as `grading.grade`.
    """
    as_of = days.last_day(month)
    return grading.grade(
        session,
        figures=guests.figures(session, on=as_of),
        as_of=as_of,
        limits=activity.limits_at(session, now),
        now=now,
    )


def judge_activity(session: Session, *, day: date, now: datetime) -> int:
    """Judge how active all guests are on a day; gives how many came ever (J06).

    Emits: as `activity.judge`.
    """
    return activity.judge(
        session,
        figures=guests.figures(session, on=day),
        on=day,
        limits=activity.limits_at(session, now),
    )


def note_visits(session: Session, visits: Mapping[int, date]) -> None:
    """Keep on the profiles who came on changed days, so that lists know before the morning.

    Shape: customer id -> the last of those days.
    Units: only forward; the morning's judging sets right what was taken back.
    """
    activity.note_last_visits(session, visits, only_later=True)
