"""What pages and API ask for in the same way: a copy, an erasure.

Shape: who asked, when and what for stands in the history of the profile and in the run or receipt.
"""

from typing import Any

from flask import g

from shared import errors
from shared.domain.customers.events import CopyPerson
from shared.domain.customers.service import erasing
from shared.domain.customers.service.profiles import PROFILES
from shared.events.jobs import publish
from shared.records import queries, runs, service
from shared.records.models import RecordRun
from shared.records.register import Row
from web.extensions import db
from web.records import access, desk


def profile(record_id: int) -> Row:
    """Give a profile that is not hidden.

    Raises: NoSuchRecord.
    """
    return queries.get(db.session(), PROFILES, record_id)


def copy(record_id: int, asked: dict[str, Any]) -> RecordRun:
    """Ask a job for a guest's copy.

    Raises: NoSuchRecord.
    """
    session, by = db.session(), access.editor(PROFILES, "U")
    row = profile(record_id)
    service.note_taken_out(session, PROFILES, row, action="COPY", reason=asked["purpose"], by=by)
    run = runs.begin(
        session, PROFILES, "COPY", desk.asker(purpose=asked["purpose"]),
        file_name=f"{row.number}-{g.now:%Y%m%d-%H%M}.zip", asked={"record_id": row.id},
    )  # fmt: skip
    publish(session, CopyPerson(run_id=run.id))
    return run


def erase(record_id: int, asked: dict[str, Any]) -> Any:
    """Ask a job for a guest's erasure; the guest is shown to nobody from now on.

    Raises: NoSuchRecord, FormInvalid when the typed number is another, StillOwed.
    """
    row = profile(record_id)
    if asked["number"].casefold() != row.number.casefold():
        wrong = errors.problem(
            "number", "ENUM", zh="与此档案的编号不同", en="not the number of this profile"
        )
        raise errors.FormInvalid(problems=(wrong,))
    by = access.editor(PROFILES, "U")
    return erasing.ask(db.session(), customer_id=row.id, reason=asked["reason"], by=by)


def my_copy(run_id: int) -> RecordRun:
    """Give a copy that the asking person asked for.

    Raises: NoSuchRun.
    """
    return runs.get(db.session(), PROFILES, "COPY", run_id, asked_by=g.actor.id)
