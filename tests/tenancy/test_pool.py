"""The keyed pool: no tenant, no connection; one tenant, its own login; and it recovers."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from deploy.local.postgres import Cluster
from tenants.current import entered, tenant
from tenants.pool import Limits, TenantPool, TenantPoolExhausted, pool
from tenants.registry import Tenant
from tenants.sessions import WrongTenant, before, below, engine, tenant_session
from tests.factories.tenants import new_store

WHO = text("SELECT session_user::text")


def with_canary() -> Tenant:
    made = new_store()
    with tenant_session(made) as session:
        session.execute(
            text("INSERT INTO customers (number, name, created_at) VALUES ('1', :n, now())"),
            {"n": made.name},
        )
        session.commit()
    return made


def canaries(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT name FROM customers")))


def test_without_a_tenant_there_is_no_connection(cluster: Cluster) -> None:
    with pytest.raises(LookupError), engine().connect():
        pass


def test_a_thread_started_inside_has_no_tenant(store: Tenant) -> None:
    with entered(store), ThreadPoolExecutor(1) as executor, pytest.raises(LookupError):
        executor.submit(lambda: engine().connect()).result()


def test_a_generator_read_after_the_block_has_no_tenant(store: Tenant) -> None:
    def rows() -> Iterator[str]:
        with engine().connect() as connection:
            yield str(connection.scalar(WHO))

    with entered(store):
        late = rows()

    with pytest.raises(LookupError):
        next(late)


def test_an_exception_leaves_no_tenant_behind(store: Tenant) -> None:
    def fail() -> None:
        with tenant_session(store) as session:
            session.execute(WHO)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with pytest.raises(LookupError):
        tenant()


def test_a_session_does_not_follow_into_another_tenant(store: Tenant) -> None:
    other = new_store()

    with tenant_session(store) as outer:
        with tenant_session(other) as inner:
            assert inner.scalar(WHO) == other.name
            with pytest.raises(WrongTenant):  # it would open its first connection here
                outer.scalar(WHO)
        outer.rollback()
        assert outer.scalar(WHO) == store.name


def test_many_threads_over_many_tenants_see_only_their_own_canary(cluster: Cluster) -> None:
    stores = [with_canary() for _ in range(12)]
    ends = time.monotonic() + 3
    wrong: list[object] = []
    done = 0
    lock = threading.Lock()

    def work(seed: int) -> None:
        nonlocal done
        draw = random.Random(seed)
        while time.monotonic() < ends:
            mine = draw.choice(stores)
            try:
                with tenant_session(mine) as session:
                    seen = canaries(session)
                    if seen != [mine.name]:
                        wrong.append((mine.name, seen))
                    if draw.random() < 0.1:
                        session.execute(text("SELECT 1/0"))
            except (DBAPIError, TenantPoolExhausted):
                continue
            with lock:
                done += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert done > len(stores)


def test_a_full_pool_says_so_in_time_and_recovers(store: Tenant) -> None:
    small = TenantPool(Limits(total=2, per_tenant=2, wait_seconds=0.2))
    with entered(store):
        held = [small.get(), small.get()]
        with pytest.raises(TenantPoolExhausted):
            small.get()
        for connection in held:
            connection.close()

        again = small.get()
        assert again.execute("SELECT session_user::text").fetchone() == (store.name,)
        again.close()
    small.close()
    assert small.stats()["total"] == 0


def test_one_tenant_cannot_take_every_place(store: Tenant) -> None:
    small = TenantPool(Limits(total=3, per_tenant=2, wait_seconds=0.2))
    other = new_store()
    with entered(store):
        greedy = [small.get(), small.get()]
        with pytest.raises(TenantPoolExhausted):
            small.get()
    with entered(other):
        modest = small.get()
        modest.close()
    for connection in greedy:
        connection.close()
    small.close()


def test_the_least_recently_used_tenant_makes_room(cluster: Cluster) -> None:
    small = TenantPool(Limits(total=2))
    stores = [new_store() for _ in range(3)]
    for each in (*stores, stores[2]):
        with entered(each):
            small.get().close()

    assert small.stats() == {"total": 2, "idle": 2, "hit": 1, "miss": 3, "evicted": 1, "refused": 0}
    small.close()


def test_a_migrated_tenants_connections_are_dropped(store: Tenant) -> None:
    small = TenantPool()
    with entered(store):
        before = small.get()
        before.close()
    with entered(replace(store, version="newer")):
        after = small.get()
        after.close()

    assert before.closed
    assert after is not before
    small.close()


def test_a_killed_connection_is_replaced(store: Tenant) -> None:
    with tenant_session(store) as session:
        session.execute(text("SET idle_in_transaction_session_timeout = '50ms'"))
        time.sleep(0.2)
        with pytest.raises(DBAPIError):
            session.execute(WHO)
    with tenant_session(store) as session:
        assert session.scalar(WHO) == store.name


def test_a_connection_returned_in_mid_transaction_keeps_nothing(store: Tenant) -> None:
    small = TenantPool()
    with entered(store):
        first = small.get()
        first.execute("INSERT INTO customers (number, name, created_at) VALUES ('7', 'x', now())")
        first.close()
        second = small.get()
        assert second is first
        assert second.execute("SELECT count(*) FROM customers").fetchone() == (0,)
        second.close()
    small.close()
    assert pool() is not small


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_transactions_end_forgets_what_was_set(store: Tenant, end: str) -> None:
    with tenant_session(store) as session:
        session.execute(text("SET statement_timeout = '1ms'"))
        session.execute(text("LISTEN gossip"))
        below(session).commit() if end == "commit" else below(session).rollback()

        assert below(session).is_clean
        assert session.scalar(text("SHOW statement_timeout")) == "15s"
        assert session.scalars(text("SELECT pg_listening_channels()")).all() == []


def test_a_rollback_costs_one_round_trip_and_keeps_prepared_statements(store: Tenant) -> None:
    small = TenantPool()
    with entered(store):
        connection = small.get()
        for _ in range(7):  # psycopg prepares at the sixth time
            connection.execute("SELECT name FROM customers")
            connection.rollback()

        prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
        connection.close()

    assert prepared == (1,)
    small.close()


def test_what_is_asked_before_a_session_is_kept_at_once(store: Tenant) -> None:
    with tenant_session(store) as session:
        with before(session) as alone:
            alone.execute("INSERT INTO customers (number, name, created_at) VALUES (8, 8, now())")
        session.execute(
            text("INSERT INTO customers (number, name, created_at) VALUES (9, 9, now())")
        )
        session.rollback()

        assert canaries(session) == ["8"]


def test_after_a_restart_of_the_database_nobody_gets_a_dead_connection(
    cluster: Cluster,
) -> None:
    stores = [with_canary() for _ in range(3)]
    cluster.stop()
    cluster.start()

    for each in stores:
        with tenant_session(each) as session:
            assert canaries(session) == [each.name]
    assert new_store().name
