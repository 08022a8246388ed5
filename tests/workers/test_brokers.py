"""The bell on both brokers: whatever it loses or doubles, the rows come out the same."""

import json
import os
import time
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from dramatiq.brokers.stub import StubBroker

from deploy.local.postgres import Cluster
from shared.config import load
from shared.errors import Unavailable
from tenants.registry import Tenant
from tenants.services import service
from tests.factories.tenants import new_store
from tests.waiting import until
from tests.workers import kinds
from tests.workers.conftest import (
    Rig,
    amqp_channel,
    ask,
    jobs,
    make_due,
    marks,
    run_out,
    states,
    with_effects,
)
from workers import broker as brokers
from workers import job
from workers.broker import QUEUES, Bell, Toll
from workers.dispatcher import Dispatcher
from workers.loop import BrokerAway
from workers.sweeper import sweep


def waiting_messages(rig: Rig) -> list[dict[str, Any]]:
    """Take every message out of a rig's queues."""
    if isinstance(rig.broker, StubBroker):
        queues = [rig.broker.queues[queue] for queue in QUEUES]
        return [json.loads(queue.get()) for queue in queues for _ in range(queue.qsize())]
    found = []
    with amqp_channel() as channel:
        for queue in QUEUES:
            while True:
                method, _, body = channel.basic_get(
                    brokers.queue_prefix(rig.settings) + queue, auto_ack=True
                )
                if method is None:
                    break
                found.append(json.loads(body))
    return found


def declare_all(rig: Rig) -> None:
    """Make the queues exist before anything is sent."""
    for queue in QUEUES:
        name = brokers.queue_prefix(rig.settings) + queue
        if isinstance(rig.broker, StubBroker):
            rig.broker.declare_queue(name)
        else:
            rig.broker.declare_queue(name, ensure=True)  # type: ignore[call-arg]


def test_jobs_run_in_the_workers_threads(shop: Tenant, rig: Rig) -> None:
    ask(shop, *(kinds.Write(mark=n) for n in range(30)))

    rig.start()
    rig.settle(shop)

    assert marks(shop) == list(range(30))
    assert states(shop) == ["done"] * 30


def test_a_message_holds_ids_and_nothing_else(shop: Tenant, rig: Rig) -> None:
    declare_all(rig)
    ask(shop, kinds.Unheard(text="王小丽 13800000000"))

    rig.dispatch(shop)

    (message,) = waiting_messages(rig)
    assert message["args"] == []
    assert message["kwargs"] == {"job": str(jobs(shop)[0].id), "tenant": shop.name}
    assert message["options"] == {}
    assert message["actor_name"] == "answer_now"


def test_the_same_message_delivered_often_has_one_effect(shop: Tenant, rig: Rig) -> None:
    ask(shop, kinds.Write(mark=1))
    rig.dispatch(shop)
    for _ in range(40):
        rig.bell.ring([Toll("now", jobs(shop)[0].id, shop.name)])

    rig.start()
    rig.settle(shop)
    ask(shop, kinds.Write(mark=2))  # comes after the forty
    rig.settle(shop)

    assert marks(shop) == [1, 2]
    assert [row.attempt for row in jobs(shop)] == [1, 1]


def test_a_failing_job_does_not_hold_up_the_others_and_is_dead_at_last(
    shop: Tenant, rig: Rig
) -> None:
    ask(shop, kinds.Fail(), *(kinds.Write(mark=n) for n in range(5)))
    rig.start()

    for _ in range(4):
        rig.settle(shop)
        make_due(shop)

    assert sorted(states(shop)) == ["dead", *["done"] * 5]
    assert marks(shop) == list(range(5))


def test_an_emptied_broker_is_rung_again(shop: Tenant, rig: Rig) -> None:
    declare_all(rig)
    ask(shop, kinds.Write(mark=1), kinds.Write(mark=2))
    rig.dispatch(shop)
    assert len(waiting_messages(rig)) == 2  # and now they are gone
    run_out(shop)

    sweep()
    rig.start()
    rig.settle(shop)

    assert marks(shop) == [1, 2]


