"""The verbs every kept form has: keep, change, approve, void, and who did what when.

Shape: `typed` is the form as JSON says it; it is loaded here, so that what marshmallow refuses and
    what the capability refuses are told together.
Locks: the record; its month, shared; the form's counter of the month when a number is given.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from shared import errors
from shared.forms.record import State
from shared.records import periods, queries
from shared.records.judging import ChangedMeanwhile, Draft, Judged, check_state, judge
from shared.records.models import RecordChange
from shared.records.register import Attempt, Editor, Register, Row
from shared.records.writing import touch, write


class OwnWork(errors.Forbidden):
    """Nobody approves what they made themselves."""

    zh = "不能审核本人制作的表单"


def keep_new(session: Session, register: Register, *, typed: Mapping[str, Any], by: Editor) -> Row:
    """Keep a new form: number, row, history, and what its capability adds.

    Raises: FormInvalid with everything that is wrong, NeedsConfirmation, periods.MonthClosed.
    """
    return _kept(session, register, Draft(typed=typed), by)


def keep_change(
    session: Session,
    register: Register,
    *,
    record_id: int,
    version: int,
    typed: Mapping[str, Any],
    by: Editor,
) -> Row:
    """Change some fields of a record; fields that are not typed stay.

    Raises: queries.NoSuchRecord, ChangedMeanwhile, NotInThisState, FormInvalid, NeedsConfirmation,
        periods.MonthClosed.
    """
    row = held(session, register, record_id=record_id, version=version, by=by)
    return _kept(session, register, Draft(typed=typed, before=row), by)


def approve(
    session: Session, register: Register, *, record_id: int, version: int, by: Editor
) -> Row:
    """Approve a submitted record; somebody else than its maker does.

    Raises: queries.NoSuchRecord, ChangedMeanwhile, NotInThisState, OwnWork, periods.MonthClosed.
    """
    row = held(session, register, record_id=record_id, version=version, by=by)
    check_state(row, State.SUBMITTED)
    if by.id is not None and by.id in (row.created_by, row.changed_by):
        raise OwnWork(record_id=record_id)
    if register.in_period:
        periods.check_open(session, row.business_date)
    row.state, row.reviewed_by = State.APPROVED, by.id
    touch(row, by=by)
    session.add(_change(register, row, "APPROVE", by, None))
    return row


def void(
    session: Session,
    register: Register,
    *,
    record_id: int,
    version: int,
    reason: str,
    by: Editor,
) -> Row:
    """Void a record; it keeps its number and stays readable.

    Raises: queries.NoSuchRecord, ChangedMeanwhile, NotInThisState, periods.MonthClosed.
    """
    row = held(session, register, record_id=record_id, version=version, by=by)
    check_state(row, State.DRAFT, State.SUBMITTED, State.APPROVED)
    if register.in_period:
        periods.check_open(session, row.business_date)
    row.state, row.void_reason = State.VOID, reason
    touch(row, by=by)
    session.flush()
    register.voided(session, row, Attempt(values={}, before=row, by=by))
    session.add(_change(register, row, "VOID", by, reason))
    return row


def note_taken_out(
    session: Session, register: Register, row: Row, *, action: str, reason: str, by: Editor
) -> None:
    """Write down that somebody was shown or given more than lists show; the record stays as is."""
    session.add(_change(register, row, action, by, reason[:200]))


def note_action(
    session: Session, register: Register, row: Row, *, action: str, by: Editor, reason: str | None
) -> None:
    """Count a version up and write down what a capability's own verb did with a record."""
    touch(row, by=by)
    session.add(_change(register, row, action, by, reason and reason[:200]))


def held(session: Session, register: Register, *, record_id: int, version: int, by: Editor) -> Row:
    """Hold a record in the version that the editor saw.

    Locks: the record.
    Raises: queries.NoSuchRecord, ChangedMeanwhile.
    """
    row = queries.for_update(session, register, record_id, own_of=by.own_of)
    if row.version != version:
        raise ChangedMeanwhile(record_id=record_id, version=row.version)
    return row


def _kept(session: Session, register: Register, draft: Draft, by: Editor) -> Row:
    (verdict,), bench = judge(session, register, [draft], by=by)
    if not isinstance(verdict, Judged):
        raise verdict
    (row,) = write(session, register, [verdict], bench, by=by)
    return row


def _change(
    register: Register, row: Row, action: str, by: Editor, reason: str | None
) -> RecordChange:
    return RecordChange(
        form=register.code, record_id=row.id, version=row.version, action=action,
        made_at=by.now, made_by=by.id, reason=reason,
    )  # fmt: skip
