"""SQL texts for a whole schema or for one revision, rendered once and sent to any tenant.

Shape: statements without schema names, in order; the caller has set the role and search_path.
"""

import io
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from threading import Lock

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from shared.domain import tables

_ROOT = Path(__file__).resolve().parent.parent
_GRANTS = "SELECT, INSERT, UPDATE, DELETE"
_RENDERING = Lock()


class UnknownRevision(Exception):
    """This code's histories have no such revision."""


@cache
def whole_schema(history: str) -> tuple[str, ...]:
    """Render every table, index and grant of a history's metadata; `{login}` stands for the login.

    Units: grants name their tables, never ON ALL TABLES: that one reads the whole catalogue.
    """
    statements: list[str] = []
    for table in tables.HISTORIES[history].sorted_tables:
        statements.append(_compiled(CreateTable(table)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [_compiled(CreateIndex(index)) for index in indexes]
    return (*statements, *grants(tables.HISTORIES[history].sorted_tables))


def grants(granted: Iterable[Table]) -> list[str]:
    """Write the grants of some tables to their tenant; `{login}` stands for the login.

    Units: a statement per kind of grant, whatever the number of tables: each one takes as long as
        making an index.
    """
    names: dict[str, list[str]] = {}
    for table in granted:
        names.setdefault(table.info.get("grants", _GRANTS), []).append(table.name)
    return [f"GRANT {kind} ON {', '.join(found)} TO {{login}}" for kind, found in names.items()]


def head(history: str) -> str:
    """Name the newest revision of a history."""
    return _directory(history).get_current_head() or "base"


@cache
def older(history: str) -> list[str]:
    """List the revisions before the newest; one that this code does not know is newer."""
    newest = head(history)
    known = [found.revision for found in _directory(history).walk_revisions()]
    return [revision for revision in known if revision != newest]


@cache
def steps(history: str, version: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Render the revisions after `version`, oldest first: (revision, its statements).

    Raises: UnknownRevision.
    """
    directory = _directory(history)
    _check_known(directory, version)
    newer = list(directory.iterate_revisions("heads", version))
    return tuple((script.revision, _rendered(script)) for script in reversed(newer))


@cache
def road(history: str, version: str) -> tuple[str, ...]:
    """Render every revision from nothing up to `version`: the schema as it was then.

    Raises: UnknownRevision.
    """
    directory = _directory(history)
    _check_known(directory, version)
    revisions = list(directory.iterate_revisions(version, "base"))
    return tuple(text for script in reversed(revisions) for text in _rendered(script))


def undo(history: str, revision: str) -> tuple[str, ...]:
    """Render the downgrade of one revision; for tests and for an operator's way back."""
    script = _directory(history).get_revision(revision)
    return _rendered(script, "downgrade")


@cache
def _directory(history: str) -> ScriptDirectory:
    return ScriptDirectory.from_config(Config(str(_ROOT / "alembic.ini"), ini_section=history))


def _check_known(directory: ScriptDirectory, version: str) -> None:
    known = {script.revision for script in directory.walk_revisions()}
    if version not in {*known, "base"}:
        raise UnknownRevision(version)  # before Alembic takes it for an abbreviation or "head"


def _rendered(script: Script, direction: str = "upgrade") -> tuple[str, ...]:
    """Let Alembic write a revision's SQL without a database."""
    buffer = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql",
        opts={"as_sql": True, "output_buffer": buffer, "transactional_ddl": False},
    )
    # Alembic's `op` is one for the whole process, and tenants are migrated by several threads
    with _RENDERING, Operations.context(context):
        write: Callable[[], None] = getattr(script.module, direction)
        write()
    texts = buffer.getvalue().replace("%%", "%").split(";\n\n")
    return tuple(text.strip() for text in texts if text.strip())


def _compiled(element: CreateTable | CreateIndex) -> str:
    # The compiler doubles % for a parameter style that pipeline texts without parameters lack.
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(element.compile(dialect=dialect)).strip().replace("%%", "%")
