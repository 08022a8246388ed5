"""Jobs of the till: files of sales."""

from sqlalchemy.orm import Session

from shared.domain.sales.events import ImportRows
from shared.domain.sales.service import importing
from workers.job import At, job


@job(ImportRows, time_limit_s=300)
def import_rows(session: Session, request: ImportRows, at: At) -> None:
    """Import the next rows of a file."""
    importing.import_rows(session, run_id=request.run_id, now=at.now, today=at.today)
