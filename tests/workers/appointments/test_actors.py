"""J01 and J02 through the real job: run twice, the same rows."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from shared.domain.appointments.events import RemindGuests, SweepNoShows
from shared.domain.appointments.models.bookings import Appointment
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.appointments import booked
from tests.factories.records import editor
from tests.workers.conftest import ask
from workers.testing import drain


def book(store: Tenant, *, ahead: timedelta, agreed: timedelta) -> int:
    """Book something that begins some time from now and was agreed some time ago."""
    now = datetime.now(UTC)
    at = (now + ahead).replace(minute=0, second=0, microsecond=0)
    with tenant_session(store) as session:
        row = booked(session, at=at, by=editor(now=min(now, at) - agreed))
        session.commit()
        return row.id


def stages(store: Tenant) -> list[tuple[str, int]]:
    """List stage and version of all appointments."""
    with tenant_session(store) as session:
        return [(row.stage, row.version) for row in session.query(Appointment).order_by("id")]


def told(store: Tenant, event: str) -> int:
    """Count what was told of an event."""
    with tenant_session(store) as session:
        asked = text("SELECT count(*) FROM ops.job WHERE args->>'event' = :event")
        return int(session.execute(asked, {"event": event}).scalar_one())


def test_who_did_not_come_is_noted_once(store: Tenant) -> None:
    book(store, ahead=timedelta(hours=-2), agreed=timedelta(days=1))
    for _ in range(2):
        ask(store, SweepNoShows())
        drain(store)
        assert stages(store) == [("NO_SHOW", 2)]
    assert told(store, "appt.noshow") == 1


def test_guests_are_reminded_once_of_each_time(store: Tenant) -> None:
    book(store, ahead=timedelta(hours=20), agreed=timedelta(days=3))
    for _ in range(2):
        ask(store, RemindGuests())
        drain(store)
        assert told(store, "appt.reminder") == 1
