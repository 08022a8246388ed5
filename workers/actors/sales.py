"""Jobs of the till: files of sales, days that nobody closed."""

from sqlalchemy.orm import Session

from shared.domain.sales.events import ImportRows, WatchCashDays
from shared.domain.sales.service import importing, watching
from workers.job import At, job


@job(ImportRows, time_limit_s=300)
def import_rows(session: Session, request: ImportRows, at: At) -> None:
    """Import the next rows of a file."""
    importing.import_rows(session, run_id=request.run_id, now=at.now, today=at.today)


@job(WatchCashDays)
def watch_cash_days(session: Session, request: WatchCashDays, at: At) -> None:
    """Tell of days that are still open (J10)."""
    watching.watch_cash_days(session, day=request.day)
