"""Approve a productivity plan, or send it back: the headquarters, else another manager.

Form: F11: HQ approves for the stores it has; an approved plan changes only by the next revision.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.reporting.events import ComparePlan, PlanMoved
from shared.domain.reporting.models.plans import Plan
from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules.plan import PlanState
from shared.domain.reporting.rules.states import HeadquartersDecides
from shared.domain.reporting.service.planning import held_plan
from shared.events.jobs import publish


class SameAuthor(errors.Forbidden):
    """Who wrote or submitted a plan cannot approve it: another person signs."""

    zh = "计划的制表人或提交人不能审核,须由另一人审核"


class PlanChanged(errors.Conflict):
    """The plan is not the one that the headquarters decided on."""

    code = "CONFLICT"
    zh = "计划已不是总部所审核的版本"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The plan that a headquarters decided on, and who decided."""

    year: int
    revision: int
    fingerprint: str
    by_name: str


def approve_plan(
    session: Session, *, year: int, actor_id: UUID, has_hq: bool, now: datetime
) -> Plan:
    """Approve a plan that another person wrote and submitted; it replaces the one before.

    Locks: the plan.
    Emits: PlanMoved, ComparePlan for the months that are over.
    Raises: PlanNotThere, HeadquartersDecides, SameAuthor.
    """
    held = held_plan(session, year, PlanState.SUBMITTED)
    if has_hq:
        raise HeadquartersDecides(year=year)
    if actor_id in (held.submitted_by, held.made_by):
        raise SameAuthor(year=year)
    held.approved_by = actor_id
    return _approve(session, held, now=now)


def reject_plan(session: Session, *, year: int, reason: str) -> Plan:
    """Send a submitted plan back, or take one's own back.

    Locks: the plan.
    Emits: PlanMoved.
    Raises: PlanNotThere.
    """
    return _reject(session, held_plan(session, year, PlanState.SUBMITTED), reason)


def approve_for_headquarters(session: Session, *, seen: Seen, now: datetime) -> Plan:
    """Approve a plan on the headquarters' word, if it still is what the headquarters saw.

    Locks: the plan.
    Emits: PlanMoved, ComparePlan for the months that are over.
    Raises: PlanNotThere, PlanChanged, plans.NoSuchPlan.
    """
    held = _seen(session, seen)
    held.decided_by_name = seen.by_name
    return _approve(session, held, now=now)


def reject_for_headquarters(session: Session, *, seen: Seen, reason: str) -> Plan:
    """Send a plan back on the headquarters' word, if it still is what the headquarters saw.

    Locks: the plan.
    Emits: PlanMoved.
    Raises: PlanNotThere, PlanChanged, plans.NoSuchPlan.
    """
    held = _seen(session, seen)
    held.decided_by_name = seen.by_name
    return _reject(session, held, reason)


def _seen(session: Session, seen: Seen) -> Plan:
    held = held_plan(session, seen.year, PlanState.SUBMITTED)
    if held.revision != seen.revision or plans.fingerprint(session, held) != seen.fingerprint:
        raise PlanChanged(year=seen.year, revision=held.revision, decided=seen.revision)
    return held


def _approve(session: Session, held: Plan, *, now: datetime) -> Plan:
    if (before := plans.approved(session, held.year)) is not None:
        before.state = PlanState.REPLACED
        session.flush()  # one approved plan a year: the old one goes first
    held.state, held.approved_at = PlanState.APPROVED, now
    session.flush()  # the page of this transaction asks the table
    publish(session, PlanMoved(year=held.year, revision=held.revision))
    for month in plans.compared_months(session, held.year):
        publish(session, ComparePlan(month=month))
    return held


def _reject(session: Session, held: Plan, reason: str) -> Plan:
    held.state, held.rejection = PlanState.DRAFT, reason
    session.flush()  # the page of this transaction asks the table
    publish(session, PlanMoved(year=held.year, revision=held.revision))
    return held
