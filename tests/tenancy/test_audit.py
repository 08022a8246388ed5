"""The catalogue audit: nothing on a whole wall, and each planted hole is found."""

import pytest

from tenants import audit
from tenants.logins import connect
from tenants.registry import Tenant
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
    "a schema nobody knows": (
        "app_owner",
        "CREATE SCHEMA t_0000000000",
        "DROP SCHEMA t_0000000000",
    ),
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_planted_hole_is_found(store: Tenant, hole: str) -> None:
    who, plant, mend = HOLES[hole]
    other = new_store()
    assert audit.holes() == []

    _execute(who, plant.format(a=store.name, b=other.name))
    found = audit.holes()
    _execute(who, mend.format(a=store.name, b=other.name))

    assert found
    assert audit.holes() == []


def _execute(who: str, statement: str) -> None:
    login = "app_migrator" if who == "app_owner" else who
    with connect(login) as connection:
        if who == "app_owner":
            connection.execute("SET ROLE app_owner")
        connection.execute(statement)
