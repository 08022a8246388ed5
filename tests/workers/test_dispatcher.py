"""Who is rung for first, how many at once, and what becomes of letters."""

from collections import Counter
from datetime import UTC, date, datetime
from threading import Thread

import pytest
from sqlalchemy import text

from deploy.local.postgres import Cluster
from shared.events import letters
from shared.events.letters import Outgoing
from tenants.logins import connect
from tenants.provisioning import suspend
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_hq, new_store
from tests.workers import kinds
from tests.workers.conftest import ask, jobs, marks, states
from workers import dispatcher as dispatching
from workers import sweeper
from workers.dispatcher import LANES, LETTER_JOBS, Dispatcher, Due
from workers.idle import work_until_idle
from workers.testing import NoBell, drain


def mark(*tenants: Tenant) -> list[Due]:
    """Mark one batch as sent."""
    return Dispatcher(NoBell(), only=[tenant.name for tenant in tenants]).mark_sent()


def many(tenant: Tenant, count: int) -> None:
    """Queue many jobs at once, an hour ago."""
    with tenant_session(tenant) as session:
        session.execute(
            text(
                "INSERT INTO ops.job (kind, queue, args, run_at, created_at) "
                "SELECT 'test.write', 'now', jsonb_build_object('mark', n), "
                "now() - interval '1 hour', now() FROM generate_series(1, :count) n"
            ),
            {"count": count},
        )
        session.commit()


def test_a_thousand_jobs_of_one_do_not_hold_up_the_one_of_another(shop: Tenant) -> None:
    other = new_store()
    many(shop, 1000)
    ask(other, kinds.Write(mark=1))

    sent = Counter(one.tenant for one in mark(shop, other))

    assert sent == {shop.name: LANES["now"], other.name: 1}


def test_no_more_of_a_tenant_are_sent_than_its_lane_has_room_for(shop: Tenant) -> None:
    many(shop, 20)
    mark(shop)

    assert mark(shop) == []
    assert Counter(states(shop)) == {"sent": 8, "queued": 12}


def ask_later(shop: Tenant) -> None:
    """Publish a job for another day."""
    ask(shop, kinds.Write(mark=1))
    with tenant_session(shop) as session:
        session.execute(text("UPDATE ops.job SET run_at = now() + interval '3 days'"))
        session.commit()


def test_everybodys_first_comes_before_anybodys_second(shop: Tenant) -> None:
    stores = [shop, new_store(), new_store()]
    for store in stores:
        many(store, 3)

    sent = [one.tenant for one in mark(*stores)]

    assert len(sent) == 9
    assert [set(sent[n : n + 3]) for n in (0, 3, 6)] == [{store.name for store in stores}] * 3


def test_a_round_goes_on_where_the_last_one_stopped(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "TENANTS", 2)
    stores = [new_store() for _ in range(5)]
    for store in stores:
        many(store, 1)
    dispatcher = Dispatcher(NoBell(), only=[store.name for store in stores])

    rounds = [[one.tenant for one in dispatcher.mark_sent()] for _ in range(3)]

    assert [len(found) for found in rounds] == [2, 2, 1]
    assert {name for found in rounds for name in found} == {store.name for store in stores}
    assert not dispatcher.is_midway


def test_a_round_that_ends_with_the_last_tenant_is_a_pause(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "TENANTS", 2)
    stores = [new_store() for _ in range(4)]
    for store in stores:
        ask_later(store)
    step = Dispatcher(NoBell(), only=[store.name for store in stores]).step

    assert [step() for _ in range(6)] == [True, True, False] * 2
    assert drain(*stores) == []
    assert work_until_idle(stores) == {}


def test_a_job_is_not_sent_before_its_time(shop: Tenant) -> None:
    ask_later(shop)

    assert mark(shop) == []


def test_several_dispatchers_send_each_job_once(shop: Tenant) -> None:
    many(shop, 60)
    sent: list[Due] = []

    def dispatch() -> None:
        for _ in range(20):
            sent.extend(mark(shop))

    threads = [Thread(target=dispatch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len({one.held.id for one in sent}) == len(sent)
    assert sent


def test_a_dispatcher_holds_no_lock_while_it_rings(shop: Tenant) -> None:
    ask(shop, kinds.Tidy())

    class Meanwhile(NoBell):
        """A slow bell, during which the tenant publishes the same work."""

        def ring(self, tolls: object) -> None:
            """Publish."""
            ask(shop, kinds.Tidy())

    Dispatcher(Meanwhile(), only=[shop.name]).step()

    assert sorted(states(shop)) == ["queued", "sent"]


def send(store: Tenant, hq: Tenant, *keys: str) -> None:
    with tenant_session(store) as session:
        for key in keys:
            letter = Outgoing(
                receiver=hq.name,
                kind="snapshot",
                key=key,
                revision=1,
                payload={"key": key},
                on=date.today(),  # noqa: DTZ011 a contract's day
            )
            assert letters.send(session, letter, now=datetime.now(UTC))
        session.commit()


def test_letters_become_jobs_of_their_receiver(cluster: Cluster) -> None:
    hq = new_hq()
    stores = [new_store(hq=hq) for _ in range(2)]
    for store in stores:
        send(store, hq, *(f"{n}" for n in range(60)))
    dispatcher = Dispatcher(NoBell(), only=[hq.name])

    assert dispatcher.deliver_letters() == 120
    assert dispatcher.deliver_letters() == 0

    rows = jobs(hq)
    assert {row.kind for row in rows} == {"franchise.read_letters"}
    assert sorted(len(row.args["letters"]) for row in rows) == [20, 50, 50]
    assert len({letter for row in rows for letter in row.args["letters"]}) == 120
    assert jobs(stores[0]) == []


def test_letters_gather_while_their_receiver_has_enough_to_read(cluster: Cluster) -> None:
    hq = new_hq()
    store = new_store(hq=hq)
    dispatcher = Dispatcher(NoBell(), only=[hq.name])
    delivered = []
    for n in range(LETTER_JOBS + 5):
        send(store, hq, f"{n}")
        delivered.append(dispatcher.deliver_letters())
    assert delivered == [1] * LETTER_JOBS + [0] * 5

    assert dispatcher.mark_sent()  # some are at work: there is room
    assert dispatcher.deliver_letters() == 5
    assert sorted(len(row.args["letters"]) for row in jobs(hq)) == [*([1] * LETTER_JOBS), 5]


def test_letters_to_a_suspended_tenant_wait(cluster: Cluster) -> None:
    hq = new_hq()
    store = new_store(hq=hq)
    suspend(hq)
    send(store, hq, "1")

    assert drain(hq) == []
    assert [row.state for row in jobs(hq)] == ["queued"]


def test_what_is_done_is_kept_for_a_week(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=1), kinds.Write(mark=2), kinds.Fail(how="refusal"))
    drain(shop)
    with connect("app_dispatch") as connection:
        connection.execute(
            "UPDATE ops.job SET finished_at = now() - interval '8 days' WHERE id = ANY(%s)",
            [[row.id for row in jobs(shop) if row.args != {"mark": 2}]],
        )

    sweeper.clean()

    assert sorted(states(shop)) == ["dead", "done"]
    assert marks(shop) == [1, 2]


def test_a_new_process_of_the_embedded_mode_takes_everything_back(shop: Tenant) -> None:
    ask(shop, kinds.Write(mark=1), kinds.Write(mark=2))
    mark(shop)
    assert states(shop) == ["sent", "sent"]

    sweeper.sweep_everything()

    assert states(shop) == ["queued", "queued"]
