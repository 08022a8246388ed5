"""Servers that go silent without a word: noticed, not waited for."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict

from deploy.local.postgres import Cluster
from shared.config import load
from tenants import logins
from tests.chaos.proxy import Proxy
from tests.workers.conftest import AMQP, need_amqp, queues_removed
from workers import broker as brokers
from workers import job
from workers.broker import Bell, Toll

UNTIL_NOTICED_SECONDS = 30


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy before RabbitMQ."""
    need_amqp()
    behind = urlsplit(AMQP)
    made = Proxy(behind.hostname or "", behind.port or 5672)
    yield made
    made.stop()


def test_a_bell_whose_connection_fell_silent_rings_by_a_new_one(
    cluster: Cluster, proxy: Proxy
) -> None:
    behind = urlsplit(AMQP)
    credentials = behind.netloc.rpartition("@")[0]
    url = f"amqp://{credentials}@127.0.0.1:{proxy.port}{behind.path}"
    prefix = f"silence_{uuid4().hex[:8]}_"
    given = f"{url}?queue_prefix={prefix}&heartbeat=1"
    settings = load({**os.environ, "ROLLBOOK_BROKER_URL": given})
    bell = Bell(brokers.build(settings, answer=job.answer), settings)
    with queues_removed(settings):
        bell.ring([Toll("now", uuid4(), "t_0123456789")])
        proxy.fall_silent()
        bell.ring([Toll("now", uuid4(), "t_0123456789")])  # notices, connects anew
        bell._broker.close()


def test_a_silent_broker_is_noticed_before_its_jobs_are_late() -> None:
    url = brokers._with_defaults("amqp://mq.example/?heartbeat=20")
    assert "heartbeat=20" in url  # the operator's own word counts
    beat = int(brokers._URL_DEFAULTS["heartbeat"])
    assert 2 * beat + 1 <= UNTIL_NOTICED_SECONDS


def test_a_silent_database_is_noticed_before_a_client_gives_up(cluster: Cluster) -> None:
    info = conninfo_to_dict(logins.conninfo("app_auth"))
    probes = int(str(info["keepalives_count"])) * int(str(info["keepalives_interval"]))
    assert int(str(info["keepalives_idle"])) + probes < UNTIL_NOTICED_SECONDS
    assert int(str(info["tcp_user_timeout"])) < UNTIL_NOTICED_SECONDS * 1000
