"""Group S: raw SQL on a tenant's own connection, as an injection would run it.

First the attacks are shown to work against a weak set-up (one login that may SET ROLE to the
tenants); then the same statements, and sixty more, are refused by ours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import text

from deploy.local.postgres import Cluster
from tenants import audit
from tenants.logins import connect
from tenants.pool import pool
from tenants.provisioning import suspend
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_store

CANARY = "canary-of-b"


@dataclass(frozen=True)
class Pair:
    """Two stores with equal ids; the second one's customer 1 is the canary."""

    a: Tenant
    b: Tenant


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> Pair:
    made = Pair(new_store(), new_store())
    for tenant, name in ((made.a, "own-a"), (made.b, CANARY)):
        with tenant_session(tenant) as session:
            session.execute(
                text("INSERT INTO customers (number, name, created_at) VALUES ('1', :n, now())"),
                {"n": name},
            )
            session.commit()
    return made


@pytest.fixture
def weak_login(pair: Pair) -> Iterator[psycopg.Connection]:
    """What we do not do: one login that is a member of both tenants' roles."""
    with connect("app_provision", autocommit=True) as operator:
        for tenant in (pair.a, pair.b):
            operator.execute(f"GRANT {tenant.name} TO app_dispatch WITH INHERIT FALSE, SET TRUE")
        try:
            with connect("app_dispatch", autocommit=True) as connection:
                yield connection
        finally:
            for tenant in (pair.a, pair.b):
                operator.execute(f"REVOKE {tenant.name} FROM app_dispatch")


def test_one_injected_statement_leaves_a_set_role_wall(
    weak_login: psycopg.Connection, pair: Pair
) -> None:
    weak_login.execute(f"SET ROLE {pair.a.name}")
    weak_login.execute(f"SET search_path = {pair.a.name}")

    weak_login.execute(f"SET ROLE {pair.b.name}")
    rows = weak_login.execute(f"SELECT name FROM {pair.b.name}.customers").fetchall()

    assert rows == [(CANARY,)]


def test_the_audit_sees_the_weak_login(weak_login: psycopg.Connection, pair: Pair) -> None:
    found = {hole.found for hole in audit.holes()}

    assert f"app_dispatch in {pair.b.name}" in found


