"""The heat map of real visits: the worked example, filters, zones, weeks nobody counted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.rules.visits import Line, PayBy
from shared.domain.catalog.rules import Category
from shared.domain.reporting.rules.figures import rounded
from shared.domain.traffic.queries import heat
from shared.domain.traffic.rules.heat import Mark
from shared.records.models import ClosedDay
from tests import golden
from tests.factories import records, traffic, visits
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.traffic import MONDAY, WEEKDAYS, ZONE, arrive, came, open_from, worked_weeks

WEEK = timedelta(days=7)


def asked(last: date, weeks: int = 4, **more: Any) -> heat.Asked:
    return heat.Asked(last=last, weeks=weeks, **{"zone": ZONE, **more})


def cell(name: str) -> tuple[int, int]:
    return WEEKDAYS[name[:3]], int(name[3:])


def treat_for_an_hour(session: Session) -> None:
    """Let one of the example's arrivals be a treatment of sixty minutes."""
    taken = session.query(Visit).filter_by(business_date=MONDAY + timedelta(days=5)).first()
    assert taken is not None
    item = new_item(session)
    now = taken.arrived_at
    _visit, card = visits.begun(
        session, Line(item_id=item.id, pay_by=PayBy.GIFT), by=records.editor(now=now)
    )
    visits.sign(session, card, by=visits.later(records.editor(now=now), 60))
    session.delete(taken)
    session.flush()


def test_the_worked_weeks_have_their_cells_and_people(store_session: Session) -> None:
    last = worked_weeks(store_session)
    treat_for_an_hour(store_session)
    expected = golden.example("G-HEAT-1")["expected"]

    found = heat.traffic(store_session, asked(last))

    assert (found.first, found.weeks, found.arrivals, found.pace.minutes) == (MONDAY, 2, 24, 60)
    assert found.heat.base is not None
    assert str(rounded(found.heat.base)) == expected["base"]
    assert {name: found.heat.cells[cell(name)].suggested for name in expected["suggested"]} == (
        expected["suggested"]
    )
    assert found.heat.cells.keys() == {cell(name) for name in expected["cells"]}
    for name, average in expected["cells"].items():
        assert str(rounded(found.heat.cells[cell(name)].average)) == average
    assert found.is_small
    assert {one.mark for one in found.heat.cells.values()} == {None}
    assert found.windows == []


def test_with_four_weeks_they_have_their_marks_and_the_window(store_session: Session) -> None:
    last = worked_weeks(store_session, times=2)
    treat_for_an_hour(store_session)
    expected = golden.example("G-HEAT-1")["expected"]

    found = heat.traffic(store_session, asked(last))

    assert not found.is_small
    for mark, names in ((Mark.PEAK, expected["peak"]), (Mark.SLACK, expected["slack"])):
        marked = [hour for hour, one in found.heat.cells.items() if one.mark is mark]
        assert marked == [cell(name) for name in names]
    (window,) = found.windows
    assert (window.weekday, window.first, window.until, window.free_minutes) == (3, 14, 16, 210)


def test_nobody_is_suggested_while_no_treatment_was_timed(store_session: Session) -> None:
    last = worked_weeks(store_session, times=2)
    found = heat.traffic(store_session, asked(last))
    assert found.pace.minutes is None
    assert {one.suggested for one in found.heat.cells.values()} == {None}
    assert [window.free_minutes for window in found.windows] == [None]


def test_every_cell_is_the_arrivals_behind_it(store_session: Session) -> None:
    last = worked_weeks(store_session)
    arrive(store_session, last, 22)  # outside the hours
    wanted = asked(last)

    found = heat.traffic(store_session, wanted)

    for (weekday, hour), one in found.heat.cells.items():
        behind = heat.behind(store_session, wanted, weekday=weekday, hour=hour)
        assert behind.count == len(behind.rows) == one.arrivals
        assert {row.business_date.isoweekday() for row in behind.rows} <= {weekday}
    assert heat.behind(store_session, wanted).count == found.arrivals
    assert not found.heat.cells[7, 22].is_open


def test_a_day_on_which_the_store_stays_shut_is_no_open_day(store_session: Session) -> None:
    last = worked_weeks(store_session)
    store_session.add(ClosedDay(day=last, reason="装修"))
    store_session.flush()
    found = heat.traffic(store_session, asked(last))
    assert found.open_days == {3: 2, 6: 2, 7: 1}
    assert found.heat.cells[7, 14].average == 5


