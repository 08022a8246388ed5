"""Guests graded, judged and greeted through the real wrapper: run twice, the rows are the same."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from shared.domain.customers.events import TellBirthdays
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.reporting.events import GradeGuests, JudgeActivity
from shared.records import service
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.records import editor, profile
from tests.factories.sales import new_item, new_sale
from tests.factories.tenants import new_person
from tests.workers.conftest import ask
from workers.schedules import SCHEDULES, Calendar, next_after, requests_of
from workers.testing import drain

JUNE = date(2025, 6, 1)
DAY = date(2025, 6, 30)


def furnish(store: Tenant) -> None:
    """Give a store a guest of a consultant, who came in May."""
    consultant = new_person((store, "CON"))
    with tenant_session(store) as session:
        typed = profile(consultant=str(consultant), birthday="1990-06-30", consent_marketing=True)
        guest = service.keep_new(session, PROFILES, typed=typed, by=editor())
        item = new_item(session)
        new_sale(session, (item.id, 200_00), day=date(2025, 5, 20), customer_id=guest.id)
        session.commit()


def rows(store: Tenant, *tables: str) -> dict[str, list[Any]]:
    """Read tables whole."""
    with tenant_session(store) as session:
        return {
            table: sorted(session.execute(text(f"SELECT t::text FROM {table} t")).scalars())
            for table in tables
        }


def test_grading_twice_gives_the_same_rows_and_no_second_message(store: Tenant) -> None:
    furnish(store)
    read = ("gradings", "customers", "record_numbers", "deliveries")
    ask(store, GradeGuests(month=date(2025, 5, 1)))
    drain(store)
    with tenant_session(store) as session:  # who was P last month is told of
        session.execute(text("UPDATE gradings SET grade = 'C'"))
        session.commit()
    ask(store, GradeGuests(month=JUNE))
    assert ("reporting.grade_guests", "done") in drain(store)
    once = rows(store, *read)

    ask(store, GradeGuests(month=JUNE))
    assert ("reporting.grade_guests", "done") in drain(store)

    assert rows(store, *read) == once
    assert len(once["gradings"]) == 2
    assert any("王小丽等级 C→A" in one for one in once["deliveries"])


def test_judging_a_day_twice_gives_the_same_rows_and_no_second_message(store: Tenant) -> None:
    furnish(store)
    for day in (date(2025, 6, 19), date(2025, 6, 20)):
        ask(store, JudgeActivity(day=day))
        assert ("reporting.judge_activity", "done") in drain(store)
    once = rows(store, "guest_activities", "customers", "deliveries")

    ask(store, JudgeActivity(day=date(2025, 6, 20)))
    drain(store)

    assert rows(store, "guest_activities", "customers", "deliveries") == once
    assert "COLD,2025-06-20" in once["guest_activities"][0]
    assert any("转为「冷却」" in one for one in once["deliveries"])


def test_a_birthday_is_told_to_the_consultant_and_greeted_once(store: Tenant) -> None:
    furnish(store)
    for day in (DAY - timedelta(days=7), DAY, DAY):
        ask(store, TellBirthdays(day=day))
        assert ("customers.tell_birthdays", "done") in drain(store)

    told = rows(store, "deliveries")["deliveries"]
    assert sum("祝您生日快乐" in one for one in told) == 1
    assert sum("生日06-30" in one for one in told) >= 1


def test_the_calendar_asks_for_it() -> None:
    calendar = Calendar(kind="store", time_zone="Asia/Shanghai", day_change_hour=4)
    by_id = {schedule.id: schedule for schedule in SCHEDULES}
    start = datetime(2025, 6, 30, 12, tzinfo=UTC)

    graded = next_after(by_id["J14"], calendar, start)
    judged = next_after(by_id["J06"], calendar, start)
    told = next_after(by_id["J08"], calendar, start)

    assert (graded.wall.isoformat(), judged.wall.isoformat()) == (
        "2025-07-01T05:30:00",
        "2025-07-01T07:00:00",
    )
    assert requests_of(by_id["J14"], graded) == (GradeGuests(month=JUNE),)
    assert requests_of(by_id["J06"], judged) == (JudgeActivity(day=date(2025, 7, 1)),)
    assert TellBirthdays(day=date(2025, 7, 1)) in requests_of(by_id["J08"], told)
