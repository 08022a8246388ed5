"""Insert rows of one table by one statement with one parameter, however many they are.

VALUES of five hundred rows are twenty-five thousand parameters, which the server parses anew each
time: a second for what takes a tenth of it as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from shared.db.base import Base

M = TypeVar("M", bound=Base)

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert_all(session: Session, model: type[M], rows: Sequence[Mapping[str, Any]]) -> list[M]:
    """Insert rows and give them as they are kept, in their order.

    Shape: all rows name the same columns; what none names is left to the table.
    """
    if not rows:
        return []
    wanted = _insert(model, tuple(sorted(rows[0])))
    given = json.dumps([dict(row) for row in rows], ensure_ascii=False, default=_plain)
    return list(session.scalars(wanted, {"given": given}))


@cache
def _insert(model: type[M], names: tuple[str, ...]) -> ExecutableReturnsRows:
    columns = model.__table__.columns
    listed = ", ".join(f'"{name}"' for name in names)
    typed = ", ".join(f'"{name}" {columns[name].type.compile(_DIALECT)}' for name in names)
    statement = text(
        f"INSERT INTO {model.__tablename__} ({listed}) "  # noqa: S608 names of our own models
        f"SELECT {listed} FROM jsonb_to_recordset(CAST(:given AS jsonb)) AS one ({typed}) "
        "RETURNING *"
    ).bindparams(bindparam("given"))
    return select(model).from_statement(statement)


def _plain(value: Any) -> str:
    if isinstance(value, date):  # and instants
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no column takes {type(value).__name__}")
