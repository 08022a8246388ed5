"""Put months beside the plan, and begin the plan of the year to come; the calendar asks for both.

Form: F11; J24.
"""

from datetime import date, datetime
from math import ceil

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.reporting.models.plans import PlanVariance
from shared.domain.reporting.queries import months, plan_sheet, plans
from shared.domain.reporting.rules import plan as rules
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.figures import Indicator
from shared.domain.reporting.rules.plan import Number, SplitBy
from shared.domain.reporting.service import planning


def compare_month(session: Session, *, month: date, now: datetime) -> bool:
    """Put a month's revenue beside the approved plan's; tell whether there was anything to compare.

    Units: asked again, the month as it shows then counts.
    """
    plan, held = plans.approved(session, month.year), months.by_month(session, month)
    if plan is None or held is None:
        return False
    revision = states.shown_revision(held.state, held.revision)
    target_fen = plans.cells(session, plan.id).get((month, SplitBy.STORE, ""), 0)
    turnover_fen = months.figures(session, month, revision).get((Indicator.TURNOVER, ""), 0)
    row = {
        "plan_id": plan.id,
        "plan_fen": target_fen,
        "actual_fen": turnover_fen,
        "revision": revision,
        "computed_at": now,
    }
    session.execute(
        insert(PlanVariance)
        .values(month=month, **row)
        .on_conflict_do_update(index_elements=["month"], set_=row)
    )
    return True


def begin_next_year(session: Session, *, year: int, now: datetime) -> bool:
    """Begin the plan of a year from the year before; one that exists stays as it is.

    Units: what flows is brought to twelve months, rounded up; people and investment stand.
    """
    if plans.revisions(session, year):
        return False
    before = plan_sheet.actuals(session, year - 1, only_closed=False)
    if not before.months:
        return False
    count = len(before.months)
    numbers = {
        str(name): ceil(amount if name in (Number.H, Number.K) else amount * rules.MONTHS / count)
        for name, amount in before.numbers.items()
    }
    numbers[Number.W] = min(numbers[Number.W], numbers[Number.E])
    numbers[Number.N] = min(numbers[Number.N], 366)
    new = rules.NewPlan(prior=numbers, plan=numbers)
    planning.save_draft(session, year=year, new=new, actor_id=None, now=now)
    return True