def test_filters_part_the_arrivals(store_session: Session) -> None:
    day, last = MONDAY, MONDAY + timedelta(days=6)
    regular = new_customer(store_session)
    arrive(store_session, day - WEEK, 10, customer_id=regular.id)
    arrive(store_session, day, 10, customer_id=regular.id)
    known = new_customer(store_session)
    bought = new_item(store_session)
    new_sale(store_session, (bought.id, 1_00), day=day - WEEK, customer_id=known.id)
    arrive(store_session, day, 11, customer_id=known.id)  # paid before there were visits
    arrive(store_session, day, 12)
    by = records.editor(now=datetime(2025, 6, 3, 6, 0, tzinfo=UTC))
    body = new_item(store_session, category=Category.BODY)
    visits.quoted(store_session, visits.single(body.id), by=by)

    def counted(**more: Any) -> int:
        return heat.traffic(store_session, asked(last, **more)).arrivals

    assert (counted(), counted(weeks=1)) == (5, 4)
    assert (counted(weeks=1, is_new=True), counted(weeks=1, is_new=False)) == (2, 2)
    assert (counted(category="BODY"), counted(category="FACIAL")) == (1, 0)
    assert (counted(channel="WALKIN"), counted(channel="PHONE")) == (5, 0)
    assert counted(own_of=records.BERTA) == 0
    regular.consultant = records.BERTA
    store_session.flush()
    assert counted(own_of=records.BERTA) == 2


def test_a_merged_profile_is_one_guest_and_not_new_again(store_session: Session) -> None:
    kept, gone = new_customer(store_session), new_customer(store_session)
    arrive(store_session, MONDAY, 10, customer_id=kept.id)
    arrive(store_session, MONDAY + WEEK, 10, customer_id=gone.id)
    gone.merged_into, gone.state = kept.id, "VOID"
    store_session.flush()
    found = heat.behind(store_session, asked(MONDAY + 2 * WEEK - timedelta(days=1)))
    assert [(row.customer_id, row.is_new) for row in found.rows] == [
        (kept.id, False), (kept.id, True),
    ]  # fmt: skip


def test_a_doubled_hour_is_one_cell_and_a_missing_one_none(store_session: Session) -> None:
    berlin = "Europe/Berlin"
    open_from(store_session, [7], 1, 5)
    autumn = date(2025, 10, 26)
    for utc in (0, 1):  # 2:30 by the clock, twice
        at = datetime(2025, 10, 26, utc, 30, tzinfo=UTC)
        came(store_session, autumn, at)
    found = heat.traffic(store_session, asked(autumn, zone=berlin))
    assert found.heat.cells[7, 2].arrivals == 2
    assert [hour for _day, hour in found.heat.cells] == [1, 2, 3, 4]

    spring = date(2026, 3, 29)  # a single counted Sunday, on which 2:00 to 3:00 is missing
    store_session.query(Visit).delete()
    arrive(store_session, spring, 3, zone=berlin)
    found = heat.traffic(store_session, asked(spring, zone=berlin))
    assert [hour for _day, hour in found.heat.cells] == [1, 3, 4]


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (None, date(2025, 6, 8)),
        (date(2025, 6, 8), date(2025, 6, 8)),
        (date(2025, 6, 7), date(2025, 6, 1)),
        (date(2025, 12, 31), date(2025, 6, 8)),
    ],
)
def test_a_range_ends_with_a_week_that_is_over(day: date | None, last: date) -> None:
    assert heat.last_sunday(day, today=date(2025, 6, 10)) == last
    assert heat.last_sunday(date(2025, 6, 15), today=date(2025, 6, 15)) == date(2025, 6, 8)


def test_the_sample_day_counts_three_arrivals(store_session: Session) -> None:
    """Specification 14, step 8: 13:58, 15:30, and 16:10, who only complains."""
    open_from(store_session, range(1, 8), 10, 20)
    tuesday = date(2025, 6, 10)
    for hour, minute in ((13, 58), (15, 30), (16, 10)):
        at = datetime(2025, 6, 10, hour - 8, minute, tzinfo=UTC)
        traffic.came(store_session, tuesday, at)
    found = heat.traffic(store_session, asked(date(2025, 6, 15)))
    counted = {hour: one.arrivals for hour, one in found.heat.cells.items() if one.arrivals}
    assert counted == {(2, 13): 1, (2, 15): 1, (2, 16): 1}


def test_before_the_first_arrival_there_is_nothing_to_count(store_session: Session) -> None:
    found = heat.traffic(store_session, asked(MONDAY - timedelta(days=1)))
    assert (found.weeks, found.arrivals, found.hours, found.is_small) == (0, 0, [], True)
    assert found.heat.base is None
