"""Short transactions as one of the service logins, from a small pool each."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from psycopg import Connection, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from shared import errors
from tenants.logins import conninfo

Row = dict[str, Any]


class DatabaseBusy(errors.Unavailable):
    """The database is busy, please try again."""

    zh = "数据库繁忙,请稍后再试"


@contextmanager
def service(login: str) -> Iterator[Connection[DictRow]]:
    """Give one transaction as a service login: committed at the end, rolled back on an error.

    Raises: DatabaseBusy when no connection is free within two seconds.
    """
    try:
        with _pool(login).connection() as connection:
            yield connection
    except PoolTimeout as error:
        raise DatabaseBusy(login=login) from error


@contextmanager
def asking(login: str) -> Iterator[Connection[DictRow]]:
    """Give a service login's connection on which each statement is a transaction of its own.

    Units: one round trip a statement instead of three, for what every request and job asks.
    Raises: DatabaseBusy when no connection is free within two seconds.
    """
    with service(login) as connection:
        connection.autocommit = True
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.autocommit = False


def has_died(connection: Connection[Any]) -> bool:
    """Whether the server ended an idle connection: nobody asked, yet there is something to read.

    Units: one system call instead of a round trip, so every borrower can afford it.
    """
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    return bool(readable)


def close_services() -> None:
    """Close every service connection of this process, for a stop or a new database."""
    for pool in _opened:
        pool.close()
    _opened.clear()
    _pool.cache_clear()


_opened: list[ConnectionPool[Connection[DictRow]]] = []


@lru_cache(maxsize=8)
def _pool(login: str) -> ConnectionPool[Connection[DictRow]]:
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        conninfo(login, options="-c statement_timeout=15s -c lock_timeout=5s"),
        min_size=0,
        max_size=6,
        timeout=2,
        reconnect_timeout=1,  # else the pauses grow, and outlast the outage by as much again
        max_lifetime=900,
        kwargs={"row_factory": dict_row},
        check=_check,
        open=True,
        name=login,
    )
    _opened.append(pool)
    return pool


def _check(connection: Connection[DictRow]) -> None:
    if has_died(connection):
        connection.close()  # the pool keeps what still looks open
        raise OperationalError("the server ended this connection")
