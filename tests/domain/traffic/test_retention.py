"""Who came again: returned, a second time within thirty days, after a long pause."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from shared.domain.customers.models import Customer
from shared.domain.traffic.queries import heat, retention
from shared.domain.traffic.rules.retention import Group
from tests.factories.records import BERTA, NOW
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.traffic import ZONE

LAST = date(2025, 6, 29)
ASKED = heat.Asked(last=LAST, weeks=4, zone=ZONE)
FIRST = ASKED.first  # 2025-06-02


def guest(session: Session, *days: int) -> Customer:
    """Add a guest who paid on days counted from the first of the range."""
    made, item = new_customer(session), new_item(session)
    for ahead in days:
        day = FIRST + timedelta(days=ahead)
        new_sale(session, (item.id, 10_00), day=day, customer_id=made.id)
    return made


def test_each_guest_is_in_the_groups_of_their_days(store_session: Session) -> None:
    returned = guest(store_session, -28, 0)
    left = guest(store_session, -1)
    too_early = guest(store_session, -29)
    second = guest(store_session, 27, 57)  # the second one behind the range, on the thirtieth day
    late = guest(store_session, 0, 31)
    same_day = guest(store_session, 5, 5)
    won_back = guest(store_session, -91, 0)
    dozed = guest(store_session, -90, 0)

    found = retention.kept(store_session, ASKED, now=NOW)

    groups = found.retention.groups
    assert set(groups[Group.BEFORE]) == {returned.id, left.id}
    assert set(groups[Group.RETURNED]) == {returned.id}
    assert set(groups[Group.NEW]) == {second.id, late.id, same_day.id}
    assert set(groups[Group.SECOND]) == {second.id}
    assert set(groups[Group.WON_BACK]) == {won_back.id}
    assert str(found.retention.returning_rate) == "1/2"
    assert str(found.retention.second_visit_rate) == "1/3"
    assert too_early.id not in groups[Group.BEFORE]
    assert dozed.id not in groups[Group.NEW]
    named = retention.guests_in(store_session, found, Group.NEW)
    assert [one.id for one in named] == sorted([second.id, late.id, same_day.id])


def test_a_persons_own_guests_alone(store_session: Session) -> None:
    mine = guest(store_session, 0)
    guest(store_session, 0)
    mine.consultant = BERTA
    store_session.flush()
    own = heat.Asked(last=LAST, weeks=4, zone=ZONE, own_of=BERTA)
    assert retention.kept(store_session, own, now=NOW).retention.groups[Group.NEW] == (mine.id,)


def test_profiles_given_up_are_one_guest(store_session: Session) -> None:
    kept, gone = guest(store_session, -5), guest(store_session, 3)
    gone.merged_into, gone.state = kept.id, "VOID"
    store_session.flush()
    groups = retention.kept(store_session, ASKED, now=NOW).retention.groups
    assert groups[Group.RETURNED] == (kept.id,)
    assert groups[Group.NEW] == ()


def test_without_a_base_there_is_no_rate(store_session: Session) -> None:
    found = retention.kept(store_session, ASKED, now=NOW).retention
    assert (found.returning_rate, found.second_visit_rate) == (None, None)