def test_a_queue_that_is_gone_is_made_again_while_ringing(shop: Tenant, rig: Rig) -> None:
    declare_all(rig)
    first, *rest = [Toll("now", uuid4(), shop.name) for _ in range(300)]
    rig.bell.ring([first])
    if not rig.settings.is_embedded:
        with amqp_channel() as channel:
            channel.queue_delete(brokers.queue_prefix(rig.settings) + "now")

    rig.bell.ring(rest)

    found = [UUID(message["kwargs"]["job"]) for message in waiting_messages(rig)]
    assert {toll.job for toll in rest} <= set(found)


def test_a_broker_that_is_away_leaves_the_rows_queued(shop: Tenant, rig: Rig) -> None:
    ask(shop, kinds.Write(mark=1))
    if rig.settings.is_embedded:
        away: Any = AwayAtTheSecond()
    else:
        gone = load({**os.environ, "ROLLBOOK_BROKER_URL": "amqp://127.0.0.1:1/?retry_delay=0"})
        away = Bell(brokers.build(gone, answer=job.answer), gone)

    with pytest.raises(BrokerAway):
        Dispatcher(away, only=[shop.name]).step()

    assert states(shop) == ["queued"]
    rig.start()
    rig.settle(shop)
    assert marks(shop) == [1]


class AwayAtTheSecond:
    """A bell whose broker goes away after it was asked for."""

    def keep_alive(self) -> None:
        """Seem well."""

    def ring(self, tolls: object) -> None:
        """Fail."""
        raise BrokerAway


def test_a_dispatcher_that_dies_between_mark_and_bell_costs_a_lease(shop: Tenant, rig: Rig) -> None:
    ask(shop, kinds.Write(mark=1))
    Dispatcher(rig.bell, only=[shop.name]).mark_sent()  # and dies here
    rig.start()
    assert marks(shop) == []

    run_out(shop)
    sweep()
    rig.settle(shop)

    assert marks(shop) == [1]


def test_a_stopping_worker_gives_long_jobs_back_and_ends_short_ones(
    shop: Tenant, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "GRACE_SECONDS", 1.0)
    ask(shop, kinds.Linger(mark=1), kinds.Linger(mark=2, seconds=0.3))
    rig.start()
    rig.dispatch(shop)
    until(lambda: states(shop) == ["running"] * 2, "running")

    rig.stop()

    assert sorted((row.state, row.attempt, row.error_class) for row in jobs(shop)) == [
        ("done", 1, None),
        ("queued", 1, "Shutdown"),
    ]
    assert marks(shop) == [2]


def test_malformed_messages_do_not_stop_a_worker(shop: Tenant, rig: Rig) -> None:
    rig.start()
    for nonsense in ({}, {"job": "x"}, {"job": None, "tenant": 1}, {"surprise": True}):
        rig.broker.enqueue(  # type: ignore[call-arg]
            rig.broker.get_actor("answer_now").message_with_options(kwargs=nonsense)
        )
    ask(shop, kinds.Write(mark=1))

    rig.settle(shop)

    assert marks(shop) == [1]


@pytest.mark.parametrize("rig", ["amqp"], indirect=True)
def test_a_queue_deleted_under_the_worker_is_made_again(shop: Tenant, rig: Rig) -> None:
    rig.start()
    ask(shop, kinds.Write(mark=1))
    rig.settle(shop)
    with amqp_channel() as channel:
        channel.queue_delete(brokers.queue_prefix(rig.settings) + "now")

    ask(shop, kinds.Write(mark=2))
    rig.settle(shop)

    assert marks(shop) == [1, 2]


def test_a_restarted_database_is_waited_for(cluster: Cluster, rig: Rig) -> None:
    shop = with_effects(new_store())
    rig.start()
    ask(shop, *(kinds.Write(mark=n) for n in range(20)))
    rig.dispatch(shop)

    cluster.stop()
    time.sleep(0.2)  # the workers try in vain
    cluster.start()
    until(_database_answers, "the database answers this process again")

    rig.dispatch(shop)
    run_out(shop)
    sweep()
    rig.settle(shop)
    make_due(shop)
    rig.settle(shop)

    assert marks(shop) == list(range(20))


def _database_answers() -> bool:
    try:
        with service("app_dispatch") as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except (psycopg.Error, Unavailable):
        return False
