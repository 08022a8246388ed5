"""How a year's revenue is split before anybody has said how.

Form: F11 split 目标分解.
"""

from datetime import date

from sqlalchemy.orm import Session

from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules import figures, splits
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules.plan import Cell, SplitBy


def first_split(session: Session, year: int, new: rules.NewPlan) -> dict[Cell, int]:
    """Split by last year's months where all are known, by its categories, by people equally."""
    known = plans.turnover_by_month(session, year - 1)
    months = [date(year, number, 1) for number in range(1, 13)]
    weights = [known.get((month.replace(year=year - 1), ""), 0) for month in months]
    if not all(weight > 0 for weight in weights):
        weights = [1] * len(months)
    by_category = [
        max(sum(fen for (_, part), fen in known.items() if part == category), 0)
        for category in figures.CATEGORIES
    ]
    made: dict[Cell, int] = {}
    targets = splits.split(new.plan["R"], weights)
    for month, fen in zip(months, targets, strict=True):
        made[month, SplitBy.STORE, ""] = fen
        of_category = splits.split(fen, by_category)
        for category, part in zip(figures.CATEGORIES, of_category, strict=True):
            made[month, SplitBy.CATEGORY, category] = part
        of_person = splits.split(fen, [1] * len(new.consultants))
        for person, part in zip(new.consultants, of_person, strict=True):
            made[month, SplitBy.CONSULTANT, str(person)] = part
    return made
