"""Write judged forms: numbers, rows, pictures, what the capability causes, histories; each at once.

Locks: the records that change; the form's counters of the months in which numbers are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.db.inserting import insert_all
from shared.forms.record import State, declared_fields
from shared.records import numbers
from shared.records.judging import Bench, Judged, plain
from shared.records.register import Editor, Register, Row
from shared.records.searching import search_text

# One statement, however many fields of however many records; JSON's null is none of ours.
_NOTE = text(
    """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(:given)
        AS one (record_id bigint, version int, action text, reason text, "values" jsonb)
    ), made AS (
        INSERT INTO record_changes (form, record_id, version, action, made_at, made_by, reason)
        SELECT :form, record_id, version, action, :made_at, :made_by, reason FROM given
        RETURNING id, record_id
    )
    INSERT INTO record_change_values (change_id, field, old, new)
    SELECT made.id, field.key, nullif(field.value -> 0, 'null'), nullif(field.value -> 1, 'null')
    FROM made JOIN given USING (record_id) CROSS JOIN jsonb_each(given."values") AS field
    """
).bindparams(bindparam("given", type_=JSONB))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """A record as it was written; `values` are field -> (old, new) as JSON."""

    row: Row
    action: str
    reason: str | None
    values: Mapping[str, tuple[Any, Any]]


def write(
    session: Session, register: Register, good: Sequence[Judged], bench: Bench, *, by: Editor
) -> list[Row]:
    """Write good forms, none of them about the same record as another; give their rows."""
    stood = [_standing(register, one) for one in good]
    made = iter(_made(session, register, [one for one in good if _is_new(one)], by))
    rows = [next(made) if _is_new(one) else _altered(register, one, by) for one in good]
    session.flush()
    written = [(row, one.attempt) for row, one in zip(rows, good, strict=True)]
    bench.pictures.kept(written)
    bench.sitting.kept(written)
    session.flush()
    each = zip(rows, good, stood, strict=True)
    _note_all(session, register, [_noted(register, *one) for one in each], by=by)
    return rows


def alter(
    session: Session,
    register: Register,
    row: Row,
    values: Mapping[str, Any],
    *,
    action: str,
    by: Editor,
) -> None:
    """Set columns of a record as a capability's own verb decided, with old and new in its history.

    Shape: `row` is held by the caller, who checked what may be set.
    """
    known = declared_fields(register.form)
    old = {name: known[name].serialize(name, row) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    new = {name: known[name].serialize(name, row) for name in values}
    touch(row, by=by)
    session.flush()
    moved = {name: (old[name], new[name]) for name in values if old[name] != new[name]}
    noted = _Noted(row=row, action=action, reason=None, values=moved)
    _note_all(session, register, [noted], by=by)


def search_text_of(register: Register, row: Row) -> str:
    """Write what a record is found by, from the fields its sheet names."""
    return search_text(getattr(row, name) for name in register.form.sheet.searched)


def touch(row: Row, *, by: Editor) -> None:
    """Count a record's version up and say who changed it."""
    row.version += 1
    row.changed_at, row.changed_by = by.now, by.id


def _standing(register: Register, one: Judged) -> dict[str, Any] | None:
    before = one.attempt.before
    return plain(register, before) if before is not None else None


def _is_new(one: Judged) -> bool:
    return one.attempt.before is None


def _made(session: Session, register: Register, new: Sequence[Judged], by: Editor) -> list[Row]:
    given = numbers.take(session, form=register.code, days=[one.day for one in new])
    rows = [
        {
            **one.attempt.values, **one.attempt.computed,
            "number": number, "business_date": one.day, "state": State.SUBMITTED, "version": 1,
            "created_at": by.now, "created_by": by.id,
        }
        for one, number in zip(new, given, strict=True)
    ]  # fmt: skip
    searched = register.form.sheet.searched
    for row in rows:
        row["search_text"] = search_text(row[name] for name in searched)
    return insert_all(session, register.model, rows)


def _altered(register: Register, one: Judged, by: Editor) -> Row:
    row: Row = one.attempt.before
    for name, value in {**one.attempt.values, **one.attempt.computed}.items():
        setattr(row, name, value)
    row.business_date = one.day
    row.search_text = search_text_of(register, row)
    touch(row, by=by)
    return row


def _noted(register: Register, row: Row, one: Judged, stood: Mapping[str, Any] | None) -> _Noted:
    stands = plain(register, row)
    if stood is None:
        first = {name: (None, value) for name, value in stands.items() if value is not None}
        return _Noted(row=row, action="CREATE", reason=one.reason, values=first)
    moved = {name: (stood[name], stands[name]) for name in stands if stands[name] != stood[name]}
    return _Noted(row=row, action="CHANGE", reason=one.reason, values=moved)


def _note_all(
    session: Session, register: Register, written: Sequence[_Noted], *, by: Editor
) -> None:
    given = [
        {
            "record_id": one.row.id, "version": one.row.version, "action": one.action,
            "reason": one.reason, "values": one.values,
        }
        for one in written
    ]  # fmt: skip
    if given:
        noted = {"given": given, "form": register.code, "made_at": by.now, "made_by": by.id}
        session.execute(_NOTE, noted)
