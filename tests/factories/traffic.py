"""Arrivals of whole weeks, for tests."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.rules.visits import VisitStage
from shared.records.models import OpeningHours
from tests import golden
from tests.factories.sales import new_customer

_numbers = count(1)
ZONE = "Asia/Shanghai"
MONDAY = date(2025, 6, 2)  # the first week's
WEEKDAYS = {"Wed": 3, "Sat": 6, "Sun": 7}


def arrive(
    session: Session, day: date, hour: int, *, customer_id: int | None = None, zone: str = ZONE
) -> Visit:
    """Let a guest come at half past an hour of the store's clock, and leave again."""
    at = datetime.combine(day, time(hour, 30), ZoneInfo(zone))
    return came(session, day, at, customer_id=customer_id)


def came(session: Session, day: date, at: datetime, *, customer_id: int | None = None) -> Visit:
    """Note the visit of a guest who came at an instant."""
    who = customer_id or new_customer(session).id
    visit = Visit(
        number=f"T{next(_numbers):07d}",
        business_date=day,
        customer_id=who,
        stage=VisitStage.LEFT,
        planned_at=at,
        arrived_at=at,
        left_at=at,
    )
    session.add(visit)
    session.flush()
    return visit


def open_from(session: Session, weekdays: Iterable[int], opens: int, closes: int) -> None:
    """Let the store open at full hours on some weekdays."""
    session.add_all(
        OpeningHours(weekday=one, opens_at=time(opens), closes_at=time(closes)) for one in weekdays
    )
    session.flush()


def worked_weeks(session: Session, *, times: int = 1) -> date:
    """Let the guests of the specification's example come, its two weeks `times` over.

    Shape: gives the last Sunday.
    """
    open_from(session, WEEKDAYS.values(), 14, 16)
    for turn in range(times):
        for row in golden.table("G-HEAT-1"):
            for week in (1, 2):
                ahead = 7 * (2 * turn + week - 1) + WEEKDAYS[row["weekday"]] - 1
                for _guest in range(int(row[f"week{week}"])):
                    arrive(session, MONDAY + timedelta(days=ahead), int(row["hour"]))
    return MONDAY + timedelta(days=14 * times - 1)
