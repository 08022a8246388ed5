"""Bring the shared schemas and every tenant's schema to head.

Alembic renders each revision once; the runner applies the text to each schema in one transaction
of its own, with the new version in the same commit. So it may be killed anywhere and started
again, two may run at once, and one failing tenant stops nobody else.
Locks: a tenant's registry row, skipped when another runner holds it.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import errors as pg
from psycopg.rows import DictRow, dict_row
from sqlalchemy import MetaData, NullPool, create_engine, text

from shared.domain import tables
from tenants import script
from tenants.logins import connect, conninfo

_LOCK_TRIES = 20
_SETTINGS = (
    "SET LOCAL ROLE app_owner",
    "SET LOCAL lock_timeout = '2s'",
    "SET LOCAL statement_timeout = '60s'",
    # A crash may take back the last moment's migrations, each whole with its version: they are
    # done again. What is written after one, in whatever session, keeps it; so does a run's end.
    "SET LOCAL synchronous_commit = off",
)
_IS_BEHIND = "(version <> %(tenant)s OR (kind = 'hq' AND hq_version <> %(hq)s))"
# Tenants first, then the stock: ready schemas are migrated like the others.
_BEHIND = f"""
    SELECT 'registry.tenants' AS held_in, name, created_at FROM registry.tenants
    WHERE state <> 'retired' AND {_IS_BEHIND}
    UNION ALL
    SELECT 'registry.stock', name, created_at FROM registry.stock
    WHERE state = 'ready' AND {_IS_BEHIND}
    ORDER BY held_in DESC, created_at
"""

Place = tuple[str, str]  # the table that knows a schema, and its name


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
    """Count schemas that are not at head: one query, whatever their number."""
    return len(_behind())


def upgrade_across_tenants(
    *, runners: int = 3, on_done: Callable[[str, str | None], None] | None = None
) -> Outcome:
    """Bring every tenant and the stock to head over several connections.

    Shape: `on_done(name, error or None)` is called as each schema ends.
    Raises: psycopg.Error when there is no database to speak to.
    """
    run = _Run(on_done)
    while waiting := [place for place in _behind() if place[1] not in run.outcome.failed]:
        before = run.progress()
        run.go(waiting, runners)
        if run.progress() == before:
            _pause()  # all that is left is in another runner's hands
    if run.outcome.migrated:
        _make_durable()
    return run.outcome


def upgrade_one(connection: psycopg.Connection[DictRow], place: Place) -> None:
    """Bring one schema to head in the caller's transaction; for what is not in use yet.

    Raises: psycopg.Error.
    """
    _migrate(connection, place)


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


class _Run:
    """One run over many schemas: what waits, and what became of the others."""

    def __init__(self, on_done: Callable[[str, str | None], None] | None) -> None:
        self.outcome = Outcome()
        self._on_done = on_done
        self._waiting: deque[Place] = deque()
        self._lock = threading.Lock()

    def progress(self) -> int:
        """Count what ended, and what was tried again."""
        done = len(self.outcome.migrated) + len(self.outcome.failed)
        return done + sum(self.outcome.retries.values())

    def go(self, places: Sequence[Place], runners: int) -> None:
        """Try each place, over several connections.

        Raises: what is no tenant's own trouble, as tried again it would only come back; each
            thread ends its tenant before.
        """
        self._waiting.extend(places)
        with ThreadPoolExecutor(min(runners, len(places))) as threads:
            working = [threads.submit(self._work) for _ in range(min(runners, len(places)))]
            try:
                for one in working:
                    one.result()
            finally:
                self._waiting.clear()

    def _work(self) -> None:
        with psycopg.connect(
            conninfo("app_migrator"), autocommit=True, row_factory=dict_row
        ) as connection:
            while place := self._next():
                try:
                    with connection.transaction():
                        migrated = _migrate(connection, place)
                except (psycopg.Error, script.UnknownRevision) as error:
                    self._note(place, error)
                    if connection.closed:
                        return
                else:
                    if migrated:
                        self._note(place, None)

    def _next(self) -> Place | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def _note(self, place: Place, error: psycopg.Error | script.UnknownRevision | None) -> None:
        _, name = place
        with self._lock:
            if error is None:
                self.outcome.migrated.append(name)
            else:
                tries = self.outcome.retries[name] = self.outcome.retries.get(name, 0) + 1
                if isinstance(error, pg.LockNotAvailable) and tries < _LOCK_TRIES:
                    self._waiting.append(place)
                else:
                    said = f"{type(error).__name__}: {error}".splitlines()[0]
                    self.outcome.failed[name] = said
        if error is not None and name not in self.outcome.failed:
            _pause()
        elif self._on_done:
            self._on_done(name, str(error) if error else None)


def _pause() -> None:
    time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 jitter, not a secret


def _make_durable() -> None:
    with connect("app_migrator") as connection:  # the log is flushed up to this transaction's end
        connection.execute("SELECT pg_current_xact_id()")


def _behind() -> list[Place]:
    with connect("app_migrator") as connection:
        rows = connection.execute(_BEHIND, heads()).fetchall()
    return [(row[0], row[1]) for row in rows]


def _migrate(connection: psycopg.Connection[DictRow], place: Place) -> bool:
    """Apply what a schema lacks, in one round trip; False when somebody else has it or had it."""
    table, name = place
    target = heads()
    row = connection.execute(
        f"SELECT kind, version, hq_version FROM {table} "
        f"WHERE name = %(name)s AND {_IS_BEHIND} FOR UPDATE SKIP LOCKED",
        {**target, "name": name},
    ).fetchone()
    if row is None:
        return False
    steps = [*script.steps("tenant", row["version"])]
    if row["kind"] == "hq":
        steps += script.steps("hq", row["hq_version"])
    statements = [
        *_SETTINGS,
        f'SET LOCAL search_path = "{name}", ext',
        *(text.replace("{login}", name) for _, texts in steps for text in texts),
        "RESET ROLE",
        "SET LOCAL search_path = pg_catalog",
        f"UPDATE {table} SET version = '{target['tenant']}', "
        f"hq_version = CASE WHEN kind = 'hq' THEN '{target['hq']}' END WHERE name = '{name}'",
    ]
    connection.execute(";\n".join(statements))
    return True


def _send(connection: psycopg.Connection[Any], statements: Sequence[str]) -> None:
    with connection.pipeline():
        for statement in statements:
            connection.execute(statement)
