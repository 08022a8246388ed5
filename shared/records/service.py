"""The verbs every kept form has: keep, change, approve, void, and who did what when.

Shape: `typed` is the form as JSON says it; it is loaded here, so that what marshmallow refuses and
    what the capability refuses are told together.
Locks: the record; its month, shared; the form's counter of the month when a number is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared import errors
from shared.days import month_of
from shared.forms.record import State, derived, entered
from shared.records import attachments, numbers, periods, queries
from shared.records.judging import judged
from shared.records.models import RecordChange
from shared.records.register import Attempt, Editor, Register, Row
from shared.records.searching import search_text


class ChangedMeanwhile(errors.Conflict):
    """Somebody else changed this meanwhile; load it again."""

    code = "CONFLICT"
    zh = "他人已修改,请刷新"


class NotInThisState(errors.Conflict):
    """This is not possible in the record's state."""

    zh = "当前状态不能执行该操作"


class OwnWork(errors.Forbidden):
    """Nobody approves what they made themselves."""

    zh = "不能审核本人制作的表单"


# One statement, however many fields changed in however many records.
_VALUES = text(
    """
    INSERT INTO record_change_values (change_id, field, old, new)
    SELECT change_id, field, old, new FROM jsonb_to_recordset(:given)
        AS given (change_id bigint, field text, old jsonb, new jsonb)
    """
).bindparams(bindparam("given", type_=JSONB))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record as it was written, and what its history is to say.

    Shape: `values` are field -> (old, new) as JSON.
    """

    row: Row
    action: str
    reason: str | None
    values: Mapping[str, tuple[Any, Any]]


class Months:
    """Months that are held open for the records of one transaction, each asked for once."""

    def __init__(self) -> None:
        self._open: set[date] = set()

    def check_open(self, session: Session, day: date) -> None:
        """Make sure that records of a day may be changed until the transaction ends.

        Locks: the month, shared.
        Raises: periods.MonthClosed.
        """
        if month_of(day) not in self._open:
            periods.check_open(session, day)
            self._open.add(month_of(day))


def keep_new(session: Session, register: Register, *, typed: Mapping[str, Any], by: Editor) -> Row:
    """Keep a new form: number, row, history, and what its capability adds.

    Raises: FormInvalid with everything that is wrong, NeedsConfirmation, periods.MonthClosed.
    """
    kept = add(session, register, typed=typed, by=by, months=Months())
    note_all(session, register, [kept], by=by)
    return kept.row


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
    kept = alter(session, register, row=row, typed=typed, by=by, months=Months())
    note_all(session, register, [kept], by=by)
    return row


def add(
    session: Session, register: Register, *, typed: Mapping[str, Any], by: Editor, months: Months,
) -> Kept:  # fmt: skip
    """Write a new form; its history is still to be noted.

    Raises: as `keep_new`.
    """
    attempt, confirmed = judged(session, register, typed, before=None, by=by)
    day = register.day(attempt.values, by)
    if register.in_period:
        months.check_open(session, day)
    row = register.model(
        **attempt.values, **attempt.computed,
        number=_number(session, register, attempt, day), business_date=day,
        state=State.SUBMITTED, version=1, created_at=by.now, created_by=by.id,
    )  # fmt: skip
    row.search_text = search_text_of(register, row)
    session.add(row)
    session.flush()  # the history and the capability need the id
    attachments.bind(session, register, row, attempt)
    register.kept(session, row, attempt)
    session.flush()
    written = plain(register, row)
    first = {name: (None, value) for name, value in written.items() if value is not None}
    return Kept(row=row, action="CREATE", reason=_reason(typed, confirmed), values=first)


def alter(
    session: Session, register: Register, *, row: Row, typed: Mapping[str, Any], by: Editor,
    months: Months,
) -> Kept:  # fmt: skip
    """Change a record that is held; its history is still to be noted.

    Raises: as `keep_change`.
    """
    _check_state(row, State.DRAFT, State.SUBMITTED)
    before = plain(register, row)
    attempt, confirmed = judged(session, register, typed, before=row, by=by)
    day = register.day(attempt.values, by)
    if register.in_period:
        for touched in sorted({row.business_date, day}):
            months.check_open(session, touched)
    for name, value in {**attempt.values, **attempt.computed}.items():
        setattr(row, name, value)
    row.business_date = day
    row.search_text = search_text_of(register, row)
    _touch(row, by=by)
    session.flush()
    attachments.bind(session, register, row, attempt)
    register.kept(session, row, attempt)
    session.flush()
    after = plain(register, row)
    changed = {name: (before[name], after[name]) for name in after if after[name] != before[name]}
    return Kept(row=row, action="CHANGE", reason=_reason(typed, confirmed), values=changed)


def note_all(session: Session, register: Register, kept: Sequence[Kept], *, by: Editor) -> None:
    """Write the histories of records that were written in this transaction."""
    changes = [_change(register, one.row, one.action, by, one.reason) for one in kept]
    session.add_all(changes)
    session.flush()  # their values carry their ids
    values = [
        {"change_id": change.id, "field": name, "old": old, "new": new}
        for change, one in zip(changes, kept, strict=True)
        for name, (old, new) in one.values.items()
    ]
    if values:
        session.execute(_VALUES, {"given": values})


def approve(
    session: Session, register: Register, *, record_id: int, version: int, by: Editor
) -> Row:
    """Approve a submitted record; somebody else than its maker does.

    Raises: queries.NoSuchRecord, ChangedMeanwhile, NotInThisState, OwnWork, periods.MonthClosed.
    """
    row = held(session, register, record_id=record_id, version=version, by=by)
    _check_state(row, State.SUBMITTED)
    if by.id is not None and by.id in (row.created_by, row.changed_by):
        raise OwnWork(record_id=record_id)
    if register.in_period:
        periods.check_open(session, row.business_date)
    row.state, row.reviewed_by = State.APPROVED, by.id
    _touch(row, by=by)
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
    _check_state(row, State.DRAFT, State.SUBMITTED, State.APPROVED)
    if register.in_period:
        periods.check_open(session, row.business_date)
    row.state, row.void_reason = State.VOID, reason
    _touch(row, by=by)
    session.flush()
    register.voided(session, row, Attempt(values={}, before=row, by=by))
    session.add(_change(register, row, "VOID", by, reason))
    return row


def note_reveal(
    session: Session, register: Register, row: Row, *, fields: list[str], purpose: str, by: Editor
) -> None:
    """Write down that somebody opened masked fields of a record, and what for."""
    reason = f"{', '.join(fields)}: {purpose}"[:200]
    session.add(_change(register, row, "REVEAL", by, reason))


def note_action(
    session: Session, register: Register, row: Row, *, action: str, by: Editor, reason: str | None
) -> None:
    """Count a version up and write down what a capability's own verb did with a record."""
    _touch(row, by=by)
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


