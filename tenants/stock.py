"""The warm stock: ready schemas with logins, so that a new tenant is a registry row.

Shape: registry.stock; a row `ready` waits for a tenant, one `making` is being restored into.
Names are opaque, so a ready name simply becomes its tenant's name. The stock is migrated with the
tenants; what is behind the code in the hands of a caller is left for the migration.
"""

from datetime import UTC, datetime, timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from tenants import schemas
from tenants.logins import new_tenant_name
from tenants.migrations import heads
from tenants.registry import Kind
from tenants.services import service

ABANDONED = timedelta(minutes=10)  # a row `making` that old and not locked was left by a kill

_KINDS: tuple[Kind, ...] = ("store", "hq")


def ready() -> dict[Kind, int]:
    """Count the ready schemas by kind, whatever their version."""
    with service("app_provision") as connection:
        return _ready(connection)


def refill(stores: int) -> bool:
    """Make one ready schema if one is missing; say whether it did, so whether to ask again.

    Units: a headquarters is needed far more rarely: one is kept, if any stores are.
    """
    wanted: dict[Kind, int] = {"store": stores, "hq": min(stores, 1)}
    with service("app_provision") as connection:
        there = _ready(connection)
        for kind in _KINDS:
            if there[kind] < wanted[kind]:
                name = begin(connection, kind=kind, versions=None)
                connection.execute(
                    "UPDATE registry.stock SET state = 'ready' WHERE name = %s", [name]
                )
                return True
    return False


def begin(connection: Connection[DictRow], *, kind: Kind, versions: dict[str, str] | None) -> str:
    """Make a schema and its row, `making` until the caller says otherwise; `versions` None: head.

    Raises: script.UnknownRevision.
    """
    name, stands = new_tenant_name(), versions or heads()
    connection.execute(
        "INSERT INTO registry.stock (name, kind, version, hq_version, state, created_at) "
        "VALUES (%s, %s, %s, %s, 'making', %s)",
        [name, kind, stands["tenant"], stands["hq"] if kind == "hq" else None, datetime.now(UTC)],
    )
    schemas.build(connection, name, kind=kind, versions=versions)
    return name


def drop_abandoned(now: datetime | None = None) -> list[str]:
    """Drop what a killed restore left behind; lists the names.

    Locks: each row; one that a living restore holds is skipped.
    """
    instant = now or datetime.now(UTC)
    with service("app_provision") as connection:
        rows = connection.execute(
            "SELECT name FROM registry.stock WHERE state = 'making' AND created_at < %s "
            "FOR UPDATE SKIP LOCKED",
            [instant - ABANDONED],
        ).fetchall()
        for row in rows:
            drop(connection, row["name"])
    return [row["name"] for row in rows]


def drop(connection: Connection[DictRow], name: str) -> None:
    """Drop a schema of the stock, its login and its row."""
    schemas.demolish(connection, name)
    connection.execute("DELETE FROM registry.stock WHERE name = %s", [name])


def _ready(connection: Connection[DictRow]) -> dict[Kind, int]:
    rows = connection.execute(
        "SELECT kind, count(*) AS ready FROM registry.stock WHERE state = 'ready' GROUP BY kind"
    ).fetchall()
    counts = {row["kind"]: row["ready"] for row in rows}
    return {kind: counts.get(kind, 0) for kind in _KINDS}
