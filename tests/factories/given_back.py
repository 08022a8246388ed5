"""A test's tenants go back to the stock of ready schemas: emptied, renamed, their numbers from one.

To make a schema costs the server some thirty times what it costs to empty one. A tenant given
back is retired like any other; its schema waits in the stock under a new name, so the next tenant
is made as in the product. What was written too much into, or is still at work in, stays where it
is.
"""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from psycopg import errors as pg

from shared.domain import tables
from tenants import schemas, stock
from tenants.logins import new_tenant_name, verifier_for
from tenants.migrations import heads
from tenants.moving.retiring import strike_off
from tenants.pool import pool
from tenants.registry import Tenant
from tenants.services import service

MOST = {"store": 8, "hq": 4}  # ready at a time: what a test with a whole chain takes
FEW_ROWS = 500  # more leave so much behind that later tests would read past it
_PATIENCE = ("SET LOCAL lock_timeout = '500ms'", "SET LOCAL statement_timeout = '2s'")

_FROM_ONE = """
    WITH ours AS MATERIALIZED (
        SELECT s.seqrelid, s.seqstart FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        WHERE c.relnamespace = %s::regnamespace)
    SELECT setval(seqrelid, seqstart, false) FROM ours
    WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"""

_made: list[Tenant] = []


def made(tenant: Tenant) -> Tenant:
    """Note a tenant that the running test made."""
    _made.append(tenant)
    return tenant


def forget() -> None:
    """Leave what was made so far to whoever made it: it outlives a test, or is torn to pieces."""
    _made.clear()


def keep(tenant: Tenant) -> Tenant:
    """Leave one tenant to the tests that come after the one that asked for it first."""
    _made.remove(tenant)
    return tenant


def give_back() -> None:
    """Put the running test's tenants into the stock."""
    for tenant in _made:
        try:
            _give_back(tenant)
        except (pg.LockNotAvailable, pg.QueryCanceled, pg.DeadlockDetected):
            continue  # somebody is at work in it yet: it stays as it is, as tenants do
    _made.clear()


def _give_back(tenant: Tenant) -> None:
    if stock.ready()[tenant.kind] >= MOST[tenant.kind]:
        return
    pool().evict(tenant.name)
    with service("app_provision") as connection:
        row = connection.execute(
            "SELECT version, hq_version FROM registry.tenants "
            "WHERE name = %s AND state <> 'retired' FOR UPDATE",
            [tenant.name],
        ).fetchone()
        if row is None or row["version"] != heads()["tenant"]:
            return
        strike_off(connection, tenant)
        name = new_tenant_name()
        if not _emptied(connection, tenant):
            connection.rollback()
            return
        _rename(connection, tenant.name, name)
        connection.execute(
            "INSERT INTO registry.stock VALUES (%s, %s, %s, %s, 'ready', %s)",
            [name, tenant.kind, row["version"], row["hq_version"], datetime.now(UTC)],
        )


def _emptied(connection: Connection[Any], tenant: Tenant) -> bool:
    """Delete every row, drop what is no table of ours, count from one; False: too many rows.

    Locks: every table against writing, so nobody's half-done write is renamed with it.
    """
    known = [table for part in schemas.histories(tenant.kind) for table in _in_order(part)]
    for setting in (*_PATIENCE, "SET LOCAL ROLE app_owner"):
        connection.execute(setting)
    connection.execute(f"SET LOCAL search_path = {tenant.name}, ext, pg_catalog")
    connection.execute(f"LOCK TABLE {', '.join(known)} IN SHARE ROW EXCLUSIVE MODE")
    cursor = connection.execute(";".join(f"DELETE FROM {table}" for table in reversed(known)))
    deleted = cursor.rowcount
    while cursor.nextset():
        deleted += cursor.rowcount
    strangers = connection.execute(
        "SELECT relname::text AS name FROM pg_class WHERE relnamespace = %s::regnamespace "
        "AND relkind = 'r' AND relname <> ALL(%s)",
        [tenant.name, known],
    ).fetchall()
    for stranger in strangers:
        connection.execute(f"DROP TABLE {stranger['name']}")
    connection.execute(_FROM_ONE, [tenant.name])
    connection.execute("SET LOCAL search_path = pg_catalog")
    return deleted <= FEW_ROWS


def _rename(connection: Connection[Any], old: str, new: str) -> None:
    connection.execute(f"ALTER SCHEMA {old} RENAME TO {new}")
    connection.execute("SET LOCAL ROLE app_provision")
    connection.execute(f"ALTER ROLE {old} RENAME TO {new}")
    connection.execute("SELECT registry.settle_login(%s)", [new])
    if verifier := verifier_for(new):
        connection.execute(f"ALTER ROLE {new} PASSWORD '{verifier}'")


def _in_order(history: str) -> list[str]:
    return [table.name for table in tables.HISTORIES[history].sorted_tables]
