"""Make one profile of two that are the same person, and take it back within thirty days.

Units: books do not move: receipts and records keep the customer they were made for, and questions
    about a person ask for all the profiles that became one.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers.models import Customer, CustomerMerge
from shared.domain.customers.rules import profile as rules
from shared.domain.customers.service.profiles import PROFILES, SENSITIVE
from shared.errors import problem
from shared.forms.record import State, entered
from shared.records import queries as records
from shared.records import service as record_service
from shared.records.register import Editor
from shared.records.writing import search_text_of

# Consents are a person's own word on one paper; they are never carried over.
_NEVER_FILLED = frozenset(
    {
        "registered_on", "front_desk_no", "customer_sign", "guardian_name",
        "consent_service", "consent_sensitive", "consent_marketing", "consent_photo",
    }
)  # fmt: skip


class NoSuchMerge(errors.Missing):
    """There is no such merge."""

    zh = "找不到该合并记录"


class MergeImpossible(errors.Conflict):
    """These two profiles cannot be merged."""

    zh = "这两份档案不能合并"


class TooLateToUndo(errors.Conflict):
    """A merge can be taken back within 30 days, once, while the kept profile is not merged away."""

    zh = "合并只能在30天内撤销一次"


def merge(
    session: Session, *, kept_id: int, gone_id: int, reason: str, by: Editor
) -> CustomerMerge:
    """Give up one profile for another; empty fields of the kept one are filled from it.

    Locks: both profiles, by id.
    Raises: NoSuchRecord, MergeImpossible for one and the same or one that is void already.
    """
    if kept_id == gone_id:
        raise MergeImpossible(problems=(problem("gone_id", "RANGE"),))
    held = {n: records.for_update(session, PROFILES, n) for n in sorted((kept_id, gone_id))}
    kept, gone = held[kept_id], held[gone_id]
    if State.VOID in (kept.state, gone.state):
        raise MergeImpossible(problems=(problem("gone_id", "STATE"),))
    made = CustomerMerge(
        kept_id=kept_id, gone_id=gone_id, gone_state=gone.state, reason=reason,
        filled=[], merged_at=by.now, merged_by=_person(by),
    )  # fmt: skip
    gone.state, gone.merged_into = State.VOID, kept_id
    gone.void_reason = f"→ {kept.number}: {reason}"[:200]
    session.flush()  # frees the phone before it may move
    made.filled = _fill(kept, gone)
    kept.balance_fen += gone.balance_fen  # cards stay where they are, as receipts do
    kept.sessions_left += gone.sessions_left
    session.add(made)
    for row, action, other in ((kept, "MERGE", gone), (gone, "MERGED", kept)):
        why = f"{other.number} {reason}"
        record_service.note_action(session, PROFILES, row, action=action, by=by, reason=why)
    session.flush()
    return made


def unmerge(session: Session, *, merge_id: int, by: Editor) -> CustomerMerge:
    """Take a merge back: the profile lives again, what was filled and not changed since is emptied.

    Locks: the merge, both profiles, by id.
    Raises: NoSuchMerge, TooLateToUndo.
    """
    found = session.scalars(
        select(CustomerMerge).where(CustomerMerge.id == merge_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NoSuchMerge(merge_id=merge_id)
    held = {
        n: records.for_update(session, PROFILES, n) for n in sorted((found.kept_id, found.gone_id))
    }
    kept, gone = held[found.kept_id], held[found.gone_id]
    if not _can_undo(found, kept, now=by.now):
        raise TooLateToUndo(merge_id=merge_id)
    for name in found.filled:
        if getattr(kept, name) == getattr(gone, name):
            setattr(kept, name, None)
    kept.balance_fen -= gone.balance_fen
    kept.sessions_left -= gone.sessions_left
    session.flush()  # the phone goes back before its owner lives again
    gone.state, gone.merged_into, gone.void_reason = found.gone_state, None, None
    found.undone_at, found.undone_by = by.now, by.id
    for row in (kept, gone):
        row.search_text = search_text_of(PROFILES, row)
        record_service.note_action(session, PROFILES, row, action="UNMERGE", by=by, reason=None)
    session.flush()
    return found


def open_merges(session: Session, *, now: datetime) -> list[CustomerMerge]:
    """List the merges that can still be taken back, the newest first."""
    found = session.scalars(
        select(CustomerMerge)
        .join(Customer, Customer.id == CustomerMerge.kept_id)
        .where(
            Customer.restricted_at.is_(None),
            CustomerMerge.undone_at.is_(None),
            CustomerMerge.merged_at >= now - timedelta(days=rules.UNDO_DAYS),
        )
        .order_by(CustomerMerge.id.desc())
    )
    return list(found)


def _can_undo(found: CustomerMerge, kept: Customer, *, now: datetime) -> bool:
    in_time = now <= found.merged_at + timedelta(days=rules.UNDO_DAYS)
    return in_time and found.undone_at is None and kept.merged_into is None


def _fill(kept: Customer, gone: Customer) -> list[str]:
    closed = {"photos"} if kept.consent_sensitive and not kept.consent_photo else set()
    if not kept.consent_sensitive:
        closed.update(SENSITIVE)
    filled = []
    for name in entered(PROFILES.form):
        if name in _NEVER_FILLED or name in closed or getattr(kept, name) is not None:
            continue
        value = getattr(gone, name)
        if value is not None and not (name == "referrer" and value == kept.id):
            setattr(kept, name, value)
            filled.append(name)
    kept.search_text = search_text_of(PROFILES, kept)
    return filled


def _person(by: Editor) -> UUID:
    if by.id is None:
        raise MergeImpossible(problems=(problem("", "FORBIDDEN"),))
    return by.id
