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

from sqlalchemy import TextClause, bindparam, select, text
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


def upsert_all(
    session: Session,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: tuple[str, ...],
    first: tuple[str, ...] = (),
) -> None:
    """Insert rows, or bring those that are there by their key to what is given.

    Shape: all rows name the same columns; those named `first` stay as they were first written. A
        row that says nothing new is not touched.
    """
    if rows:
        given = json.dumps([dict(row) for row in rows], ensure_ascii=False, default=_plain)
        session.execute(_upsert(model, tuple(sorted(rows[0])), key, first), {"given": given})


@cache
def _insert(model: type[M], names: tuple[str, ...]) -> ExecutableReturnsRows:
    statement = text(f"{_given(model, names)} RETURNING *").bindparams(bindparam("given"))
    return select(model).from_statement(statement)


@cache
def _upsert(
    model: type[Base], names: tuple[str, ...], key: tuple[str, ...], first: tuple[str, ...]
) -> TextClause:
    told = [name for name in names if name not in (*key, *first)]
    table = model.__tablename__
    return text(
        f"{_given(model, names)} ON CONFLICT ({', '.join(key)}) DO UPDATE "
        f"SET {', '.join(f'{name} = excluded.{name}' for name in told)} "
        f"WHERE ({', '.join(f'{table}.{name}' for name in told)}) "
        f"IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in told)})"
    ).bindparams(bindparam("given"))


def _given(model: type[Base], names: tuple[str, ...]) -> str:
    columns = model.__table__.columns
    listed = ", ".join(f'"{name}"' for name in names)
    typed = ", ".join(f'"{name}" {columns[name].type.compile(_DIALECT)}' for name in names)
    return (
        f"INSERT INTO {model.__tablename__} ({listed}) "  # noqa: S608 names of our own models
        f"SELECT {listed} FROM jsonb_to_recordset(CAST(:given AS jsonb)) AS one ({typed})"
    )


def _plain(value: Any) -> str:
    if isinstance(value, date):  # and instants
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"no column takes {type(value).__name__}")