# {b} is the other tenant; every statement must be refused by the server.
REFUSED = [
    "SELECT name FROM {b}.customers",
    "SELECT * FROM {b}.sales",
    "INSERT INTO {b}.customers (number, name, created_at) VALUES ('9', 'x', now())",
    "UPDATE {b}.customers SET name = 'x'",
    "DELETE FROM {b}.customers",
    "TRUNCATE {b}.customers",
    "SELECT nextval('{b}.customers_id_seq')",
    "SELECT setval('customers_id_seq', 1)",
    "SET ROLE {b}",
    "SET LOCAL ROLE {b}",
    "SET ROLE app_owner",
    "SET ROLE app_provision",
    "SET ROLE tenant_login",
    "SET SESSION AUTHORIZATION {b}",
    "SET SESSION AUTHORIZATION app_owner",
    "SELECT set_config('role', '{b}', false)",
    "SELECT set_config('role', '{b}', true) UNION SELECT set_config('search_path', '{b}', true)",
    "SELECT set_config('session_authorization', '{b}', false)",
    "SELECT set_config('search_path', '{b}', false)",
    "SELECT query_to_xml('SELECT name FROM {b}.customers', true, false, '')",
    "SELECT table_to_xml('{b}.customers', true, false, '')",
    "SELECT * FROM ts_stat('SELECT to_tsvector(name) FROM {b}.customers')",
    "SELECT 1; SELECT 2",
    "SELECT 1; SET ROLE {b}",
    "COMMIT; SET ROLE {b}",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
    "CREATE TEMP TABLE x (a int)",
    "CREATE TABLE x (a int)",
    "CREATE VIEW v AS SELECT 1",
    "CREATE SCHEMA s",
    "CREATE EXTENSION vector",
    "CREATE ROLE r",
    "ALTER ROLE {b} PASSWORD 'x'",
    "ALTER ROLE CURRENT_USER CONNECTION LIMIT 100",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER SET temp_file_limit = '-1'",
    "GRANT {b} TO CURRENT_USER",
    "ALTER TABLE customers ADD COLUMN x int",
    "ALTER TABLE customers DISABLE TRIGGER ALL",
    "DROP TABLE customers",
    "LOCK TABLE {b}.customers IN SHARE MODE",
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY customers FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_create(0)",
    "SELECT dblink('dbname=rollbook', 'SELECT 1')",
    "SELECT * FROM pg_stat_activity",
    "SELECT * FROM pg_roles",
    "SELECT * FROM pg_user",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_settings",
    "SELECT * FROM pg_locks",
    "SELECT * FROM pg_stat_all_tables",
    "SELECT * FROM pg_stat_user_tables",
    "SELECT * FROM pg_statio_user_tables",
    "SELECT * FROM pg_stat_xact_user_tables",
    "SELECT * FROM pg_stat_user_indexes",
    "SELECT * FROM pg_stat_progress_vacuum",
    "SELECT * FROM pg_stat_get_activity(NULL)",
    "SELECT * FROM pg_stat_get_backend_idset()",
    "SELECT * FROM pg_lock_status()",
    "SELECT * FROM pg_show_all_settings()",
    "SELECT pg_stat_get_live_tuples(oid) FROM pg_class",
    "SELECT pg_stat_get_tuples_inserted(oid) FROM pg_class",
    "SELECT pg_total_relation_size(oid) FROM pg_class",
    "SELECT pg_relation_size(oid) FROM pg_class",
    "SELECT pg_database_size(current_database())",
    "SELECT pg_notify('bell', 'x')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_xact_lock(1)",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_cancel_backend(1)",
    "SELECT pg_export_snapshot()",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT * FROM registry.tenants",
    "SELECT * FROM registry.people",
    "SELECT * FROM registry.sessions",
    "SELECT * FROM ops.clock",
    "INSERT INTO ops.job (tenant, kind, queue, args, run_at, created_at) "
    "VALUES ('{b}', 'x', 'now', '{{}}', now(), now())",
    "UPDATE ops.job SET tenant = '{b}'",
    "DELETE FROM ops.job",
    "INSERT INTO ops.letter (receiver, kind, key, revision, version, payload, on_date, sent_at) "
    "VALUES ('{b}', 'snapshot', 'k', 1, 1, '{{}}', now(), now())",
    "ALTER TABLE ops.job DISABLE ROW LEVEL SECURITY",
    "DROP POLICY tenant_own ON ops.job",
    "SELECT ops.is_linked('{b}', current_date) FROM {b}.customers",
    "VACUUM {b}.customers",
    "UPDATE sales SET total_fen = 0",  # the ledger of one's own
    "UPDATE sales SET customer_id = NULL",
    "UPDATE record_changes SET made_by = NULL",
    "UPDATE erasures SET asked_at = now()",
    "DELETE FROM erasures",
    "SELECT * FROM ops.tombstone",
    "DELETE FROM ops.tombstone",
    "UPDATE sales SET id = 1",
    "DELETE FROM sales",
    "DELETE FROM sale_lines",
    "UPDATE sale_tenders SET amount_fen = 0",
    "UPDATE cash_payments SET amount_fen = 1",
    "DELETE FROM month_steps",
    "TRUNCATE sales CASCADE",
    "REINDEX TABLE {b}.customers",
    "REASSIGN OWNED BY {b} TO CURRENT_USER",
    "LOAD 'auto_explain'",
    "ALTER SYSTEM SET fsync = off",
    "CREATE DATABASE x",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_server_refuses_and_the_next_borrower_is_clean(pair: Pair, statement: str) -> None:
    hostile = statement.format(a=pair.a.name, b=pair.b.name)
    with tenant_session(pair.a) as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        with pytest.raises(psycopg.Error):
            raw.execute(hostile)

    _assert_clean(pair)


# Statements a login may run, which must do nothing beyond itself and leave nothing behind.
HARMLESS = [
    "RESET ROLE",
    "SET SESSION AUTHORIZATION DEFAULT",
    "SET search_path = {b}, pg_catalog",
    "SET statement_timeout = 0",
    "SET row_security = off",
    "SET default_transaction_read_only = on",
    "LISTEN bell",
    "GRANT SELECT ON customers TO {b}",  # no grant option: a warning, and nothing is granted
    "GRANT USAGE ON SCHEMA {a} TO {b}",
    "SELECT * FROM ops.job WHERE tenant = '{b}'",
    "SELECT * FROM ops.letter WHERE sender = '{b}' OR receiver = '{b}'",
    "SELECT * FROM pg_stats WHERE schemaname = '{b}'",
    "SELECT * FROM information_schema.columns WHERE table_schema = '{b}'",
]


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_is_allowed_shows_nothing_and_leaves_nothing(pair: Pair, statement: str) -> None:
    with tenant_session(pair.b) as session:
        session.execute(
            text(
                "INSERT INTO ops.job (kind, queue, args, run_at, created_at) "
                "VALUES ('canary', 'now', '{}', now(), now())"
            )
        )
        session.commit()

    with tenant_session(pair.a) as session:
        raw = session.connection().connection.driver_connection
        assert raw is not None
        cursor = raw.execute(statement.format(a=pair.a.name, b=pair.b.name))
        shown = cursor.fetchall() if cursor.description else []
        raw.commit()

    assert shown == []
    _assert_clean(pair)


def test_settings_a_tenant_gives_its_own_login_do_not_reach_our_connections(
    cluster: Cluster,
) -> None:
    tenant = new_store()
    with tenant_session(tenant) as session:
        session.execute(text("ALTER ROLE CURRENT_USER SET statement_timeout = '1ms'"))
        session.execute(text("ALTER ROLE CURRENT_USER SET search_path = 'pg_temp'"))
        session.commit()
    pool().evict(tenant.name)

    with tenant_session(tenant) as session:
        assert session.scalar(text("SHOW statement_timeout")) == "15s"
        assert session.scalar(text("SELECT current_schema()")) == tenant.name
    assert any(tenant.name in hole.found for hole in audit.holes())
    with tenant_session(tenant) as session:
        session.execute(text("ALTER ROLE CURRENT_USER SET statement_timeout = '15s'"))
        session.execute(text(f"ALTER ROLE CURRENT_USER SET search_path = {tenant.name}"))
        session.commit()
    assert audit.holes() == []


@pytest.mark.parametrize("login", ["app_auth", "app_dispatch"])
def test_service_logins_reach_no_tenant(pair: Pair, login: str) -> None:
    with connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SELECT * FROM {pair.b.name}.customers")


def test_the_dispatcher_reads_no_arguments_and_no_letters(pair: Pair) -> None:
    for column in (
        "args FROM ops.job",
        "payload FROM ops.letter",
        "password_hash FROM registry.people",
    ):
        with (
            connect("app_dispatch") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"SELECT {column}")


def test_a_suspended_tenant_keeps_its_wall(pair: Pair) -> None:
    parked = suspend(new_store())

    with tenant_session(parked) as session, pytest.raises(Exception, match="permission denied"):
        session.execute(text(f"SELECT * FROM {pair.b.name}.customers"))


def _assert_clean(pair: Pair) -> None:
    with tenant_session(pair.a) as session:
        who = session.execute(
            text("SELECT session_user::text, current_user::text, current_schema()::text")
        ).one()
        assert tuple(who) == (pair.a.name,) * 3
        assert session.scalar(text("SHOW statement_timeout")) == "15s"
        assert session.scalars(text("SELECT name FROM customers")).all() == ["own-a"]
    with tenant_session(pair.b) as session:
        assert session.scalars(text("SELECT name FROM customers")).all() == [CANARY]
