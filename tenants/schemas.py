"""Build and demolish a tenant's schema together with its login, inside the caller's transaction.

A new schema is one script rendered from the metadata at head, sent as one text; an older
version's is its revisions. The cost does not grow with the number of tenants: nothing here
searches the catalogue.
"""

from psycopg import Connection, sql
from psycopg.rows import DictRow

from tenants import script
from tenants.logins import TENANT_NAME, verifier_for
from tenants.registry import Kind

_LOGIN_OPTIONS = (
    "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
    "CONNECTION LIMIT 24"
)


def histories(kind: Kind) -> tuple[str, ...]:
    """List the histories whose tables a kind of tenant has, in the order they are built."""
    return ("tenant", "hq") if kind == "hq" else ("tenant",)


def build(
    connection: Connection[DictRow], name: str, *, kind: Kind, versions: dict[str, str] | None
) -> None:
    """Make login, schema, tables and grants as app_provision; `versions` None means head.

    Locks: the group of all logins, from the last statement until the caller's transaction ends.
    Raises: script.UnknownRevision.
    """
    tables = [
        statement.replace("{login}", name)
        for history in histories(kind)
        for statement in (
            script.road(history, versions[history]) if versions else script.whole_schema(history)
        )
    ]
    statements = [
        _create_login(name),
        "SET LOCAL ROLE app_owner",
        f"CREATE SCHEMA {name}",
        f"GRANT USAGE ON SCHEMA {name} TO {name}",
        f"SET LOCAL search_path = {name}, ext",
        *tables,
        "SET LOCAL ROLE app_provision",
        "SET LOCAL search_path = pg_catalog",
        # last: it holds what all logins are members of, and whoever makes another one waits
        f"SELECT registry.settle_login('{name}')",
    ]
    connection.execute(sql.SQL(";\n".join(statements)))


def demolish(connection: Connection[DictRow], name: str) -> None:
    """Drop a schema with all that is in it, and its login.

    Locks: every table of the schema, until the caller's transaction ends.
    """
    if not TENANT_NAME.fullmatch(name):
        raise ValueError(f"no such schema: {name!r}")
    connection.execute("SET LOCAL ROLE app_owner")
    connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
    connection.execute("SET LOCAL ROLE app_provision")
    connection.execute(f"DROP ROLE IF EXISTS {name}")


def _create_login(name: str) -> str:
    verifier = verifier_for(name)
    password = f" PASSWORD '{verifier}'" if verifier else ""
    return f"CREATE ROLE {name} {_LOGIN_OPTIONS}{password}"
