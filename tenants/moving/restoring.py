"""Make a new tenant from an exported file, on the server it came from or on another.

The schema is built as it was at the export's version, filled under its own login, compared with the
file, migrated; who was erased since the file was written is erased again; and only then is it known
as a tenant. Whatever fails, or is killed, leaves no tenant.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args
from uuid import UUID, uuid4

from psycopg import Connection, sql
from psycopg import errors as pg
from psycopg.rows import DictRow

from shared import errors
from tenants import erased, migrations, provisioning, registry, stock
from tenants.catalogue import CopiedTable, tables_of
from tenants.logins import TENANT_NAME
from tenants.moving import archive, exporting
from tenants.moving.archive import ExportBroken, Manifest, PersonFacts, TableFacts, Tally
from tenants.provisioning import Also, NewTenant, nothing_else
from tenants.registry import Kind, NoSuchTenant, Tenant
from tenants.schemas import histories
from tenants.script import UnknownRevision
from tenants.services import service


class VersionUnknown(errors.Invalid):
    """This export was made by a newer Rollbook."""

    code = "RANGE"
    zh = "导出文件来自更新的版本,无法恢复"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the restored tenant shall be known; None keeps what the export says."""

    slug: str
    display_name: str | None = None
    code: str | None = None
    hq: Tenant | None = None  # a contract with this headquarters
    with_people: bool = True


def restore(path: Path, wanted: Wanted, *, also: Also = nothing_else) -> Tenant:
    """Make a tenant from an export; its people get their roles, new ones without a password.

    `also` is done in the transaction that makes the tenant known.

    Raises: ExportBroken, VersionUnknown, SlugTaken, BadTenant, NoSuchTenant.
    """
    if registry.tenant_by_slug(wanted.slug) is not None:
        raise provisioning.SlugTaken(slug=wanted.slug)
    with archive.reading(path) as reader:
        new, kind = _described(reader.manifest, wanted)
        if wanted.hq is not None and kind == "hq":
            raise NoSuchTenant(slug=wanted.slug, kind="store")
        name = _begin(reader.manifest, kind)
        try:
            _finish(reader, name, (new, kind), wanted, also)
        except BaseException:
            with service("app_provision") as connection:
                stock.drop(connection, name)
            raise
    made = registry.tenant_by_slug(wanted.slug)
    assert made is not None
    return made


def manifest_of(path: Path) -> Manifest:
    """Check every byte of an export and say what it holds.

    Raises: ExportBroken.
    """
    with archive.reading(path) as reader:
        return reader.manifest


def _described(manifest: Manifest, wanted: Wanted) -> tuple[NewTenant, Kind]:
    facts = dict(manifest.tenant)
    kind = facts.pop("kind", None)
    facts.pop("origin", None)
    if kind not in get_args(Kind) or set(histories(kind)) != set(manifest.versions):
        raise ExportBroken(tenant="incomplete")
    try:
        new = NewTenant(**facts)
    except TypeError as error:
        raise ExportBroken(tenant="incomplete") from error
    return replace(
        new,
        slug=wanted.slug,
        display_name=wanted.display_name or new.display_name,
        code=wanted.code or new.code,
    ), kind


def _begin(manifest: Manifest, kind: Kind) -> str:
    try:
        with service("app_provision") as connection:
            return stock.begin(connection, kind=kind, versions=manifest.versions)
    except UnknownRevision as error:
        raise VersionUnknown(versions=manifest.versions) from error


def _finish(
    reader: archive.Reader, name: str, described: tuple[NewTenant, Kind], wanted: Wanted, also: Also
) -> None:
    new, kind = described
    origin = _origin_of(reader.manifest) or name
    with service("app_provision") as connection:
        _hold(connection, name)
        tables, last = _fill(reader, name)
        _set_identities(connection, name, tables, last)
        migrations.upgrade_one(connection, ("registry.stock", name))
    with service("app_provision") as connection:
        _hold(connection, name)
        erased.keep_erased(name, origin=origin)
        provisioning.activate(connection, new, kind=kind, taken="name = %s", given=[name])
        connection.execute(
            "UPDATE registry.tenants SET origin = %s WHERE name = %s", [origin, name]
        )
        if wanted.hq is not None:
            provisioning.link(connection, name, wanted.hq)
        for person in reader.manifest.people if wanted.with_people else ():
            _admit(connection, name, person)
        also(connection)


