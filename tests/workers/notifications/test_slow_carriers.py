"""A carrier that hangs holds up its own queue: no inbox, no other channel, no other tenant."""

import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from deploy.local.postgres import Cluster
from shared.config import load
from shared.domain.notifications.rules.endpoints import Kind
from shared.events.jobs import publish
from shared.events.notices import Notify
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_person, new_store
from tests.waiting import until
from tests.workers.notifications.conftest import add_endpoint, rows
from tests.workers.notifications.receivers import MailServer, receiving
from workers import broker as brokers
from workers import crew, job
from workers.broker import Bell
from workers.dispatcher import Dispatcher
from workers.loop import Loop


@pytest.fixture
def works(cluster: Cluster) -> Iterator[Callable[..., None]]:
    """Start a dispatcher and the crews of one process, as `workers.run all` does."""
    settings = load({**os.environ, "ROLLBOOK_BROKER_URL": "stub://"})
    broker = brokers.build(settings, answer=job.answer)
    loops: list[Loop] = []
    workers = crew.start(broker, threads=2)

    def start(*tenants: Tenant) -> None:
        only = [tenant.name for tenant in tenants]
        step = Dispatcher(Bell(broker, settings), only=only).step
        loops.append(Loop("dispatcher", step, pause_seconds=0.05))

    yield start
    for loop in loops:
        loop.stop()
    crew.stop(workers)
    broker.close()


def alarm(store: Tenant, *, many: int = 1) -> None:
    """Publish events that go out at once, by inbox and text."""
    with tenant_session(store) as session:
        for _ in range(many):
            day = str(uuid4())
            publish(session, Notify(event="cash.unclosed", key=day, facts={"date": day}))
            publish(session, Notify(event="cash.variance", key=day, facts={"date": day}))
        session.commit()


def sent(store: Tenant, channel: str) -> int:
    """Count the events that went out by a channel, those that share a message as well."""
    return sum(row.count for row in rows(store) if (row.channel, row.state) == (channel, "SENT"))


def test_a_webhook_that_hangs_delays_nobody(
    works: Callable[..., None], configured: Callable[..., None], mail: MailServer
) -> None:
    first, second = new_store(), new_store()
    for store in (first, second):
        new_person((store, "MGR"), login=f"+86{uuid4().int % 10**11:011d}")
    with receiving("hang") as hanging, receiving() as well:
        configured(
            OUTSIDE_ALLOWED=f"127.0.0.1:{hanging.port},127.0.0.1:{well.port}",
            OPERATOR_MAIL="operator@rollbook.test",
        )
        add_endpoint(first, Kind.WEBHOOK, hanging.url())
        for store in (first, second):
            add_endpoint(store, Kind.SMS, well.url())
        add_endpoint(second, Kind.WEBHOOK, well.url())
        works(first, second)

        alarm(first, many=3)
        until(lambda: len(hanging.posts) == 2, "both places of the tenant in the queue hang")
        alarm(first)
        alarm(second)

        until(lambda: sent(first, "SMS") == 4, "the tenant's own texts went out")
        until(lambda: sent(second, "HOOK") == 2, "the other tenant's webhook was called")
        until(lambda: sent(second, "SMS") == 1, "the other tenant's text went out")
        assert (sent(first, "APP"), sent(second, "APP")) == (8, 2)
        assert len(hanging.posts) == 2  # no more than its two places at once
        assert not hanging.released.is_set()
