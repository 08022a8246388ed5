"""Tell of cards that end soon, and end those whose last day is over.

Form: J08 at nine o'clock; event card.expiring.
"""

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.cards.models import Card
from shared.domain.cards.queries import cards
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.rules.kinds import CardKind, CardState, EntryKind
from shared.domain.cards.service import ledger
from shared.domain.cards.service.ledger import Step
from shared.domain.customers import queries as customers
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.forms.texts import yuan_text

DAYS_BEFORE = (30, 7)


def watch_cards(session: Session, *, day: date, now: datetime) -> int:
    """Tell of cards that end in 30 and in 7 days, and end those whose last day is over.

    Locks: the cards that end now, by id.
    Emits: Notify, once per card, last day and time before it.
    """
    told = 0
    for before in DAYS_BEFORE:
        soon = cards.ending_on(session, day + timedelta(days=before))
        people = customers.by_ids(session, [card.customer_id for card in soon])
        for card in soon:
            publish(session, _expiring(card, people[card.customer_id].consultant, before=before))
            told += 1
    over = select(Card).where(Card.valid_until < day, Card.state == CardState.ACTIVE)
    for ended in session.scalars(over.order_by(Card.id).with_for_update()).all():
        key = uuid5(NAMESPACE_URL, f"card/{ended.id}/ends/{ended.valid_until}")
        act = Act(key=key, by_id=None, day=day, now=now)
        step = Step(kind=EntryKind.EXPIRE, after=ledger.held_balances(session, ended))
        ledger.write(session, ended, step, act)
    return told


def _expiring(card: cards.Held, consultant: UUID | None, *, before: int) -> Notify:
    rest = f"({yuan_text(card.balances.money_fen)}元)" if card.kind == CardKind.STORED else ""
    return Notify(
        event="card.expiring",
        key=f"{card.id}/{card.valid_until}/{before}",
        facts={
            "card": f"{card.name}{rest}",
            "date": f"{card.valid_until}",
            "sessions": str(card.sessions),
        },
        to_people=(consultant,) if consultant else (),
        to_customer_id=card.customer_id,
    )