def _hold(connection: Connection[DictRow], name: str) -> None:
    """Hold a schema's row: as long as we do, nobody takes it for abandoned.

    Raises: ExportBroken when somebody did between two holds.
    """
    connection.execute("SET LOCAL statement_timeout = 0")
    held = connection.execute("SELECT FROM registry.stock WHERE name = %s FOR UPDATE", [name])
    if held.rowcount != 1:
        raise ExportBroken(schema="was given up")


def _origin_of(manifest: Manifest) -> str | None:
    """Give the first tenant that this one was restored from, however often."""
    origin = manifest.tenant.get("origin")
    is_name = isinstance(origin, str) and TENANT_NAME.fullmatch(origin)
    return origin if is_name else None


def _fill(
    reader: archive.Reader, name: str
) -> tuple[list[CopiedTable], dict[tuple[str, str], int]]:
    """Copy the rows in under the schema's own login: a file made to harm reaches nothing else."""
    given = {facts.name: facts for facts in reader.manifest.tables}
    with exporting.connected(name) as connection:
        tables = tables_of(connection, name)
        if {table.name: set(table.columns) for table in tables} != {
            facts.name: set(facts.columns) for facts in given.values()
        }:
            raise ExportBroken(tables="are not those of its version")
        tables = [replace(table, columns=given[table.name].columns) for table in tables]
        for table in tables:
            _copy_in(connection, table, reader, given[table.name])
        last = {
            (table.name, column): _largest(connection, table.name, column)
            for table in tables
            for column in table.identities
        }
    return tables, last


def _copy_in(
    connection: Connection[DictRow],
    table: CopiedTable,
    reader: archive.Reader,
    facts: TableFacts,
) -> None:
    try:
        with connection.cursor() as cursor, cursor.copy(table.copy_in()) as copy:
            for piece in reader.table(facts):
                copy.write(piece)
    except (pg.DataError, pg.IntegrityError) as error:
        raise ExportBroken(table=table.name) from error
    tally = Tally()
    for read_back in exporting.copied_out(connection, table):
        tally.add(read_back)
    if tally.facts(table.name, table.columns) != facts:
        raise ExportBroken(table=table.name, rows="do not read back as they were written")


def _largest(connection: Connection[DictRow], table: str, column: str) -> int:
    query = sql.SQL("SELECT coalesce(max({}), 0) AS last FROM {}")
    row = connection.execute(query.format(sql.Identifier(column), sql.Identifier(table))).fetchone()
    return int(row["last"]) if row else 0


def _set_identities(
    connection: Connection[DictRow],
    name: str,
    tables: list[CopiedTable],
    last: dict[tuple[str, str], int],
) -> None:
    connection.execute("SET LOCAL ROLE app_owner")
    for table in tables:
        for column in table.identities:
            restart = sql.SQL("ALTER TABLE {} ALTER COLUMN {} RESTART WITH {}").format(
                sql.Identifier(name, table.name),
                sql.Identifier(column),
                sql.Literal(last[table.name, column] + 1),
            )
            connection.execute(restart)
    connection.execute("SET LOCAL ROLE app_provision")


def _admit(connection: Connection[DictRow], tenant: str, person: PersonFacts) -> None:
    now = datetime.now(UTC)
    try:
        known = UUID(person.id)
        # The same id where it is free: slips name their sellers by it.
        row = connection.execute(
            """
            INSERT INTO registry.people (id, login, name, locale, created_at)
            SELECT CASE WHEN EXISTS (SELECT FROM registry.people WHERE id = %(id)s)
                THEN %(other)s ELSE %(id)s END, %(login)s, %(name)s, %(locale)s, %(now)s
            ON CONFLICT (login) DO UPDATE SET login = excluded.login RETURNING id
            """,
            {
                "id": known,
                "other": uuid4(),
                "login": person.login,
                "name": person.name,
                "locale": person.locale,
                "now": now,
            },
        ).fetchone()
        for role in person.roles:
            connection.execute(
                "INSERT INTO registry.memberships (person_id, tenant, role, since) "
                "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [row["id"] if row else known, tenant, role, now],
            )
    except (ValueError, pg.DataError, pg.IntegrityError) as error:
        raise ExportBroken(people="unreadable") from error
