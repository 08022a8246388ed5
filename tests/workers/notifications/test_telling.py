"""An event becomes messages: once each, merged when close together, in one tenant alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from shared.domain.notifications.queries import inbox
from shared.domain.notifications.service import reading
from shared.events.jobs import publish
from shared.events.notices import Notify
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_person, new_store
from workers.testing import drain

NOON = datetime(2025, 6, 10, 4, 0, tzinfo=UTC)  # in Shanghai


def opinion(key: str, level: str = "不满意") -> Notify:
    return Notify(event="opinion.negative", key=key, facts={"level": level, "reason": "等候太久"})


def tell(store: Tenant, *notices: Notify, now: datetime = NOON) -> None:
    with tenant_session(store) as session:
        for notice in notices:
            publish(session, notice, run_at=now)
        session.commit()
    outcomes = drain(store, now=now)
    assert {outcome for _, outcome in outcomes} == {"done"}


def told(store: Tenant, person: UUID, *, now: datetime = NOON) -> list[tuple[int, str]]:
    with tenant_session(store) as session:
        found = inbox.page(session, person, now=now, limit=100, asked=inbox.Asked())
        return [(notice.count, notice.text_zh) for notice in found]


def test_the_roles_of_the_event_hear_of_it_and_nobody_else(store: Tenant) -> None:
    desk, manager, front = (new_person((store, role)) for role in ("SDA", "MGR", "FD"))

    tell(store, opinion("1"))

    expected = [(1, "顾客评价「不满意」:等候太久")]
    assert told(store, desk) == told(store, manager) == expected
    assert told(store, front) == []


def test_the_same_event_is_told_once_however_often_it_is_published(store: Tenant) -> None:
    manager = new_person((store, "MGR"))

    tell(store, opinion("1"), opinion("1"))
    tell(store, opinion("1"), now=NOON + timedelta(hours=1))

    assert told(store, manager, now=NOON + timedelta(days=1)) == [
        (1, "顾客评价「不满意」:等候太久")
    ]


def test_two_of_a_kind_within_ten_minutes_are_one_message_with_a_count(store: Tenant) -> None:
    manager = new_person((store, "MGR"))
    tell(store, opinion("1"))
    with tenant_session(store) as session:
        reading.read_all(session, person_id=manager, until=NOON, now=NOON)
        session.commit()

    later = NOON + timedelta(minutes=9)
    tell(store, opinion("2", "很不满意"), now=later)

    first, second = "顾客评价「不满意」:等候太久", "顾客评价「很不满意」:等候太久"
    assert told(store, manager, now=later) == [(2, f"(2) {first}\n{second}")]
    with tenant_session(store) as session:
        assert inbox.unread_count(session, manager, now=later) == 1

    tell(store, opinion("3"), now=NOON + timedelta(minutes=10))
    assert [count for count, _ in told(store, manager, now=NOON + timedelta(hours=1))] == [1, 2]


def test_a_job_that_runs_again_tells_nobody_twice(store: Tenant) -> None:
    manager = new_person((store, "MGR"))
    tell(store, opinion("1"))
    with tenant_session(store) as session:
        session.execute(text("UPDATE ops.job SET state = 'queued', attempt = 0"))
        session.commit()

    assert drain(store, now=NOON) == [("notifications.notify", "done")]
    assert len(told(store, manager)) == 1


def test_another_tenants_people_hear_nothing(store: Tenant) -> None:
    other = new_store()
    in_both = new_person((store, "MGR"), (other, "MGR"))
    stranger = new_person((other, "MGR"))

    tell(store, opinion("1"))

    assert len(told(store, in_both)) == 1
    assert told(other, in_both) == told(other, stranger) == []
    assert told(store, stranger) == []


def test_an_unknown_event_is_given_up_at_once(store: Tenant) -> None:
    with tenant_session(store) as session:
        publish(session, Notify(event="no.such", key="1"))
        session.commit()

    assert drain(store) == [("notifications.notify", "dead")]
