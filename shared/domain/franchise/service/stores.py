"""Keep the store files of a headquarters.

Form: store file 门店档案 (9.1).
"""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.franchise.events import ReadLetters
from shared.domain.franchise.models.post import RefusedLetter
from shared.domain.franchise.models.stores import StoreFile
from shared.domain.franchise.rules import stores as rules
from shared.domain.franchise.rules.stores import StoreDetails
from shared.events.jobs import publish

LETTERS_PER_JOB = 50
_UNIQUE = "23505"


class StoreCodeTaken(errors.Conflict):
    """Another store has this code."""

    code = "DUPLICATE"
    zh = "门店编号已被使用"


def register_store(session: Session, *, details: StoreDetails) -> None:
    """Write a store's file in its headquarters, or change what it says.

    Snapshots that came before the store had a file are read again.

    Emits: ReadLetters for those.
    Raises: errors.FormInvalid, StoreCodeTaken.
    """
    rules.check_details(details)
    values = {
        "tenant": details.tenant,
        "code": details.code,
        "name": details.name.strip(),
        "region": details.region.strip(),
        "kind": details.kind,
        "size_class": details.size_class,
        "city_tier": details.city_tier,
        "opened_on": details.opened_on,
        "closed_on": details.closed_on,
    }
    written = insert(StoreFile).values(values)
    changes = {name: written.excluded[name] for name in values if name != "tenant"}
    try:
        with session.begin_nested():
            session.execute(written.on_conflict_do_update(index_elements=["tenant"], set_=changes))
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != _UNIQUE:
            raise
        taken = errors.problem("code", "DUPLICATE")
        raise StoreCodeTaken(code=details.code, problems=(taken,)) from error
    _read_again(session, details.tenant)


def _read_again(session: Session, tenant: str) -> None:
    waiting = session.scalars(
        delete(RefusedLetter)
        .where(RefusedLetter.sender == tenant, RefusedLetter.error == "UnknownSender")
        .returning(RefusedLetter.letter_id)
    ).all()
    for start in range(0, len(waiting), LETTERS_PER_JOB):
        publish(session, ReadLetters(letters=tuple(waiting[start : start + LETTERS_PER_JOB])))
