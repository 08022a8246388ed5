"""What passes between a store and its headquarters about a month or a plan, on the store's side.

Form: J18. A letter goes up, a decision comes down, the next letter says what became of it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.domain.franchise.events import SendSnapshots
from shared.domain.franchise.models.post import MonthExchange, PlanExchange
from shared.domain.franchise.service import posting
from shared.events.jobs import publish
from shared.events.letters import Letter, Outgoing

Exchange = TypeVar("Exchange", MonthExchange, PlanExchange)
Key = TypeVar("Key", date, int)


def hold(session: Session, kind: type[Exchange], of: Sequence[Key]) -> dict[Key, Exchange]:
    """Hold what passed about some months or plans, named by their keys; begun on first use.

    Locks: the exchanges, the lowest key first.
    """
    if not of:
        return {}
    (key,) = inspect(kind).primary_key
    begun = [{key.name: one} for one in sorted(of)]
    session.execute(insert(kind).values(begun).on_conflict_do_nothing(index_elements=[key]))
    rows = session.scalars(
        select(kind)
        .where(key.in_(of))
        .order_by(key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {getattr(row, key.name): row for row in rows}


def say(
    session: Session, exchange: MonthExchange | PlanExchange, letter: Outgoing, *, now: datetime
) -> bool:
    """Post the next letter about it, which answers the last decision.

    False while no contract covers it: that is noted, and the next run tries again.
    """
    try:
        posting.post(session, letter, now=now)
    except posting.NoContract:
        exchange.refused_at = now
        return False
    exchange.answered_no = exchange.decision_no
    exchange.sent_at, exchange.refused_at = now, None
    return True


def take_up(exchange: MonthExchange | PlanExchange, letter: Letter) -> bool:
    """Note that a decision is being dealt with; False when it was before."""
    if letter.revision <= exchange.decision_no:
        return False
    exchange.decision_no, exchange.refusal = letter.revision, None
    return True


def refuse(
    session: Session, exchange: MonthExchange | PlanExchange, letter: Letter, error: Exception
) -> None:
    """Note why a decision was not followed, so that the next letter says so.

    Emits: SendSnapshots.
    """
    if take_up(exchange, letter):
        exchange.refusal = type(error).__name__[:40]
        session.flush()  # the next letter of this batch asks for it
        publish(session, SendSnapshots())
