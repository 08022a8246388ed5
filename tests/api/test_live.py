"""Parts that follow what happens: 304 while nothing changes, other words in another language."""

from datetime import UTC, datetime, timedelta

from shared.domain.reporting.events import ComputeMonth
from shared.events.jobs import publish
from tenants.people import identity
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of
from tests.factories.tenants import new_person
from web.app import App


def test_an_unchanged_list_of_jobs_is_not_sent_again(app: App, store: Tenant) -> None:
    client, address = browser_of(app, new_person((store, "MGR"))), f"/s/{store.slug}/jobs/listed"

    first = client.get(address)
    known = {"If-None-Match": first.headers["ETag"]}
    assert (again := client.get(address, headers=known)).status_code == 304
    assert again.data == b""

    with tenant_session(store) as session:
        publish(session, ComputeMonth(month=datetime.now(UTC).date().replace(day=1)))
        session.commit()

    assert client.get(address, headers=known).status_code == 200


def test_a_page_that_asks_by_itself_keeps_no_idle_session_alive(app: App, store: Tenant) -> None:
    started = datetime.now(UTC) - identity.IDLE + timedelta(minutes=5)
    client = browser_of(app, new_person((store, "MGR")), now=started)
    with client.session_transaction() as cookie:
        token = cookie["token"]
    later = started + identity.IDLE + timedelta(minutes=1)

    client.get(f"/s/{store.slug}/jobs/listed", headers={"X-By-Itself": "1"})
    assert identity.visit_by_session(token, slug=None, now=later) is None

    client.get(f"/s/{store.slug}/jobs")
    assert identity.visit_by_session(token, slug=None, now=later) is not None
