"""Decide on a store's plan: approve it, or send it back with the reason.

Form: F11; the decision goes down as a letter and names the numbers it was made on.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.franchise.models.plans import StorePlan
from shared.domain.franchise.queries.store_plans import NoSuchStorePlan
from shared.domain.franchise.rules import plan_letters as rules
from shared.domain.franchise.rules.plan_letters import PlanDecision, PlanWord
from shared.domain.franchise.service import posting
from shared.domain.franchise.service.decisions import DecisionPending
from shared.domain.reporting.rules.plan import PlanState
from shared.domain.reporting.rules.states import reason_given
from shared.domain.reporting.service.approving import PlanChanged, SameAuthor
from shared.events.letters import Outgoing


class StorePlanNotThere(errors.Conflict):
    """The store's plan does not wait for a decision."""

    zh = "该门店计划当前状态不能审核"


def decide_plan(
    session: Session,
    *,
    store: str,
    decided: PlanDecision,
    actor_id: UUID,
    day: date,
    now: datetime,
) -> StorePlan:
    """Send a decision on the numbers of a plan that the store last handed in.

    The store answers with its next letter: followed, or refused with the reason.

    Units: `store` is the store's opaque name; `day` the headquarters' business day.
    Locks: the store's plan.
    Raises: NoSuchStorePlan, DecisionPending, StorePlanNotThere, PlanChanged, SameAuthor,
        states.ReasonMissing, posting.NoContract.
    """
    held = session.scalars(
        select(StorePlan)
        .where(
            StorePlan.tenant == store,
            StorePlan.year == decided.year,
            StorePlan.revision == decided.revision,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if held is None:
        raise NoSuchStorePlan(year=decided.year, revision=decided.revision)
    _check(held, decided, actor_id)
    letter = Outgoing(
        receiver=store,
        kind=rules.PLAN_DECISION,
        key=rules.key(held.year, held.revision),
        revision=held.decision_no + 1,
        payload=rules.decision_payload(decided),
        on=day,
        version=rules.VERSION,
    )
    posting.post(session, letter, now=now)
    held.decision, held.decision_reason = decided.decision, decided.reason
    held.decision_no += 1
    held.decided_at, held.decided_by = now, actor_id
    session.flush()  # the page of this transaction shows it
    return held


def _check(held: StorePlan, decided: PlanDecision, actor_id: UUID) -> None:
    if held.decision_no > held.answered_no:
        raise DecisionPending(year=held.year)
    if held.state != PlanState.SUBMITTED:
        raise StorePlanNotThere(year=held.year, state=held.state)
    if held.fingerprint != decided.fingerprint:
        raise PlanChanged(year=held.year, revision=held.revision)
    if decided.decision is PlanWord.BACK:
        reason_given(decided.reason)
    elif actor_id in (held.made_by, held.submitted_by):
        raise SameAuthor(year=held.year)
