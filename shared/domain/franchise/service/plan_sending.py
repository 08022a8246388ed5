"""Report a store's plans to its headquarters: each step once, and what it answered.

Form: F11; only what was handed in goes up, a draft stays here.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.franchise.models.post import PlanExchange
from shared.domain.franchise.rules import plan_letters as rules
from shared.domain.franchise.service import exchanges
from shared.domain.reporting.queries import plans
from shared.domain.reporting.queries.plans import HandedIn
from shared.domain.reporting.rules.plan import PlanState, SplitBy
from shared.events.letters import Outgoing

_STANDS = (PlanState.APPROVED, PlanState.REPLACED)  # its numbers do not change any more


def send_plans(session: Session, *, hq: str | None, day: date, now: datetime) -> int:
    """Send every plan that moved since its last letter; tell how many went out.

    A store without a headquarters sends nothing. What no contract covers is noted and tried again
    with the next run.

    Units: `day` is the store's business day, which the contract must cover.
    Locks: the exchanges of the plans to send.
    """
    if hq is None:
        return 0
    if not (handed_in := plans.reported(session)):
        return 0
    known = {row.plan_id: row for row in session.scalars(select(PlanExchange))}
    moved = [plan for plan in handed_in if not _is_said(session, known.get(plan.id), plan)]
    held = exchanges.hold(session, PlanExchange, [plan.id for plan in moved])
    return sum(
        _send(session, held[plan.id], plan, hq=hq, day=day, now=now)
        for plan in moved
        if not _is_said(session, held[plan.id], plan)  # another run sent it while we waited
    )


def _is_said(session: Session, exchange: PlanExchange | None, plan: HandedIn) -> bool:
    if exchange is None or exchange.refused_at is not None or exchange.state != plan.state:
        return False
    if exchange.decision_no != exchange.answered_no:
        return False
    return plan.state in _STANDS or exchange.fingerprint == _fingerprint(session, plan)


def _fingerprint(session: Session, plan: HandedIn) -> str:
    return rules.NOTHING if plan.state == PlanState.DRAFT else plans.fingerprint(session, plan)


def _send(
    session: Session, exchange: PlanExchange, plan: HandedIn, *, hq: str, day: date, now: datetime
) -> bool:
    sent = _sent(session, exchange, plan)
    letter = Outgoing(
        receiver=hq,
        kind=rules.PLAN,
        key=rules.key(plan.year, plan.revision),
        revision=exchange.letter_no + 1,
        payload=rules.plan_payload(sent),
        on=day,
        version=rules.VERSION,
    )
    if not exchanges.say(session, exchange, letter, now=now):
        return False
    exchange.letter_no += 1
    exchange.state, exchange.fingerprint = plan.state, sent.fingerprint
    session.flush()  # the next run of this transaction asks for it
    return True


def _sent(session: Session, exchange: PlanExchange, plan: HandedIn) -> rules.SentPlan:
    is_kept_back = plan.state == PlanState.DRAFT
    known = {} if is_kept_back else plans.numbers(session, plan.id)
    cells = {} if is_kept_back else plans.cells(session, plan.id)
    return rules.SentPlan(
        year=plan.year,
        revision=plan.revision,
        state=plan.state,
        answered=exchange.decision_no,
        refusal=exchange.refusal,
        fingerprint=_fingerprint(session, plan),
        reason=plan.reason,
        made_by=plan.made_by,
        submitted_by=plan.submitted_by,
        submitted_at=plan.submitted_at,
        prior=known.get("PRIOR", {}),
        plan=known.get("PLAN", {}),
        lines=tuple(
            (month, part, fen)
            for (month, kind, part), fen in cells.items()
            if kind in (SplitBy.STORE, SplitBy.CATEGORY)
        ),
    )
