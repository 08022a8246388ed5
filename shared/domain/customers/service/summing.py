"""Sum a grading up by grade.

Form: F02 summary block.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.domain.customers.models import Grading
from shared.domain.customers.rules import grading as rules
from shared.domain.customers.rules.grading import Grade
from shared.forms.record import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One grade of a grading; shares and averages are computed by who shows them."""

    grade: str
    guests: int
    spend_fen: int
    visits: int
    moved_up: int
    moved_down: int
    without_consultant: int


def gradings(session: Session, *, limit: int = 12) -> list[date]:
    """List the days as of which guests were graded, the newest first."""
    return list(
        session.scalars(
            select(Grading.as_of).distinct().order_by(Grading.as_of.desc()).limit(limit)
        )
    )


def summary(session: Session, as_of: date, *, own_of: UUID | None = None) -> list[Summary]:
    """Sum up a grading by grade, in their order; a grade that nobody has is there with zeros.

    Form: F02 summary block.
    """
    counted = (
        select(
            Grading.grade, func.count(), func.sum(Grading.spend_12m_fen),
            func.sum(Grading.visits_12m),
            func.count().filter(Grading.moved == rules.Move.UP),
            func.count().filter(Grading.moved == rules.Move.DOWN),
            func.count().filter(Grading.consultant.is_(None)),
        )
        .where(Grading.as_of == as_of, Grading.state != State.VOID)
        .group_by(Grading.grade)
    )  # fmt: skip
    if own_of is not None:
        counted = counted.where(Grading.consultant == own_of)
    found = {row[0]: [int(value) for value in row[1:]] for row in session.execute(counted)}
    names = ("guests", "spend_fen", "visits", "moved_up", "moved_down", "without_consultant")
    return [
        Summary(
            grade=one, **dict(zip(names, found.get(one, [0] * len(names)), strict=True))
        )
        for one in Grade
    ]  # fmt: skip
