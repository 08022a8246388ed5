"""Ask for a guest's erasure, and empty the profiles; the rest is the privacy capability's.

Form: specification 4.4.
Shape: from the asking on the profile is restricted: kept, and shown to nobody (PIPL 47). A profile
    is never deleted: receipts and counts name it by its id.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers import queries
from shared.domain.customers.events import ErasePerson
from shared.domain.customers.models import Customer, Erasure
from shared.domain.customers.rules.contact import is_own_number
from shared.domain.customers.service.adding import free_number
from shared.domain.customers.service.profiles import PROFILES
from shared.events.jobs import publish
from shared.forms.record import State
from shared.records import service as records
from shared.records.register import Editor

MARK = "已删除 erased"
DONE_AGAIN = "恢复备份后重新删除 · done again after a restore"


class StillOwed(errors.Conflict):
    """The store still owes this guest money or sessions: settle that first."""

    code = "STATE"
    zh = "该顾客尚有储值余额或剩余次数,请先结清"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an erasure did: rows by table, files, rows elsewhere that named the person."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    words: int = 0


def ask(session: Session, *, customer_id: int, reason: str, by: Editor) -> Erasure:
    """Ask for the erasure of a guest with all profiles that became one; hides them at once.

    Locks: those profiles, by id.
    Emits: ErasePerson.
    Raises: NoSuchCustomer, StillOwed.
    """
    held = _held(session, queries.whole_person(session, customer_id))
    if customer_id not in {row.id for row in held if row.restricted_at is None}:
        raise queries.NoSuchCustomer(customer_id=customer_id)
    if any(row.balance_fen or row.sessions_left for row in held):
        raise StillOwed(customer_id=customer_id)
    for row in held:
        row.restricted_at, row.state = by.now, State.VOID
        records.note_action(session, PROFILES, row, action="ERASE", by=by, reason=None)
    made = Erasure(customer_id=customer_id, reason=reason, asked_by=by.id, asked_at=by.now)
    session.add(made)
    session.flush()  # the job carries its id
    publish(session, ErasePerson(erasure_id=made.id))
    return made


def do_again(session: Session, profiles: Collection[int], *, now: datetime) -> Erasure:
    """Note an erasure that an older copy of the tenant does not know of."""
    made = Erasure(customer_id=min(profiles), reason=DONE_AGAIN, asked_at=now)
    session.add(made)
    session.flush()  # the caller finishes it
    return made


def for_update(session: Session, erasure_id: int) -> Erasure:
    """Give a receipt and hold it; for the job.

    Locks: the receipt.
    Raises: NoSuchErasure.
    """
    found = session.get(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise queries.NoSuchErasure(erasure_id=erasure_id)
    return found


def empty_profiles(session: Session, profiles: Collection[int], *, now: datetime) -> None:
    """Take from profiles what no class of a field says: consents, chosen numbers, the life.

    Locks: those profiles, by id.
    """
    for row in _held(session, profiles):
        row.state, row.is_complete = State.VOID, False
        row.consent_service = row.consent_sensitive = False
        row.consent_marketing = row.consent_photo = False
        row.channel_pref = row.no_call_times = None
        row.restricted_at = row.restricted_at or now
        if not is_own_number(row.number, row.id):
            row.number = free_number(session, row.id)
    session.flush()  # what follows asks the table


def finish(session: Session, erasure: Erasure, outcome: Outcome, *, now: datetime) -> None:
    """Write on the receipt what was done."""
    erasure.erased, erasure.files = outcome.rows, outcome.files
    erasure.words, erasure.finished_at = outcome.words, now
    session.flush()  # the reason is searched for words after this


def _held(session: Session, profiles: Collection[int]) -> list[Customer]:
    held = select(Customer).where(Customer.id.in_(profiles)).order_by(Customer.id)
    found = held.with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(found))
