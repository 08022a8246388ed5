"""Photos and signatures of kept forms: noted when they are sent, bound to a record when it is kept.

Shape: the file itself lies on the tenant's shelf (shared/files.py) under the attachment's id. One
that no record took within a day is given up; its row stays, erased.
Locks: the attachments that a form names, when it is kept.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Session

from shared import errors
from shared.files import Shelf
from shared.forms.kinds import Picture, Pictures
from shared.forms.record import entered
from shared.records.models import Attachment
from shared.records.register import Attempt, Register, Row

UNTAKEN_FOR = timedelta(days=1)


class NoSuchAttachment(errors.Missing):
    """There is no such file."""

    zh = "找不到该文件"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file as it was sent and made anew."""

    id: UUID
    field: str
    content_type: str
    size: int
    sha256: str


def note(session: Session, register: Register, sent: Sent, *, by: UUID, now: datetime) -> None:
    """Note a file that was put on the shelf and belongs to no record yet."""
    session.add(
        Attachment(
            id=sent.id, form=register.code, field=sent.field, content_type=sent.content_type,
            size=sent.size, sha256=sent.sha256, created_at=now, created_by=by,
        )
    )  # fmt: skip


def picture_fields(register: Register) -> dict[str, Any]:
    """List the fields of a form that hold pictures."""
    kinds = (Picture, Pictures)
    return {n: found for n, found in entered(register.form).items() if isinstance(found, kinds)}


def get(session: Session, attachment_id: UUID) -> Attachment:
    """Give one attachment that is not erased.

    Raises: NoSuchAttachment.
    """
    found = session.get(Attachment, attachment_id)
    if found is None or found.erased_at is not None:
        raise NoSuchAttachment(attachment_id=attachment_id)
    return found


def check(session: Session, register: Register, attempt: Attempt) -> None:
    """Refuse a picture that was not sent for this field, or that another record has.

    Shape: a picture that stands in the record already is not asked about again; one that nobody
        knows is refused of whoever sends pictures, a workbook may name one that was.
    """
    asked = {name: _new_ones(attempt, name) for name in picture_fields(register)}
    found = _by_ids(session, {one for ids in asked.values() for one in ids})
    record_id = attempt.before.id if attempt.before is not None else None
    for name, ids in asked.items():
        for one in ids:
            row = found.get(one)
            if row is None:
                is_free = not attempt.by.sends_pictures
            else:
                is_free = row.form == register.code and row.field == name
                is_free = is_free and _is_free(row, record_id, attempt.by.id)
            if not is_free:
                attempt.refuse(name, "NOT_FOUND")


def bind(session: Session, register: Register, row: Row, attempt: Attempt) -> None:
    """Give the pictures that a record names to it."""
    ids = {one for name in picture_fields(register) for one in _new_ones(attempt, name)}
    if ids:
        session.execute(update(Attachment).where(Attachment.id.in_(ids)).values(record_id=row.id))


def forget_untaken(session: Session, shelf: Shelf, *, now: datetime) -> None:
    """Remove files that no record took, a day after they were sent.

    Shape: first the files whose rows an earlier run erased or no transaction ever kept, then the
        rows: a file goes only when its row is gone for everybody.
    Locks: the rows of those pictures.
    """
    old = now - UNTAKEN_FOR
    lying = set(shelf.put_before(old))
    known = select(Attachment.id).where(_among(lying), Attachment.erased_at.is_(None))
    shelf.delete(sorted(lying - set(session.scalars(known))))
    session.execute(
        update(Attachment)
        .where(
            Attachment.record_id.is_(None),
            Attachment.erased_at.is_(None),
            Attachment.created_at < old,
        )
        .values(erased_at=now)
    )


def erase(session: Session, ids: Collection[UUID], *, now: datetime) -> int:
    """Mark pictures as gone; give how many were not yet. Their files are the caller's to delete."""
    erased = session.execute(
        update(Attachment)
        .where(_among(ids), Attachment.erased_at.is_(None))
        .values(erased_at=now, sha256="")
    )
    return erased.rowcount  # type: ignore[attr-defined, no-any-return]


def _is_free(row: Attachment, record_id: int | None, by: UUID | None) -> bool:
    """Tell whether a record may take it: it has it, or nobody has and the same person sent it."""
    return row.created_by == by if row.record_id is None else row.record_id == record_id


def _new_ones(attempt: Attempt, name: str) -> list[UUID]:
    value, before = attempt.values[name], attempt.was.get(name)
    named = value if isinstance(value, list) else [value]
    stood = before if isinstance(before, list) else [before]
    return [one for one in named if one is not None and one not in stood]


def _by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Attachment]:
    if not ids:
        return {}
    held = select(Attachment).where(_among(ids), Attachment.erased_at.is_(None)).with_for_update()
    return {row.id: row for row in session.scalars(held)}


def _among(ids: Collection[UUID]) -> Any:
    return Attachment.id == any_(literal(sorted(ids), ARRAY(PG_UUID(as_uuid=True))))
