"""The catalogue audit: nothing on a whole wall, and each planted hole is found."""

from typing import Any

import pytest

from deploy.local.postgres import Cluster
from tenants import audit
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.services import service
from tests.factories.tenants import new_store

# (login that can plant it, statement, how to mend it); {a} and {b} are two stores.
HOLES = {
    "a membership between tenants": (
        "app_provision",
        "GRANT {b} TO {a} WITH INHERIT TRUE, SET FALSE",
        "REVOKE {b} FROM {a}",
    ),
    "the tenants' group may be switched to": (
        "app_provision",
        "GRANT tenant_login TO {a} WITH SET TRUE",
        "GRANT tenant_login TO {a} WITH SET FALSE",
    ),
    "a service login may become a tenant": (
        "app_provision",
        "GRANT {b} TO app_auth",
        "REVOKE {b} FROM app_auth",
    ),
    "a tenant may make roles": (
        "app_provision",
        "ALTER ROLE {a} CREATEROLE",
        "ALTER ROLE {a} NOCREATEROLE",
    ),
    "no limit of connections": (
        "app_provision",
        "ALTER ROLE {a} CONNECTION LIMIT -1",
        "ALTER ROLE {a} CONNECTION LIMIT 24",
    ),
    "usage of another's schema": (
        "app_owner",
        "GRANT USAGE ON SCHEMA {b} TO {a}",
        "REVOKE USAGE ON SCHEMA {b} FROM {a}",
    ),
    "a table for everybody": (
        "app_owner",
        "GRANT SELECT ON {b}.customers TO PUBLIC",
        "REVOKE SELECT ON {b}.customers FROM PUBLIC",
    ),
    "a column of another": (
        "app_owner",
        "GRANT SELECT (name) ON {b}.customers TO {a}",
        "REVOKE SELECT (name) ON {b}.customers FROM {a}",
    ),
    "truncate on one's own table": (
        "app_owner",
        "GRANT TRUNCATE ON {a}.customers TO {a}",
        "REVOKE TRUNCATE ON {a}.customers FROM {a}",
    ),
    "row-level security off": (
        "app_owner",
        "ALTER TABLE ops.job NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE ops.job FORCE ROW LEVEL SECURITY",
    ),
    "a policy without session_user": (
        "app_owner",
        "CREATE POLICY planted ON ops.job TO tenant_login USING (true)",
        "DROP POLICY planted ON ops.job",
    ),
    "a definer function without search_path": (
        "app_owner",
        "CREATE FUNCTION ops.planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "DROP FUNCTION ops.planted()",
    ),
    "a view over tenants": (
        "app_owner",
        "CREATE VIEW ops.planted AS SELECT * FROM {b}.customers",
        "DROP VIEW ops.planted",
    ),
    "a foreign key across": (
        "app_owner",
        "ALTER TABLE {a}.customers ADD CONSTRAINT planted FOREIGN KEY (id) "
        "REFERENCES {b}.customers NOT VALID",
        "ALTER TABLE {a}.customers DROP CONSTRAINT planted",
    ),
    "a default grant": (
        "app_owner",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {b} GRANT SELECT ON TABLES TO {a}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {b} REVOKE SELECT ON TABLES FROM {a}",
    ),
    "the registry for tenants": (
        "app_owner",
        "GRANT SELECT ON registry.tenants TO tenant_login",
        "REVOKE SELECT ON registry.tenants FROM tenant_login",
    ),
    "a table that others refer to moved away": (
        "app_owner",
        "ALTER TABLE {a}.months RENAME TO planted; ALTER INDEX {a}.pk_months RENAME TO pk_planted;"
        "ALTER TABLE {a}.planted SET SCHEMA {b}; REVOKE ALL ON {b}.planted FROM {a}",
        "ALTER TABLE {b}.planted SET SCHEMA {a}; ALTER TABLE {a}.planted RENAME TO months;"
        "ALTER INDEX {a}.pk_planted RENAME TO pk_months;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON {a}.months TO {a}",
    ),
    "a trigger": (
        "app_owner",
        "CREATE TRIGGER planted BEFORE UPDATE ON {b}.customers FOR EACH ROW "
        "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DROP TRIGGER planted ON {b}.customers",
    ),
    "a schema under another's name": (
        "app_owner",
        "ALTER SCHEMA {b} RENAME TO t_0000000001",
        "ALTER SCHEMA t_0000000001 RENAME TO {b}",
    ),
    "a schema nobody knows": (
        "app_owner",
        "CREATE SCHEMA t_0000000000",
        "DROP SCHEMA t_0000000000",
    ),
}


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> tuple[Tenant, Tenant]:
    """Two stores; whoever plants a hole between them mends it."""
    return new_store(), new_store()


@pytest.mark.parametrize("full", [True, False], ids=["full", "since"])
@pytest.mark.parametrize("hole", HOLES)
def test_a_planted_hole_is_found(pair: tuple[Tenant, Tenant], hole: str, full: bool) -> None:
    who, plant, mend = HOLES[hole]
    store, other = pair
    assert audit.holes(full=full) == []

    _execute(who, plant.format(a=store.name, b=other.name))
    found = audit.holes(full=full)
    again = audit.holes(full=full)
    _execute(who, mend.format(a=store.name, b=other.name))

    assert found
    assert again == found  # it is not taken for whole by having been seen
    assert audit.holes(full=full) == []


def test_a_hole_that_was_being_planted_during_a_clean_audit_is_found_by_the_next(
    pair: tuple[Tenant, Tenant],
) -> None:
    store, other = pair
    with connect("app_migrator") as planting:
        planting.execute("SET ROLE app_owner")
        planting.execute(f"GRANT SELECT ON {other.name}.customers TO {store.name}")
        assert audit.holes() == []  # not committed yet: nobody can use it
        with connect("app_provision") as later:  # the horizon would go on without the one above
            later.execute("SELECT pg_current_xact_id()")
        assert audit.holes() == []
    assert audit.holes() != []
    _execute("app_owner", f"REVOKE SELECT ON {other.name}.customers FROM {store.name}")
    assert audit.holes() == []


def test_what_was_whole_is_not_looked_at_again(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    real = audit._changed

    def changed(*given: Any) -> list[int] | None:
        found = real(*given)
        asked.append(None if found is None else len(found))
        return found

    monkeypatch.setattr(audit, "_changed", changed)
    _forget()
    audit.holes()
    audit.holes()
    new_store()
    audit.holes()
    with service("app_provision") as connection:  # as if restored on another server
        connection.execute("UPDATE registry.clean_audit SET cluster = cluster + 1")
    audit.holes()

    everything, nothing, one_store, elsewhere = asked
    assert everything is elsewhere is None
    assert nothing is not None
    assert one_store is not None
    assert nothing < 5 < one_store < 500


def _forget() -> None:
    with service("app_provision") as connection:
        connection.execute("DELETE FROM registry.clean_audit")


def _execute(who: str, statement: str) -> None:
    login = "app_migrator" if who == "app_owner" else who
    with connect(login) as connection:
        if who == "app_owner":
            connection.execute("SET ROLE app_owner")
        connection.execute(statement)
