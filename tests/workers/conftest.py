"""A tenant with a table for effects; a broker with a worker; a look at the rows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pika
import pika.exceptions
import pytest
from dramatiq import Broker, Worker
from sqlalchemy import text

from deploy.local.postgres import Cluster
from shared.config import Settings, load
from shared.events.jobs import publish
from shared.events.messages import Request
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_store
from tests.waiting import until
from tests.workers import kinds
from workers import broker as brokers
from workers import job
from workers.broker import QUEUES, Bell
from workers.dispatcher import Dispatcher
from workers.testing import NoBell

AMQP = os.environ.get("ROLLBOOK_TEST_AMQP", "amqp://guest:guest@127.0.0.1:5672/")


def with_effects(tenant: Tenant) -> Tenant:
    """Give a tenant the table that the test kinds write to."""
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(f"CREATE TABLE {tenant.name}.effects (mark int NOT NULL)")
        connection.execute(f"GRANT SELECT, INSERT ON {tenant.name}.effects TO {tenant.name}")
    return tenant


@pytest.fixture
def shop(cluster: Cluster) -> Tenant:
    """A fresh store with a table for effects."""
    kinds.released.clear()
    return with_effects(new_store())


def ask(tenant: Tenant, *requests: Request) -> None:
    """Publish requests as the tenant and commit."""
    with tenant_session(tenant) as session:
        for request in requests:
            publish(session, request)
        session.commit()


def marks(tenant: Tenant) -> list[int]:
    """List what effects there are."""
    with tenant_session(tenant) as session:
        return list(session.scalars(text("SELECT mark FROM effects ORDER BY mark")))


def jobs(tenant: Tenant) -> list[Any]:
    """List the tenant's job rows, oldest first."""
    with tenant_session(tenant) as session:
        return list(session.execute(text("SELECT * FROM ops.job ORDER BY created_at, id")))


def states(tenant: Tenant) -> list[str]:
    """List the states of the tenant's job rows."""
    return [row.state for row in jobs(tenant)]


def run_out(tenant: Tenant) -> None:
    """Let all leases of a tenant's jobs run out."""
    with connect("app_dispatch") as connection:
        connection.execute(
            "UPDATE ops.job SET lease_until = now() - interval '1 second' "
            "WHERE tenant = %s AND state IN ('sent', 'running')",
            [tenant.name],
        )


def make_due(tenant: Tenant) -> None:
    """End the pauses of a tenant's queued jobs."""
    with connect("app_dispatch") as connection:
        connection.execute(
            "UPDATE ops.job SET run_at = now() WHERE tenant = %s AND state = 'queued'",
            [tenant.name],
        )


class Rig:
    """One broker, its bell, and a worker when started."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.broker: Broker = brokers.build(settings, answer=job.answer)
        self.bell = Bell(self.broker, settings)
        self.worker: Worker | None = None

    def dispatch(self, *tenants: Tenant) -> bool:
        """Ring for whatever is due; tell whether anything was."""
        step = Dispatcher(self.bell, only=[tenant.name for tenant in tenants]).step
        rang = False
        while step():
            rang = True
        return rang

    def start(self) -> None:
        """Start the worker threads."""
        self.worker = Worker(self.broker, worker_threads=4, worker_timeout=50)
        self.worker.start()

    def stop(self) -> None:
        """Stop the worker threads."""
        if self.worker:
            self.worker.stop(timeout=20_000)
            self.worker = None

    def settle(self, tenant: Tenant) -> None:
        """Dispatch until nothing of a tenant is due, sent or running."""

        def settled() -> bool:
            in_flight = {"sent", "running"} & set(states(tenant))
            return not self.dispatch(tenant) and not in_flight

        until(settled, "settled")


def broker_settings(kind: str) -> Settings:
    """Settings with a broker of our own: on RabbitMQ, with queue names of our own."""
    url = "stub://" if kind == "stub" else f"{AMQP}?queue_prefix=test_{uuid4().hex[:8]}_"
    return load({**os.environ, "ROLLBOOK_BROKER_URL": url})


@contextmanager
def queues_removed(settings: Settings) -> Iterator[None]:
    """Delete the test's queues from RabbitMQ afterwards."""
    try:
        yield
    finally:
        if not settings.is_embedded:
            with amqp_channel() as channel:
                for queue in QUEUES:
                    for suffix in ("", ".DQ", ".XQ"):
                        channel.queue_delete(brokers.queue_prefix(settings) + queue + suffix)


@contextmanager
def amqp_channel() -> Iterator[Any]:
    """Open a channel of our own to RabbitMQ."""
    connection = pika.BlockingConnection(pika.URLParameters(AMQP))
    try:
        yield connection.channel()
    finally:
        connection.close()


def need_amqp() -> None:
    """Skip at home, fail in CI, when no RabbitMQ answers."""
    try:
        with amqp_channel():
            return
    except pika.exceptions.AMQPError:
        if os.environ.get("CI"):
            pytest.fail(f"no RabbitMQ at {AMQP.rpartition('@')[2]}")
        pytest.skip("no RabbitMQ answers")


@pytest.fixture(params=["stub", "amqp"])
def rig(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Rig]:
    """A broker of each kind; nothing is rung for and no worker runs yet."""
    if request.param == "amqp":
        need_amqp()
    settings = broker_settings(request.param)
    with queues_removed(settings):
        made = Rig(settings)
        try:
            yield made
        finally:
            made.stop()
            made.broker.close()


def mark_sent(tenant: Tenant, now: datetime | None = None) -> list[UUID]:
    """Mark what is due as sent, ringing for none."""
    dispatcher = Dispatcher(NoBell(), only=[tenant.name])
    return [one.held.id for one in dispatcher.mark_sent(now)]
