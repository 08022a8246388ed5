"""What a database error means to the person who asked; told by SQLSTATE, never by its text."""

import traceback
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import DBAPIError

from shared.errors import Problem, problem

# SQLSTATE -> the specification's code for the person who sent the form
_FORM_CODES = {
    "23505": "DUPLICATE",
    "23P01": "OVERLAP",
    "23503": "CONFLICT",
    "23514": "RANGE",
    "23502": "REQUIRED",
}
_DATA_ERRORS = "22"  # a value the column cannot hold
# connection lost, resources, lock and statement time-outs, deadlock, login refused, shutdown
_PASSING = ("08", "53", "55P03", "57", "40001", "40P01", "28")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Either a problem of the form, a passing trouble of the database, or a mistake of ours."""

    sqlstate: str | None
    problem: Problem | None
    is_ours: bool


def verdict(error: Exception) -> Verdict:
    """Judge a driver's, pool's or SQLAlchemy's error."""
    state = _sqlstate(error)
    if state is None:
        return Verdict(state, None, is_ours=not _is_lost(error))
    if state in _FORM_CODES:
        return Verdict(state, problem("", _FORM_CODES[state]), is_ours=False)
    if state.startswith(_DATA_ERRORS):
        return Verdict(state, problem("", "TYPE"), is_ours=False)
    return Verdict(state, None, is_ours=not state.startswith(_PASSING))


def is_connection_lost(error: Exception) -> bool:
    """Whether the connection broke, so that nobody knows what the server did last."""
    state = _sqlstate(error)
    return _is_lost(error) or (state is not None and state.startswith(("08", "57P")))


def is_deadlock(error: Exception) -> bool:
    """Whether the database undid this transaction so that others could go on."""
    return _sqlstate(error) in ("40P01", "40001")


def is_lock_timeout(error: Exception) -> bool:
    """Whether somebody else held what was asked for longer than the statement wanted to wait."""
    return _sqlstate(error) == "55P03"


def places(error: BaseException) -> list[str]:
    """List file, line and function of the error, innermost last; no values."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{frame.filename.rsplit('/', 3)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def _sqlstate(error: Exception) -> str | None:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return origin.sqlstate if isinstance(origin, psycopg.Error) else None


def _is_lost(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        lost = (psycopg.OperationalError, psycopg.InterfaceError)
        return error.connection_invalidated or isinstance(error.orig, lost)
    # a pool that gave up waiting, or a driver that cannot connect, carries no state
    return not isinstance(error, (psycopg.ProgrammingError, psycopg.DataError))
