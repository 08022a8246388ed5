"""Migrations that converge: killed, doubled, failing on one tenant, and seen by the pool."""

import threading
import time

import pytest
from sqlalchemy import text

from deploy.local.postgres import Cluster
from tenants import migrations, script
from tenants.fingerprint import fingerprint, shape
from tenants.logins import connect
from tenants.registry import Tenant, tenant_by_name
from tenants.sessions import tenant_session
from tests.factories.tenants import new_hq, new_store
from tests.tenancy.conftest import Trial

BASE = "base"


def test_nothing_to_do_is_one_question(history: Trial) -> None:
    new_store()
    assert migrations.tenants_behind() == 0
    assert migrations.upgrade_across_tenants().migrated == []


def test_every_tenant_gets_the_new_column_and_one_fingerprint(history: Trial) -> None:
    stores = [new_store() for _ in range(5)]
    history.add_column()

    outcome = migrations.upgrade_across_tenants()

    assert {store.name for store in stores} <= set(outcome.migrated)
    assert outcome.failed == {}
    assert len({fingerprint(store.name) for store in stores}) == 1
    assert any(history.column in line for line in shape(stores[0].name))


def test_one_failing_tenant_is_named_and_stops_nobody(history: Trial) -> None:
    stores = [new_store() for _ in range(4)]
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(
            f"ALTER TABLE {stores[1].name}.customers ADD COLUMN {history.column} int"
        )
    history.add_column()

    outcome = migrations.upgrade_across_tenants()

    assert list(outcome.failed) == [stores[1].name]
    assert "DuplicateColumn" in outcome.failed[stores[1].name]
    assert {s.name for s in stores} - {stores[1].name} <= set(outcome.migrated)
    assert migrations.tenants_behind() == 1


def test_a_tenant_of_an_unknown_revision_is_named_and_stops_nobody(history: Trial) -> None:
    lost, store = new_store(), new_store()
    with connect("app_migrator") as connection:
        connection.execute(
            "UPDATE registry.tenants SET version = 'nobody' WHERE name = %s", [lost.name]
        )
    history.add_column()

    outcome = migrations.upgrade_across_tenants()

    assert list(outcome.failed) == [lost.name]
    assert "UnknownRevision" in outcome.failed[lost.name]
    assert outcome.migrated == [store.name]


def test_what_nobody_expected_ends_the_run(history: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        new_store()
    history.add_column()
    tried: list[str] = []

    def breaks(connection: object, place: migrations.Place) -> bool:
        tried.append(place[1])
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "_migrate", breaks)

    with pytest.raises(ZeroDivisionError):
        migrations.upgrade_across_tenants()

    assert 1 <= len(tried) <= 3  # a thread each, and nobody began anew


def test_two_runners_migrate_each_tenant_once(history: Trial) -> None:
    stores = {new_store().name for _ in range(12)}
    history.add_column()
    done: list[str] = []
    runners = [
        threading.Thread(
            target=migrations.upgrade_across_tenants,
            kwargs={"on_done": lambda name, error: done.append(name)},
        )
        for _ in range(2)
    ]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()

    assert sorted(name for name in done if name in stores) == sorted(stores)


def test_a_busy_tenant_is_waited_for_and_then_done(history: Trial) -> None:
    store = new_store()
    history.add_column()
    holds = threading.Event()

    def read_slowly() -> None:
        with tenant_session(store) as session:
            session.execute(text("SELECT * FROM customers"))  # a lock until the transaction ends
            holds.set()
            time.sleep(2.5)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    assert holds.wait(10)

    outcome = migrations.upgrade_across_tenants()

    reader.join()
    assert store.name in outcome.migrated
    assert outcome.retries.get(store.name, 0) >= 1


def test_a_session_after_the_migration_sees_the_new_shape(history: Trial) -> None:
    store = new_store()
    with tenant_session(store) as session:
        for _ in range(7):  # prepared on the server by now
            session.execute(text("SELECT * FROM customers")).all()
    history.add_column()
    migrations.upgrade_across_tenants()

    now = tenant_by_name(store.name)
    assert now is not None
    with tenant_session(now) as session:
        columns = set(session.execute(text("SELECT * FROM customers")).keys())
        assert history.column in columns


def test_migrated_and_provisioned_schemas_are_equal(cluster: Cluster) -> None:
    """The road of revisions and the script from the metadata end in one shape."""
    for new, histories in ((new_store, ("tenant",)), (new_hq, ("tenant", "hq"))):
        made = new()
        migrated = new()
        _replay(migrated, histories)
        assert shape(migrated.name) == shape(made.name)


def test_the_revisions_are_what_the_metadata_says(cluster: Cluster) -> None:
    hq = new_hq()
    assert migrations.drift(hq.name, history="tenant") == []
    assert migrations.drift(hq.name, history="hq") == []


def test_every_revision_can_be_undone(cluster: Cluster) -> None:
    made = new_hq()
    fresh = shape(made.name)
    for history in ("hq", "tenant"):
        for revision, _ in reversed(script.steps(history, BASE)):
            _execute_in(made.name, script.undo(history, revision))
    assert shape(made.name) == []

    _replay(made, ("tenant", "hq"), empty=True)
    assert shape(made.name) == fresh


def _replay(tenant: Tenant, histories: tuple[str, ...], *, empty: bool = False) -> None:
    if not empty:
        with connect("app_migrator") as connection:
            connection.execute("SET ROLE app_owner")
            connection.execute(f"DROP SCHEMA {tenant.name} CASCADE")
            connection.execute(f"CREATE SCHEMA {tenant.name}")
            connection.execute(f"GRANT USAGE ON SCHEMA {tenant.name} TO {tenant.name}")
    for history in histories:
        for _, statements in script.steps(history, BASE):
            _execute_in(tenant.name, statements)


def _execute_in(schema: str, statements: tuple[str, ...]) -> None:
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(f"SET search_path = {schema}, ext")
        for statement in statements:
            connection.execute(statement.replace("{login}", schema))  # type: ignore[arg-type]
