"""F02, J06, J14: guests graded and judged from what they bought; grades set by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.db.tenant_settings import change_setting
from shared.domain.customers.models import Customer, Grading
from shared.domain.customers.service import (
    activity,
    grading,
    merging,
    overriding,
    summing,
    watching,
)
from shared.domain.customers.service.grading import GuestFigures
from shared.domain.customers.service.overriding import NotGradedYet
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.reporting.service import guests
from shared.errors import FormInvalid
from shared.records import periods, queries, service
from tests.factories.records import ANNA, BERTA, editor, profile
from tests.factories.reporting import roll_up
from tests.factories.sales import new_customer, new_item, new_sale

JUNE, END = date(2025, 6, 1), date(2025, 6, 30)
NOW = datetime(2025, 6, 30, 21, 30, tzinfo=UTC)  # half past five of the first of July
PHONES = iter(range(13900000000, 13900009999))


def guest(session: Session, name: str = "王丽", **more: Any) -> int:
    """Keep a profile of somebody whose consultant is Berta; gives the id."""
    typed = profile(name=name, phone=str(next(PHONES)), **more)
    return int(service.keep_new(session, PROFILES, typed=typed, by=editor()).id)


def buy(session: Session, customer_id: int, yuan: int, day: date = END) -> None:
    """Sell somebody a treatment."""
    item = new_item(session)
    new_sale(session, (item.id, yuan * 100), day=day, customer_id=customer_id)


def grade(session: Session, month: date = JUNE) -> dict[int, Grading]:
    """Grade a month; gives the rows by guest."""
    guests.grade_guests(session, month=month, now=NOW)
    session.expire_all()
    as_of = periods.month_of(month + timedelta(days=31)) - timedelta(days=1)
    return {row.customer: row for row in session.scalars(select(Grading).filter_by(as_of=as_of))}


def jobs(session: Session, event_name: str) -> list[Any]:
    """List the notices of an event, as published."""
    found = session.execute(
        text("SELECT args FROM ops.job WHERE kind = 'notifications.notify' ORDER BY id")
    ).scalars()
    return [args for args in found if args["event"] == event_name]


def by_hand(session: Session, customer_id: int, wanted: str, until: date) -> Grading:
    """Set a grade by hand as Anna."""
    new = {"grade": wanted, "reason": "老板的朋友", "until": until}
    return overriding.set_by_hand(session, customer_id=customer_id, new=new, by=editor(now=NOW))


def test_guests_are_graded_by_what_they_bought_in_twelve_months(store_session: Session) -> None:
    key, ordinary, once, prospect = (guest(store_session, name) for name in "甲乙丙丁")
    buy(store_session, key, 8000, END - timedelta(days=3))
    buy(store_session, ordinary, 1500, END - timedelta(days=40))
    buy(store_session, once, 500, END - timedelta(days=200))
    buy(store_session, once, 9000, date(2024, 6, 30))  # a day too early to count

    rows = grade(store_session)

    told = {
        one: (row.grade, row.rfm, row.segment, row.activity, row.visits_12m)
        for one, row in rows.items()
    }
    assert told == {
        key: ("A", "513", "HLH", "ACTIVE", 1),
        ordinary: ("B", "312", "LLL", "COLD", 1),
        once: ("C", "111", "LLL", "LOST", 1),
        prospect: ("P", None, None, None, 0),
    }
    assert rows[ordinary].share_before == rows[key].share
    assert [rows[one].contact_cycle for one in (key, ordinary, once, prospect)] == [7, 14, 30, 30]
    assert rows[key].next_contact == END + timedelta(days=4)
    assert rows[prospect].next_contact == END + timedelta(days=1)
    assert rows[key].number == "F02-202506-0001"
    assert store_session.get(Customer, ordinary).grade == "B"  # type: ignore[union-attr]
    assert overriding.explained(rows[key])[0].endswith("→ A")


def test_two_profiles_of_one_person_count_as_one(store_session: Session) -> None:
    kept, gone = guest(store_session, "甲"), guest(store_session, "甲")
    buy(store_session, kept, 100)
    buy(store_session, gone, 200)
    before = grade(store_session)
    assert {row.state for row in before.values()} == {"SUBMITTED"}

    merging.merge(store_session, kept_id=kept, gone_id=gone, reason="同一人", by=editor())
    rows = grade(store_session)

    assert (rows[kept].spend_12m_fen, rows[kept].visits_12m) == (300_00, 1)
    assert rows[gone].state == "VOID"
    assert sum(one.guests for one in summing.summary(store_session, END)) == 1


def test_a_closed_month_keeps_its_rows_until_it_is_reopened(store_session: Session) -> None:
    one = guest(store_session)
    grade(store_session)
    periods.close(store_session, JUNE)
    buy(store_session, one, 100, END)  # recorded late, by an import say

    assert grade(store_session)[one].grade == "P"

    periods.reopen(store_session, JUNE)
    assert grade(store_session)[one].grade == "A"


def test_a_changed_grade_is_told_once_and_summed_up(store_session: Session) -> None:
    one, other = guest(store_session), guest(store_session)
    buy(store_session, one, 1200, date(2025, 5, 1))
    buy(store_session, other, 100, date(2025, 5, 1))
    grade(store_session, date(2025, 5, 1))
    assert jobs(store_session, "grade.changed") == []  # nobody had a grade before

    buy(store_session, other, 8000)
    rows = grade(store_session)

    assert (rows[one].moved, rows[other].moved) == ("DOWN", "UP")
    told = {args["key"]: args for args in jobs(store_session, "grade.changed")}
    assert set(told) == {f"{one}/2025-06-30", f"{other}/2025-06-30"}
    assert told[f"{other}/2025-06-30"]["facts"] == {"old": "C", "new": "A"}
    assert told[f"{other}/2025-06-30"]["to_people"] == [str(BERTA)]
    block = {found.grade: found for found in summing.summary(store_session, END)}
    assert (block["A"].moved_up, block["B"].moved_down, block["P"].guests) == (1, 1, 0)
    assert block["A"].spend_fen == 8100_00
    assert summing.gradings(store_session) == [END, date(2025, 5, 31)]
    nobody = summing.summary(store_session, END, own_of=ANNA)
    assert [found.guests for found in nobody] == [0, 0, 0, 0]


def test_a_manager_sets_a_grade_by_hand_until_a_day(store_session: Session) -> None:
    rich, poor = guest(store_session), guest(store_session)
    buy(store_session, rich, 9900)
    buy(store_session, poor, 100)
    grade(store_session)

    row = by_hand(store_session, poor, "A", date(2025, 8, 1))

    assert (row.grade, row.computed_grade, row.moved, row.version) == ("A", "C", None, 2)
    assert (row.contact_cycle, row.next_contact) == (7, END + timedelta(days=7))
    assert store_session.get(Customer, poor).grade == "A"  # type: ignore[union-attr]
    (change,) = queries.history(store_session, grading.GRADINGS, row.id)
    assert change.action == "OVERRIDE"
    assert change.values["grade"] == ("C", "A")
    assert change.values["override_reason"] == (None, "老板的朋友")
    assert [args["facts"] for args in jobs(store_session, "grade.changed")] == [
        {"old": "C", "new": "A"}
    ]
    # a rerun keeps it, the next month carries it, the month after its end forgets it
    assert grade(store_session)[poor].override_grade == "A"
    assert grade(store_session, date(2025, 7, 1))[poor].grade == "A"
    august = grade(store_session, date(2025, 8, 1))[poor]
    assert (august.grade, august.override_grade, august.moved) == ("C", None, "DOWN")


def test_a_grade_set_by_hand_is_taken_back_and_stays_so(store_session: Session) -> None:
    one = guest(store_session)
    grade(store_session)
    by_hand(store_session, one, "B", date(2025, 12, 1))

    row = overriding.take_back(store_session, customer_id=one, by=editor(now=NOW))

    assert (row.grade, row.override_grade, row.override_reason) == ("P", None, None)
    assert grade(store_session)[one].grade == "P"


def test_what_may_not_be_set_by_hand(store_session: Session) -> None:
    one, walk_in = guest(store_session), new_customer(store_session, "路人").id
    with pytest.raises(NotGradedYet):
        by_hand(store_session, one, "A", END)
    buy(store_session, one, 100)
    grade(store_session)

    for wanted, until, refused in (
        ("P", END + timedelta(days=30), {("grade", "RANGE")}),
        ("P", date(2026, 1, 2), {("grade", "RANGE"), ("until", "RANGE")}),
        ("B", date(2025, 6, 30), {("until", "RANGE")}),  # yesterday
    ):
        with pytest.raises(FormInvalid) as error:
            by_hand(store_session, one, wanted, until)
        assert {(found.field, found.code) for found in error.value.problems} == refused
    with pytest.raises(FormInvalid) as error:
        by_hand(store_session, walk_in, "A", END + timedelta(days=30))
    assert [found.code for found in error.value.problems] == ["REQUIRED"]  # nobody looks after him
    with pytest.raises(IntegrityError, match="ck_gradings_paying"):
        store_session.execute(
            text("UPDATE gradings SET override_grade = 'P', override_until = '2025-07-01'")
        )


def test_a_paying_guest_does_not_stay_potential_by_hand(store_session: Session) -> None:
    one = guest(store_session)
    grade(store_session)
    by_hand(store_session, one, "P", date(2025, 9, 1))
    buy(store_session, one, 100, date(2025, 7, 5))

    row = grade(store_session, date(2025, 7, 1))[one]

    assert (row.grade, row.override_grade) == ("A", None)


def test_activity_is_judged_each_day_and_told_when_it_changes(store_session: Session) -> None:
    one = guest(store_session)
    buy(store_session, one, 900, END - timedelta(days=30))
    for day, state in ((END, "ACTIVE"), (END + timedelta(days=1), "COLD")):
        guests.judge_activity(store_session, day=day, now=NOW)
        guests.judge_activity(store_session, day=day, now=NOW)
        store_session.expire_all()
        found = activity.standing(store_session, one)
        assert found is not None
        assert (found.state, found.judged_on) == (state, day)

    assert found.since == END + timedelta(days=1)
    assert found.at_risk_fen == 900_00 * 31 // 180
    (told,) = jobs(store_session, "customer.activity")
    assert told["facts"] == {"state": "冷却", "days": "31"}
    assert told["key"] == f"{one}/COLD/2025-07-01"
    assert told["to_people"] == [str(BERTA)]
    assert store_session.get(Customer, one).last_visit == END - timedelta(days=30)  # type: ignore[union-attr]
    # a day caught up late does not turn the clock back
    guests.judge_activity(store_session, day=END, now=NOW)
    assert found.state == "COLD"


def test_the_setting_moves_the_bounds(store_session: Session) -> None:
    one = guest(store_session)
    buy(store_session, one, 900, END - timedelta(days=11))
    change_setting(store_session, "activity_days", {"cold": 10}, by=ANNA, now=NOW)
    guests.judge_activity(store_session, day=END, now=NOW)
    assert activity.standing(store_session, one).state == "COLD"  # type: ignore[union-attr]


def test_who_stays_away_is_listed_by_value_at_risk(store_session: Session) -> None:
    days = {60: 1000, 100: 900, 20: 5000, 300: 200}
    ids = {}
    for away, yuan in days.items():
        ids[away] = guest(store_session, f"离开{away}")
        buy(store_session, ids[away], yuan, END - timedelta(days=away))
    guests.judge_activity(store_session, day=END, now=NOW)

    first = activity.lapsing(store_session, activity.Lapse(limit=2))
    last = first[-1][1]
    after = (last.at_risk_fen, last.customer)
    then = activity.lapsing(store_session, activity.Lapse(limit=2, after=after))

    assert [row[0].id for row in (*first, *then)] == [ids[100], ids[60], ids[300]]
    assert activity.lapsing(store_session, activity.Lapse(own_of=ANNA)) == []
    assert len(activity.lapsing(store_session, activity.Lapse(own_of=BERTA))) == 3
    counts = {one.state: one.guests for one in activity.counted(store_session, activity.Lapse())}
    assert counts == {
        "ACTIVE": 1, "WATCH": 0, "COLD": 1, "HANDOVER": 0, "DORMANT": 1, "LOST": 1,
    }  # fmt: skip


def test_a_visit_shows_with_the_rollup_already(store_session: Session) -> None:
    one = guest(store_session)
    buy(store_session, one, 100, date(2025, 6, 10))
    roll_up(store_session)
    store_session.expire_all()
    assert store_session.get(Customer, one).last_visit == date(2025, 6, 10)  # type: ignore[union-attr]


def test_birthdays_are_told_a_week_ahead_and_on_the_day(store_session: Session) -> None:
    today, ahead = (
        guest(store_session, birthday="1990-06-30"),
        guest(store_session, birthday="--07-07"),
    )
    guest(store_session, birthday="--07-08")

    watching.tell_birthdays(store_session, day=END)

    told = {args["key"]: args for args in jobs(store_session, "customer.birthday")}
    assert set(told) == {f"{today}/2025-06-30/0", f"{ahead}/2025-07-07/7"}
    assert told[f"{today}/2025-06-30/0"]["to_customer_id"] == today
    assert told[f"{ahead}/2025-07-07/7"]["to_customer_id"] is None
    assert told[f"{ahead}/2025-07-07/7"]["facts"] == {"date": "07-07"}


def test_ten_thousand_guests_are_graded_and_judged_in_few_statements(
    store_session: Session,
) -> None:
    many = 10_000
    rows = [{"number": f"K{n}", "name": f"K{n}", "created_at": NOW} for n in range(many)]
    ids = list(store_session.scalars(insert(Customer).returning(Customer.id), rows))
    figures = [
        GuestFigures(
            customer_id=one, spend_12m_fen=n * 100, spend_365_fen=n * 100, visits_12m=1,
            visits_180=1, last_visit=END - timedelta(days=n % 200),
        )
        for n, one in enumerate(ids)
    ]  # fmt: skip
    sent: list[str] = []
    engine = store_session.get_bind()

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        limits = activity.limits_at(store_session, NOW)
        graded = grading.grade(store_session, figures=figures, as_of=END, limits=limits, now=NOW)
        for_grades = len(sent)
        judged = activity.judge(store_session, figures=figures, on=END, limits=limits)
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert (graded, judged) == (many, many)
    assert for_grades <= 9
    assert len(sent) - for_grades <= 6
