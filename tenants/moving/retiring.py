"""Close a tenant for good: its schema and login go, its registry row stays for the records.

Sessions, tokens and links name the opaque tenant, so none of them works for whoever takes the
slug next.
"""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection, sql
from psycopg import errors as pg
from psycopg.rows import DictRow

from shared import errors
from tenants import schemas
from tenants.catalogue import tables_of
from tenants.moving import exporting
from tenants.provisioning import Also, nothing_else
from tenants.registry import Tenant
from tenants.services import service

_PATIENCE = "5s"  # for what is being written


class TenantBusy(errors.Unavailable):
    """Somebody is still working in this tenant, try again."""

    zh = "该门店仍有操作在进行,请稍后再试"


class AlreadyRetired(errors.Conflict):
    """This tenant is retired already."""

    code = "STATE"
    zh = "该门店已注销"


def retire(
    tenant: Tenant, *, export_to: Path | None, also: Also = nothing_else
) -> exporting.Exported | None:
    """Export a tenant to a file (None: do not), then drop its schema and login for good.

    Nothing can be written between the export and the end: both happen while every table is locked
    against writing, and what was being written is waited for. `also` is done in that transaction.
    Locks: the tenant's row, then all its tables.
    Raises: TenantBusy, AlreadyRetired, exporting.FileExists; then the tenant is as it was.
    """
    exported = None
    try:
        with service("app_provision") as connection:
            _lock(connection, tenant)
            if export_to is not None:
                exported = exporting.export(tenant, export_to)
            strike_off(connection, tenant)
            schemas.demolish(connection, tenant.name)
            also(connection)
    except (pg.LockNotAvailable, pg.DeadlockDetected) as error:
        if exported and export_to:
            with suppress(FileNotFoundError):
                export_to.unlink()
        raise TenantBusy(slug=tenant.slug) from error
    return exported


def strike_off(connection: Connection[DictRow], tenant: Tenant) -> None:
    """End all that the registry knows of a tenant, in the caller's transaction; the row stays."""
    now = datetime.now(UTC)
    connection.execute(
        "UPDATE registry.tenants SET state = 'retired', suspended_at = NULL WHERE name = %s",
        [tenant.name],
    )
    connection.execute(
        "UPDATE registry.contracts SET valid_to = greatest(valid_from, %(today)s) "
        "WHERE (store = %(name)s OR hq = %(name)s) "
        "AND (valid_to IS NULL OR valid_to > %(today)s)",
        {"today": now.date(), "name": tenant.name},
    )
    connection.execute(
        "UPDATE registry.api_tokens SET revoked_at = %s WHERE tenant = %s AND revoked_at IS NULL",
        [now, tenant.name],
    )
    connection.execute("DELETE FROM registry.memberships WHERE tenant = %s", [tenant.name])


def _lock(connection: Connection[DictRow], tenant: Tenant) -> None:
    row = connection.execute(
        "SELECT state FROM registry.tenants WHERE name = %s FOR UPDATE", [tenant.name]
    ).fetchone()
    if row is None or row["state"] == "retired":
        raise AlreadyRetired(slug=tenant.slug)
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
    connection.execute("SET LOCAL ROLE app_owner")
    for table in tables_of(connection, tenant.name):
        name = sql.Identifier(tenant.name, table.name)
        connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(name))
    connection.execute("SET LOCAL ROLE app_provision")
