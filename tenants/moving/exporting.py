"""Copy a whole tenant into one file, under its own login and in one snapshot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow, dict_row

from shared import errors
from tenants.catalogue import CopiedTable, tables_of
from tenants.logins import conninfo
from tenants.moving import archive
from tenants.moving.archive import Manifest, PersonFacts
from tenants.registry import NoSuchTenant, Tenant
from tenants.services import service

# A copy takes as long as it takes; its text must be the same on every server.
STARTUP = (
    "-c search_path={name} -c statement_timeout=0 -c idle_in_transaction_session_timeout=0 "
    "-c lock_timeout=5s -c datestyle=ISO,YMD -c intervalstyle=postgres -c timezone=UTC "
    "-c extra_float_digits=1 -c bytea_output=hex -c row_security=on"
)
_TENANT_FACTS = (
    "slug, kind, display_name, code, time_zone, day_change_hour, currency, version, hq_version, "
    "coalesce(origin, name)::text AS origin"
)


class FileExists(errors.Conflict):
    """There is a file of this name already."""

    code = "DUPLICATE"
    zh = "文件已存在"


class MigratedMeanwhile(errors.Unavailable):
    """The tenant changed under the export, try again."""

    zh = "导出期间门店结构有变化,请重试"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    file: Path
    tables: int
    rows: int
    bytes: int
    people: int


def export(tenant: Tenant, path: Path) -> Exported:
    """Write a tenant's rows, its facts, and the people with roles in it.

    Raises: FileExists, MigratedMeanwhile, NoSuchTenant when it is retired.
    """
    if path.exists():
        raise FileExists(file=str(path))
    with archive.writing(path) as writer, connected(tenant.name) as connection:
        facts, versions, tables = _snapshot(connection, tenant)
        written = tuple(
            writer.table(table.name, table.columns, copied_out(connection, table))
            for table in tables
        )
        people = _people_of(tenant)
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        writer.finish(Manifest(facts, versions, written, people, made_at))
    return Exported(
        file=path,
        tables=len(written),
        rows=sum(table.rows for table in written),
        bytes=path.stat().st_size,
        people=len(people),
    )


def connected(name: str) -> psycopg.Connection[DictRow]:
    """Connect as a tenant, or a schema of the stock, for a copy; the caller closes it."""
    address = conninfo(name, options=STARTUP.format(name=name))
    return psycopg.connect(address, row_factory=dict_row)


def copied_out(connection: Connection[DictRow], table: CopiedTable) -> Iterator[memoryview]:
    """Give a table's COPY text piece by piece."""
    with connection.cursor() as cursor, cursor.copy(table.copy_out()) as copy:
        for piece in copy:
            yield memoryview(piece)


def _snapshot(
    connection: Connection[DictRow], tenant: Tenant
) -> tuple[dict[str, Any], dict[str, str], list[CopiedTable]]:
    """Stand in one snapshot of one version: no migration may come in between."""
    before = _facts_of(tenant)
    tables = tables_of(connection, tenant.name)
    connection.commit()
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    for table in tables:  # locks do not take the snapshot, the first question does
        name = sql.Identifier(table.name)
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(name))
    facts = _facts_of(tenant)
    if facts != before:
        raise MigratedMeanwhile(slug=tenant.slug)
    versions = {"tenant": str(facts.pop("version"))}
    if hq_version := facts.pop("hq_version"):
        versions["hq"] = str(hq_version)
    return facts, versions, tables


def _facts_of(tenant: Tenant) -> dict[str, Any]:
    with service("app_provision") as connection:
        row = connection.execute(
            f"SELECT {_TENANT_FACTS} FROM registry.tenants WHERE name = %s AND state <> 'retired'",
            [tenant.name],
        ).fetchone()
    if row is None:
        raise NoSuchTenant(slug=tenant.slug)
    return row


def _people_of(tenant: Tenant) -> tuple[PersonFacts, ...]:
    with service("app_provision") as connection:
        people = connection.execute(
            "SELECT p.id::text, p.login, p.name, p.locale, "
            "array_agg(m.role ORDER BY m.role) AS roles "
            "FROM registry.memberships m JOIN registry.people p ON p.id = m.person_id "
            "WHERE m.tenant = %s GROUP BY p.id ORDER BY p.login",
            [tenant.name],
        ).fetchall()
    return tuple(PersonFacts(**{**row, "roles": tuple(row["roles"])}) for row in people)
