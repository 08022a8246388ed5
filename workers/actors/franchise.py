"""Jobs between a store and its headquarters: snapshots up, letters read, the chain summed."""

from sqlalchemy.orm import Session

from shared.domain.franchise.events import AggregateMonth, ReadLetters, SendSnapshots
from shared.domain.franchise.service import aggregation, plan_sending, reading, sending
from shared.domain.franchise.service.reading import Reader
from workers.job import At, job


@job(SendSnapshots, time_limit_s=120)
def send_snapshots(session: Session, request: SendSnapshots, at: At) -> None:
    """Report the months and plans that moved to the headquarters (J18)."""
    sending.send_snapshots(session, hq=at.tenant.hq, day=at.today, now=at.now)
    plan_sending.send_plans(session, hq=at.tenant.hq, day=at.today, now=at.now)


@job(ReadLetters, time_limit_s=120)
def read_letters(session: Session, request: ReadLetters, at: At) -> None:
    """Apply letters that arrived."""
    reader = Reader(name=at.tenant.name, is_hq=at.tenant.kind == "hq", hq=at.tenant.hq)
    reading.read_letters(session, letters=request.letters, reader=reader, now=at.now)


@job(AggregateMonth, time_limit_s=300)
def aggregate_month(session: Session, request: AggregateMonth, at: At) -> None:
    """Sum a month over the chain and rank its stores (J19)."""
    aggregation.aggregate_month(session, month=request.month, now=at.now)
