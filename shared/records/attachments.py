"""Photos and signatures of kept forms: noted when they are sent, bound to a record when it is kept.

Shape: the file itself lies on the tenant's shelf (shared/files.py) under the attachment's id. One
that no record took within a day is given up; its row stays, erased.
Locks: the attachments that a form names, when it is kept.
"""

from collections.abc import Collection, Iterator, Sequence
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


def note(session: Session, form: str, sent: Sent, *, by: UUID, now: datetime) -> None:
    """Note a file that was put on the shelf and belongs to no record yet."""
    session.add(
        Attachment(
            id=sent.id, form=form, field=sent.field, content_type=sent.content_type,
            size=sent.size, sha256=sent.sha256, created_at=now, created_by=by,
        )
    )  # fmt: skip


def picture_fields(register: Register) -> dict[str, Any]:
    """List the fields of a form that hold pictures."""
    kinds = (Picture, Pictures)
    return {n: found for n, found in entered(register.form).items() if isinstance(found, kinds)}


def find(session: Session, attachment_id: UUID) -> Attachment | None:
    """Find an attachment that is not erased."""
    found = session.get(Attachment, attachment_id)
    return None if found is None or found.erased_at is not None else found


def get(session: Session, attachment_id: UUID) -> Attachment:
    """Give one attachment that is not erased.

    Raises: NoSuchAttachment.
    """
    if (found := find(session, attachment_id)) is None:
        raise NoSuchAttachment(attachment_id=attachment_id)
    return found


def take(
    session: Session, attachment_id: UUID, *, slot: tuple[str, str], record_id: int, by: UUID,
    again: bool = False,
) -> bool:  # fmt: skip
    """Give a picture to a row of a form outside the registers, if this person sent it for that.

    Shape: `slot` is (form, field). A picture is taken once; `again`: the row that has it may name
        it anew.
    Locks: the picture.
    """
    row = _by_ids(session, [attachment_id]).get(attachment_id)
    if row is None or (row.form, row.field, row.created_by) != (*slot, by):
        return False
    if row.record_id is not None and not (again and row.record_id == record_id):
        return False
    row.record_id = record_id
    return True


class NamedPictures:
    """The pictures that forms of one sitting name: which may be taken, and by whom they were.

    Shape: a picture that stands in the record already is not asked about again; one that nobody
        knows is refused of whoever sends pictures, a workbook may name one that was.
    Locks: those pictures, by id.
    """

    def __init__(self, session: Session, register: Register, attempts: Sequence[Attempt]) -> None:
        self._register = register
        named = {one for attempt in attempts for _, one in self._new(attempt)}
        self._found = _by_ids(session, named)
        self._taken: set[UUID] = set()

    def check(self, attempt: Attempt) -> None:
        """Refuse a picture that was not sent for this field, or that another record has."""
        for name, one in self._new(attempt):
            row = self._found.get(one)
            if row is None:
                is_free = not attempt.by.sends_pictures
            else:
                is_sent = row.form == self._register.code and row.field == name
                is_free = is_sent and one not in self._taken and _is_free(row, attempt)
            if not is_free:
                attempt.refuse(name, "NOT_FOUND")

    def count_in(self, attempt: Attempt) -> None:
        """Remember what a good form takes."""
        self._taken |= {one for _, one in self._new(attempt)}

    def kept(self, written: Sequence[tuple[Row, Attempt]]) -> None:
        """Give the pictures to the records that name them."""
        for record, attempt in written:
            for one in {one for _, one in self._new(attempt)} & self._found.keys():
                self._found[one].record_id = record.id

    def _new(self, attempt: Attempt) -> Iterator[tuple[str, UUID]]:
        for name in picture_fields(self._register):
            value, stood = attempt.values[name], attempt.was.get(name)
            held = stood if isinstance(stood, list) else [stood]
            for one in value if isinstance(value, list) else [value]:
                if one is not None and one not in held:
                    yield name, one


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


def _is_free(row: Attachment, attempt: Attempt) -> bool:
    """Tell whether a record may take it: it has it, or nobody has and the same person sent it."""
    if row.record_id is None:
        return row.created_by == attempt.by.id
    return attempt.before is not None and row.record_id == attempt.before.id


def _by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Attachment]:
    if not ids:
        return {}
    wanted = select(Attachment).where(_among(ids), Attachment.erased_at.is_(None))
    held = wanted.order_by(Attachment.id).with_for_update()
    return {row.id: row for row in session.scalars(held)}


def _among(ids: Collection[UUID]) -> Any:
    return Attachment.id == any_(literal(sorted(ids), ARRAY(PG_UUID(as_uuid=True))))
