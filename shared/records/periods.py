"""Months in which records may no longer be changed; whoever closes a month says so here.

Locks: a writer shares the month's row, whoever closes or reopens holds it alone: no record is
    written into a month while it closes.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, exists, extract, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared import errors
from shared.days import month_of
from shared.records.models import RecordMonth


class MonthClosed(errors.Conflict):
    """The month is closed; nothing dated in it can be changed."""

    code = "CLOSED_PERIOD"
    zh = "账期已结,不能修改"


def check_open(session: Session, day: date) -> None:
    """Make sure that records of a day may be changed until this transaction ends.

    Locks: the month, shared.
    Raises: MonthClosed.
    """
    if not is_open(session, month_of(day)):
        raise MonthClosed(day=day)


def is_open(session: Session, month: date) -> bool:
    """Tell whether records of a month may be changed, and keep it so until this transaction ends.

    Locks: the month, shared.
    """
    held = select(RecordMonth.is_closed).with_for_update(read=True)
    is_closed = session.scalar(held.where(RecordMonth.month == month))
    if is_closed is None:
        _make(session, month)
        is_closed = session.scalar(held.where(RecordMonth.month == month))
    return not is_closed


def locks(model: Any) -> ColumnElement[bool]:
    """Ask of each row of a table whether the month of its business date is closed."""
    day = model.business_date
    first = day - cast(extract("day", day), Integer) + 1
    return exists().where(RecordMonth.month == first, RecordMonth.is_closed)


def close(session: Session, month: date) -> None:
    """Refuse changes of records dated in a month from now on.

    Locks: the month.
    """
    _set(session, month, is_closed=True)


def reopen(session: Session, month: date) -> None:
    """Allow changes of records dated in a month again.

    Locks: the month.
    """
    _set(session, month, is_closed=False)


def _set(session: Session, month: date, *, is_closed: bool) -> None:
    session.execute(
        insert(RecordMonth)
        .values(month=month, is_closed=is_closed)
        .on_conflict_do_update(index_elements=["month"], set_={"is_closed": is_closed})
    )


def _make(session: Session, month: date) -> None:
    session.execute(
        insert(RecordMonth)
        .values(month=month, is_closed=False)
        .on_conflict_do_nothing(index_elements=["month"])
    )
