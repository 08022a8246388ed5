"""Tell a guest what was settled and what is left.

Form: specification 11: visit.settled.
"""

from sqlalchemy.orm import Session

from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries import cards
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.forms.texts import yuan_text


def tell_settled(session: Session, entry: CardEntry) -> None:
    """Tell the guest of a deduction made at the desk, outside a visit that settles as a whole.

    Emits: Notify, once per entry.
    """
    customer_id = session.get_one(Card, entry.card_id).customer_id
    before, after = cards.balances_before(entry), cards.balances_after(entry)
    left = cards.balance_of(session, [customer_id])[customer_id]
    value_fen = before.money_fen - after.money_fen
    publish(
        session,
        Notify(
            event="visit.settled",
            key=f"card/{entry.id}",
            facts={
                "amount": yuan_text(value_fen),
                "balance": yuan_text(left.money_fen),
                "sessions": str(left.sessions),
            },
            to_customer_id=customer_id,
        ),
    )
