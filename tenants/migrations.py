"""Bring the shared schemas and every tenant's schema to head.

Alembic renders each revision once; the runner applies the text to each schema in one transaction
of its own, with the new version in the same commit. So it may be killed anywhere and started
again, two may run at once, and one failing tenant stops nobody else.
Locks: a tenant's registry row, skipped when another runner holds it.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import errors as pg
from psycopg.rows import TupleRow
from sqlalchemy import MetaData, NullPool, create_engine, text

from shared.domain import tables
from tenants import script
from tenants.logins import connect

_LOCK_TRIES = 20
_NEXT = """
    SELECT name, kind, version, hq_version FROM registry.tenants
    WHERE state <> 'retired' AND name <> ALL(%(failed)s)
      AND (version <> %(tenant)s OR (kind = 'hq' AND hq_version <> %(hq)s))
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_BEHIND = """
    SELECT count(*) FROM registry.tenants WHERE state <> 'retired'
      AND (version <> %(tenant)s OR (kind = 'hq' AND hq_version <> %(hq)s))
"""


@dataclass(slots=True)
class Outcome:
    """What a run did: names of migrated tenants, and of failed ones with the reason."""

    migrated: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)


def heads() -> dict[str, str]:
    """Name the newest revision of the two tenant histories."""
    return {"tenant": script.head("tenant"), "hq": script.head("hq")}


def upgrade_registry() -> list[str]:
    """Bring schemas registry and ops to head in one transaction; lists the revisions applied."""
    with connect("app_migrator", autocommit=False) as connection:
        connection.execute("SET LOCAL ROLE app_owner")
        connection.execute("SET LOCAL lock_timeout = '10s'")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS registry.version (revision varchar(32) PRIMARY KEY)"
        )
        connection.execute("LOCK TABLE registry.version IN EXCLUSIVE MODE")
        row = connection.execute("SELECT revision FROM registry.version").fetchone()
        pending = script.steps("registry", row[0] if row else "base")
        for _, statements in pending:
            _send(connection, statements)
        if pending:
            connection.execute("DELETE FROM registry.version")
            connection.execute("INSERT INTO registry.version VALUES (%s)", [pending[-1][0]])
    return [revision for revision, _ in pending]


def tenants_behind() -> int:
    """Count tenants that are not at head: one query, whatever their number."""
    with connect("app_migrator") as connection:
        row = connection.execute(_BEHIND, heads()).fetchone()
    return int(row[0]) if row else 0


def upgrade_across_tenants(
    *, runners: int = 3, on_done: Callable[[str, str | None], None] | None = None
) -> Outcome:
    """Bring every tenant to head over several connections.

    Shape: `on_done(name, error or None)` is called as each tenant ends.
    """
    outcome = Outcome()
    if not tenants_behind():
        return outcome
    lock = threading.Lock()
    threads = [
        threading.Thread(target=_run, args=(outcome, lock, on_done), daemon=True)
        for _ in range(runners)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def drift(schema: str, *, history: str) -> list[Any]:
    """List what differs between a schema and the metadata of its history; empty when equal."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect("app_migrator"),
        poolclass=NullPool,
        use_native_hstore=False,
    )
    metadata = tables.HISTORIES[history]
    with engine.connect() as connection:
        connection.execute(text("SET ROLE app_owner"))
        connection.execute(text(f'SET search_path = "{schema}", ext'))
        connection.dialect.default_schema_name = schema
        context = MigrationContext.configure(connection, opts={"include_name": ours(metadata)})
        return list(compare_metadata(context, metadata))


def ours(metadata: MetaData) -> Callable[[str | None, str, Any], bool]:
    """Say which names of a schema belong to a history: a headquarters' schema holds two."""
    strangers = [other for other in tables.HISTORIES.values() if other is not metadata]
    others = {name for other in strangers for name in other.tables}

    def include(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or name not in others

    return include


def _run(
    outcome: Outcome, lock: threading.Lock, on_done: Callable[[str, str | None], None] | None
) -> None:
    with connect("app_migrator") as connection:
        connection.autocommit = True
        while True:
            with lock:
                failed = list(outcome.failed)
            name, error = _migrate_one(connection, failed)
            if name is None:
                return
            _note(outcome, lock, name, error)
            if on_done and (error is None or name in outcome.failed):
                on_done(name, str(error) if error else None)


def _note(outcome: Outcome, lock: threading.Lock, name: str, error: psycopg.Error | None) -> None:
    with lock:
        if error is None:
            outcome.migrated.append(name)
            return
        tries = outcome.retries[name] = outcome.retries.get(name, 0) + 1
        if not isinstance(error, pg.LockNotAvailable) or tries >= _LOCK_TRIES:
            outcome.failed[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            return
    time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 jitter, not a secret


def _migrate_one(
    connection: psycopg.Connection[TupleRow], failed: list[str]
) -> tuple[str | None, psycopg.Error | None]:
    name: str | None = None
    target = heads()
    try:
        with connection.transaction():
            row = connection.execute(_NEXT, {**target, "failed": failed}).fetchone()
            if row is None:
                return None, None
            name, kind, version, hq_version = row
            _apply(connection, name, "tenant", version)
            if kind == "hq":
                _apply(connection, name, "hq", hq_version)
            connection.execute(
                "UPDATE registry.tenants SET version = %s, "
                "hq_version = CASE WHEN kind = 'hq' THEN %s::text END WHERE name = %s",
                [target["tenant"], target["hq"], name],
            )
    except psycopg.Error as error:
        if name is None:
            raise
        return name, error
    return name, None


def _apply(
    connection: psycopg.Connection[TupleRow], schema: str, history: str, version: str
) -> None:
    connection.execute("SET LOCAL ROLE app_owner")
    connection.execute("SET LOCAL lock_timeout = '2s'")
    connection.execute("SET LOCAL statement_timeout = '60s'")
    connection.execute(f'SET LOCAL search_path = "{schema}", ext')
    for _, statements in script.steps(history, version):
        _send(connection, [text.replace("{login}", schema) for text in statements])
    connection.execute("SET LOCAL ROLE app_migrator")
    connection.execute("SET LOCAL search_path = pg_catalog")


def _send(connection: psycopg.Connection[TupleRow], statements: Sequence[str]) -> None:
    with connection.pipeline():
        for statement in statements:
            connection.execute(statement)
