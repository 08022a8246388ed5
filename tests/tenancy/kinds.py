"""A job that only the tests of the wall know: it runs whatever SQL it was asked with."""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.orm import Session

from shared.events.messages import Request
from workers.job import At, job


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSql(Request):
    """Run a statement, and leave what it showed as a customer's name."""

    wire: ClassVar[str] = "test.run_sql"
    max_attempt: ClassVar[int] = 1
    statement: str


@job(RunSql)
def run_sql(session: Session, request: RunSql, at: At) -> None:
    """Run it on the tenant's own connection, as an injection into an actor would."""
    raw = session.connection().connection.driver_connection
    assert raw is not None
    cursor = raw.execute(request.statement)
    for number, row in enumerate(cursor.fetchall() if cursor.description else []):
        raw.execute(
            "INSERT INTO customers (number, name, created_at) VALUES (%s, %s, now())",
            [f"seen-{number}", str(row)[:80]],
        )
