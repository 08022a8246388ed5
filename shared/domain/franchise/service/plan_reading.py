"""Apply letters about plans: what a store handed in, and the headquarters' word on it.

Form: F11.
"""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.franchise.events import SendSnapshots
from shared.domain.franchise.models.plans import StorePlan, StorePlanFigure, StorePlanLine
from shared.domain.franchise.models.post import PlanExchange
from shared.domain.franchise.models.stores import StoreFile
from shared.domain.franchise.rules import plan_letters as rules
from shared.domain.franchise.rules.plan_letters import PlanWord, SentPlan
from shared.domain.franchise.rules.snapshots import LetterUnreadable
from shared.domain.franchise.service import exchanges
from shared.domain.franchise.service.arriving import UnknownSender, is_news
from shared.domain.reporting.queries import plans
from shared.domain.reporting.rules.plan import PlanState
from shared.domain.reporting.rules.states import reason_given
from shared.domain.reporting.service import approving
from shared.events.jobs import publish
from shared.events.letters import Letter


def apply_plan(session: Session, letter: Letter) -> None:
    """At a headquarters: keep what a store says of a plan; an older letter changes nothing.

    Locks: the store's plan.
    Raises: LetterUnreadable, UnknownSender, SameNumberOtherContent.
    """
    said = rules.read_plan(letter.payload, version=letter.version)
    if letter.key != rules.key(said.year, said.revision):
        raise LetterUnreadable(why="the key names another plan")
    if session.get(StoreFile, letter.sender) is None:
        raise UnknownSender(sender=letter.sender)
    held = _hold(session, letter.sender, said)
    fingerprint = rules.content_hash(said)
    if not is_news(letter, last_no=held.letter_no, is_same=fingerprint == held.content_hash):
        return
    held.letter_no, held.content_hash = letter.revision, fingerprint
    held.state, held.fingerprint = said.state, said.fingerprint
    held.reason, held.made_by = said.reason, said.made_by
    held.submitted_by, held.submitted_at = said.submitted_by, said.submitted_at
    held.answered_no, held.refusal = said.answered, said.refusal
    held.published_at = letter.sent_at
    session.flush()  # the numbers refer to the plan
    if said.state != PlanState.DRAFT:  # what was taken back stays readable as it was seen
        _replace_numbers(session, letter.sender, said)


def apply_decision(session: Session, letter: Letter, *, now: datetime) -> None:
    """At a store: follow the headquarters' word on a plan, if it still is what was seen.

    Locks: what passed about the plan, the plan.
    Emits: SendSnapshots; as the verb it follows.
    Raises: LetterUnreadable, approving.PlanChanged, planning.PlanNotThere, plans.NoSuchPlan.
    """
    decided = rules.read_decision(letter.payload, version=letter.version)
    if letter.key != rules.key(decided.year, decided.revision):
        raise LetterUnreadable(why="the key names another plan")
    plan = plans.shown(session, decided.year, decided.revision)
    exchange = exchanges.hold(session, PlanExchange, [plan.id])[plan.id]
    if not exchanges.take_up(exchange, letter):
        return  # read before
    seen = approving.Seen(
        year=decided.year,
        revision=decided.revision,
        fingerprint=decided.fingerprint,
        by_name=decided.by_name,
    )
    if decided.decision is PlanWord.APPROVE:
        approving.approve_for_headquarters(session, seen=seen, now=now)
    else:
        reason = reason_given(decided.reason)
        approving.reject_for_headquarters(session, seen=seen, reason=reason)
    publish(session, SendSnapshots())


def answer_refusal(session: Session, letter: Letter, error: Exception) -> None:
    """At a store: note why a decision was not followed, so that the next letter says so.

    Locks: what passed about the plan.
    Emits: SendSnapshots.
    """
    named = rules.year_and_revision(letter.key)
    found = [one.id for one in plans.reported(session) if (one.year, one.revision) == named]
    if not found:
        return  # nothing of ours: the refused letter itself says so
    (exchange,) = exchanges.hold(session, PlanExchange, found).values()
    exchanges.refuse(session, exchange, letter, error)


def _hold(session: Session, tenant: str, said: SentPlan) -> StorePlan:
    begun = {
        "tenant": tenant,
        "year": said.year,
        "revision": said.revision,
        "letter_no": 0,
        "state": said.state,
        "fingerprint": said.fingerprint,
        "content_hash": "",
        "published_at": datetime.min.replace(tzinfo=UTC),
        "decision_no": 0,
        "answered_no": 0,
    }
    keyed = ["tenant", "year", "revision"]
    session.execute(insert(StorePlan).values(begun).on_conflict_do_nothing(index_elements=keyed))
    return session.scalars(
        select(StorePlan)
        .where(
            StorePlan.tenant == tenant,
            StorePlan.year == said.year,
            StorePlan.revision == said.revision,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _replace_numbers(session: Session, tenant: str, said: SentPlan) -> None:
    figures = [
        {"side": side, "name": name, "amount": amount}
        for side, known in (("PRIOR", said.prior), ("PLAN", said.plan))
        for name, amount in known.items()
    ]
    lines = [
        {"month": month, "category": category, "amount_fen": fen}
        for month, category, fen in said.lines
    ]
    of = {"tenant": tenant, "year": said.year, "revision": said.revision}
    for table, rows in ((StorePlanFigure, figures), (StorePlanLine, lines)):
        session.execute(delete(table).filter_by(**of))
        if rows:
            session.execute(insert(table), [of | row for row in rows])