def search_text_of(register: Register, row: Row) -> str:
    """Write what a record is found by, from the fields its sheet names."""
    return search_text(getattr(row, name) for name in register.form.sheet.searched)


def plain(register: Register, row: Row) -> dict[str, Any]:
    """Write a record's own fields as JSON values, for its history and for comparing."""
    own = {**entered(register.form), **derived(register.form)}
    return {name: found.serialize(name, row) for name, found in own.items()}


def _check_state(row: Row, *allowed: State) -> None:
    if row.state not in allowed:
        raise NotInThisState(state=row.state)


def _number(session: Session, register: Register, attempt: Attempt, day: date) -> str:
    if register.number is not None:
        return register.number(session, attempt.values)
    return numbers.next_number(session, form=register.code, day=day)


def _reason(typed: Mapping[str, Any], confirmed: str | None) -> str | None:
    given = typed.get("change_reason")
    parts = [part for part in (given if isinstance(given, str) else None, confirmed) if part]
    return "; ".join(parts)[:200] or None


def _touch(row: Row, *, by: Editor) -> None:
    row.version += 1
    row.changed_at, row.changed_by = by.now, by.id


def _change(
    register: Register, row: Row, action: str, by: Editor, reason: str | None
) -> RecordChange:
    return RecordChange(
        form=register.code, record_id=row.id, version=row.version, action=action,
        made_at=by.now, made_by=by.id, reason=reason,
    )  # fmt: skip
