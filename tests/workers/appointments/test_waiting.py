"""The look at who waits, through the real job: run twice, told once; who left is left alone."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from shared.domain.appointments.events import WatchWaiting
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.visits import LeftReason
from shared.domain.appointments.service import reception
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import visits as made
from tests.factories.records import editor
from tests.workers.conftest import ask
from workers.testing import drain


def waits(store: Tenant, minutes: int) -> int:
    """Let a guest wait since some minutes."""
    by = editor(now=datetime.now(UTC) - timedelta(minutes=minutes))
    with tenant_session(store) as session:
        visit = made.arrived(session, by=by)
        session.commit()
        return visit.id


def told(store: Tenant) -> int:
    """Count what was told of guests who wait."""
    with tenant_session(store) as session:
        asked = text("SELECT count(*) FROM ops.job WHERE args->>'event' = 'visit.waiting'")
        return int(session.execute(asked).scalar_one())


def test_the_manager_is_told_once_of_who_waits(store: Tenant) -> None:
    visit = waits(store, 11)
    for _ in range(2):
        ask(store, WatchWaiting(visit_id=visit))
        drain(store)
    assert told(store) == 1
    with tenant_session(store) as session:
        assert queries.get(session, visit).waiting_told_at is not None


def test_who_is_not_waiting_any_more_is_left_alone(store: Tenant) -> None:
    visit = waits(store, 11)
    with tenant_session(store) as session:
        found = queries.get(session, visit)
        by = editor(now=datetime.now(UTC))
        reception.leave(session, found, reason=LeftReason.WAITED, note=None, by=by)
        session.commit()
    ask(store, WatchWaiting(visit_id=visit))
    drain(store)
    assert told(store) == 0
