"""Questions about kept forms: one, a page of many, the history of one."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, with_expression

from shared import errors
from shared.forms.record import State, declared_fields
from shared.records import periods
from shared.records.models import RecordChange, RecordChangeValue
from shared.records.register import Register, Row


class NoSuchRecord(errors.Missing):
    """There is no such record."""

    zh = "找不到该记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a register is asked for.

    Shape: `filters` are field -> value, `field_from` and `field_to` -> value with both ends
        included; `after` is (sorted value, id) of the last row seen; `own_of` narrows to one
        person's rows; `by_number_only`: who may not know more looks in the number alone.
    """

    text: str = ""
    by_number_only: bool = False
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = "-id"
    after: tuple[Any, int] | None = None
    limit: int = 50
    own_of: UUID | None = None


def get(session: Session, register: Register, record_id: int, *, own_of: UUID | None = None) -> Row:
    """Give one record; with `own_of` one of that person's, anybody else's is not there.

    Raises: NoSuchRecord.
    """
    return _one(session, register, record_id, own_of=own_of, locked=False)


def for_update(
    session: Session, register: Register, record_id: int, *, own_of: UUID | None = None
) -> Row:
    """Give one record and hold it.

    Locks: the row.
    Raises: NoSuchRecord.
    """
    return _one(session, register, record_id, own_of=own_of, locked=True)


def hold(
    session: Session, register: Register, ids: Collection[int], *, own_of: UUID | None
) -> dict[int, Row]:
    """Give the records that exist among these ids, or one person's of them, and hold them.

    Locks: the rows, by id.
    """
    if not ids:
        return {}
    wanted = select(register.model).where(register.model.id.in_(ids)).order_by(register.model.id)
    if own_of is not None:
        wanted = wanted.where(_owned(register, own_of))
    held = wanted.with_for_update().execution_options(populate_existing=True)
    return {row.id: row for row in session.scalars(held)}


def page(session: Session, register: Register, asked: Asked) -> Sequence[Row]:
    """List records as asked, at most `limit`, in the asked order and then by id."""
    return session.scalars(_selected(register, asked).limit(asked.limit)).all()


def count(session: Session, register: Register, asked: Asked) -> int:
    """Count the records as asked, wherever a page of them begins."""
    wanted = _narrowed(register, asked).with_only_columns(func.count())
    return session.scalar(wanted) or 0


def by_numbers(
    session: Session, register: Register, numbers: Collection[str], *, own_of: UUID | None
) -> dict[str, Row]:
    """Give the records that exist among these numbers, or one person's of them."""
    wanted = _with_life(register, _shown(register)).where(register.model.number.in_(numbers))
    if own_of is not None:
        wanted = wanted.where(_owned(register, own_of))
    return {row.number: row for row in session.scalars(wanted)}


def every(
    session: Session, register: Register, asked: Asked, *, chunk: int = 1_000
) -> Iterable[Row]:
    """Give all records as asked, read in chunks; for exports."""
    return session.scalars(_selected(register, asked).execution_options(yield_per=chunk))


