"""What a run prints: a record or an empty form, with its pictures."""

from uuid import UUID

from sqlalchemy.orm import Session

from shared.files import NoSuchFile, Shelf
from shared.records import paper, queries
from shared.records.models import RecordRun
from shared.records.paper import Paper, Printing


def paper_of(session: Session, run: RecordRun, printing: Printing) -> Paper:
    """Print what a run asks for.

    Raises: queries.NoSuchRecord, also for another's record where only one's own are seen.
    """
    record_id, own_of = run.asked["record_id"], printing.view.own_of
    if record_id is None:
        return paper.one(session, printing, None)
    row = queries.get(session, printing.register, record_id, own_of=own_of)
    return paper.one(session, printing, row)


def pictures_of(shelf: Shelf, made: Paper) -> dict[str, bytes]:
    """Read the files that a paper shows; one that is gone leaves its box empty.

    Raises: files.StoreAway.
    """
    found = {}
    for key in made.pictures:
        try:
            found[key] = shelf.get(UUID(key))
        except NoSuchFile:
            continue
    return found
