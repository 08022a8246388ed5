"""What closing a month again would state otherwise than its last closed revision.

Form: W9, C12 adjustments.
"""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.domain.reporting.models.months import MonthStep
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules import restating as rules
from shared.domain.reporting.rules.restating import Restatement
from shared.domain.reporting.rules.states import MonthState


def restatement(session: Session, month: date, *, revision: int) -> Restatement | None:
    """Compare a computed revision with the last one that was closed; None when none was."""
    last = session.scalars(
        select(func.max(MonthStep.revision)).where(
            MonthStep.month == month,
            MonthStep.to_state == MonthState.CLOSED,
            MonthStep.revision < revision,
        )
    ).one()
    if last is None:
        return None
    old, new = (months.figures(session, month, one) for one in (last, revision))
    return Restatement(old_revision=last, changes=rules.changes(old, new))