def position(row: Row, sort: str) -> tuple[Any, int]:
    """Say where a row stands in an order."""
    return getattr(row, sort.removeprefix("-")), row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change as the history shows it; `values` are field -> (old, new)."""

    id: int
    version: int
    action: str
    made_at: Any
    made_by: UUID | None
    reason: str | None
    values: Mapping[str, tuple[Any, Any]]


def history(
    session: Session,
    register: Register,
    record_id: int,
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[Change]:
    """List the changes of one record, the newest first; those before a change."""
    wanted = select(RecordChange).where(
        RecordChange.form == register.code, RecordChange.record_id == record_id
    )
    if before is not None:
        wanted = wanted.where(RecordChange.id < before)
    changes = session.scalars(wanted.order_by(RecordChange.id.desc()).limit(limit)).all()
    of_these = RecordChangeValue.change_id.in_([change.id for change in changes])
    values = session.scalars(select(RecordChangeValue).where(of_these)).all()
    by_change: dict[int, dict[str, tuple[Any, Any]]] = {}
    for value in values:
        by_change.setdefault(value.change_id, {})[value.field] = (value.old, value.new)
    return [
        Change(
            id=change.id, version=change.version, action=change.action, made_at=change.made_at,
            made_by=change.made_by, reason=change.reason, values=by_change.get(change.id, {}),
        )
        for change in changes
    ]  # fmt: skip


def _one(
    session: Session, register: Register, record_id: int, *, own_of: UUID | None, locked: bool
) -> Row:
    wanted = _with_life(register, _shown(register)).where(register.model.id == record_id)
    if own_of is not None:
        wanted = wanted.where(_owned(register, own_of))
    if locked:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NoSuchRecord(form=register.code, record_id=record_id)
    return found


def _shown(register: Register) -> Select[Any]:
    wanted = select(register.model)
    if register.hidden_by is None:
        return wanted
    return wanted.where(getattr(register.model, register.hidden_by).is_(None))


def _selected(register: Register, asked: Asked) -> Select[Any]:
    wanted = _with_life(register, _narrowed(register, asked))
    return _in_order(wanted, register.model, asked)


def _with_life(register: Register, wanted: Select[Any]) -> Select[Any]:
    """Let rows know whether their month is closed."""
    if not register.in_period:
        return wanted
    model = register.model
    return wanted.options(with_expression(model.is_locked, periods.locks(model)))


def _narrowed(register: Register, asked: Asked) -> Select[Any]:
    model = register.model
    wanted = _shown(register)
    if asked.text:
        wanted = wanted.where(_found_by(model, asked.text, by_number_only=asked.by_number_only))
    if asked.own_of is not None:
        wanted = wanted.where(_owned(register, asked.own_of))
    for name, value in asked.filters.items():
        wanted = wanted.where(_filtered(register, name, value))
    if "state" not in asked.filters:
        wanted = wanted.where(model.state != State.VOID)
    return wanted


def _in_order(wanted: Select[Any], model: Any, asked: Asked) -> Select[Any]:
    column = getattr(model, asked.sort.removeprefix("-"))
    place = tuple_(column, model.id)
    if asked.sort.startswith("-"):
        if asked.after is not None:
            wanted = wanted.where(place < tuple_(*asked.after))
        return wanted.order_by(column.desc(), model.id.desc())
    if asked.after is not None:
        wanted = wanted.where(place > tuple_(*asked.after))
    return wanted.order_by(column, model.id)


def _found_by(model: Any, text: str, *, by_number_only: bool) -> ColumnElement[bool]:
    """Every word must be found; no index serves it, a store has some ten thousand rows."""

    def found(word: str) -> ColumnElement[bool]:
        in_number: ColumnElement[bool] = model.number.icontains(word, autoescape=True)
        if by_number_only:
            return in_number
        return or_(model.search_text.contains(word, autoescape=True), in_number)

    return and_(*(found(word) for word in text.casefold().split()))


def _owned(register: Register, person_id: UUID) -> ColumnElement[bool]:
    owned = [getattr(register.model, owner) == person_id for owner in register.owners]
    return or_(*owned, *([register.own(person_id)] if register.own is not None else ()))


def _filtered(register: Register, name: str, value: Any) -> ColumnElement[bool]:
    if name == "state":
        return _in_state(register, value)
    known = declared_fields(register.form)
    column: Any = getattr(register.model, name if name in known else name.rpartition("_")[0])
    meets: ColumnElement[bool]
    if name not in known:
        meets = column >= value if name.endswith("_from") else column <= value
    elif isinstance(known[name], fields.List):
        meets = column.contains([value])
    else:
        meets = column == value
    return meets


def _in_state(register: Register, state: str) -> ColumnElement[bool]:
    model = register.model
    if not register.in_period:
        return model.state == state  # type: ignore[no-any-return]
    locked = and_(model.state != State.VOID, periods.locks(model))
    return locked if state == State.LOCKED else and_(model.state == state, ~locked)
