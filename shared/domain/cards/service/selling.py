"""Issue cards, top them up, close those whose money goes back: what the till does to cards.

Units: the caller holds the month of the receipt, so that it stays open; it also has the day's
    figures computed again.
Locks: the form's counter of numbers, the card, the guest's profiles.
"""

from dataclasses import dataclass, replace
from uuid import uuid5

from sqlalchemy.orm import Session

from shared.domain.cards.models import Card, CardEntry, CardOffer
from shared.domain.cards.queries import cards
from shared.domain.cards.rules import chaining, terms, worth
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.rules.kinds import CardKind, CardState, EntryKind
from shared.domain.cards.rules.worth import Balances
from shared.domain.cards.service import ledger
from shared.domain.cards.service.ledger import Step
from shared.domain.customers import queries as customers
from shared.errors import Problem, problem
from shared.records import numbers

NUMBERS = "K"  # cards are numbered as forms are: K-202506-0001
_ENDED = (CardState.FROZEN, CardState.EXPIRED, CardState.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An offer that a guest pays for; with a card it is topped up."""

    offer: CardOffer
    customer_id: int | None
    amount_fen: int
    card_id: int | None = None


def problems_of(session: Session, purchase: Purchase, field: str, act: Act) -> list[Problem]:
    """Say what is wrong with a line of a receipt that names an offer.

    Units: a top-up costs exactly what the offer says, or anything above 0 where it says nothing; a
        package may be sold below its price, its sessions are worth less then.
    """
    offer, found = purchase.offer, []
    if not _is_on_sale(offer, act):
        off = {"zh": "该卡项当日不在售", "en": "not on sale that day"}
        found.append(problem(f"{field}.offer_id", "RANGE", **off))
    if offer.kind == CardKind.STORED and (
        purchase.amount_fen != offer.price_fen if offer.price_fen else purchase.amount_fen < 1
    ):
        found.append(problem(f"{field}.amount_fen", "RANGE"))
    if purchase.customer_id is None:
        whose = {"zh": "售卡须选择顾客", "en": "a card belongs to a guest"}
        found.append(problem("customer_id", "REQUIRED", **whose))
    elif purchase.card_id is not None and not _may_top_up(session, purchase):
        found.append(problem(f"{field}.card_id", "NOT_FOUND"))
    return found


def sell(session: Session, purchase: Purchase, act: Act) -> Card:
    """Issue a card, or top up the one that is meant: the named one, else the guest's stored value.

    Raises: ledger.CardNotUsable for one that was frozen or ended a moment ago.
    """
    offer = purchase.offer
    card = _topped_up(session, purchase)
    if card is None:
        assert purchase.customer_id is not None  # refused before
        made = Card(
            customer_id=purchase.customer_id,
            offer_id=offer.id,
            kind=offer.kind,
            item_id=offer.item_id,
            unit_fen=worth.unit_fen(purchase.amount_fen, offer.paid_sessions),
            valid_until=terms.valid_until(act.day, offer.valid_months),
        )
        card, kind = new_card(session, made, act), EntryKind.ISSUE
    else:
        kind = EntryKind.TOPUP
        last = terms.valid_until(act.day, offer.valid_months)
        card.valid_until = terms.later(card.valid_until, last)
    bought = Balances(
        principal_fen=purchase.amount_fen,
        bonus_fen=offer.bonus_fen,
        paid=offer.paid_sessions,
        gift=offer.gift_sessions,
    )
    after = worth.plus(ledger.held_balances(session, card), bought)
    ledger.write(session, card, Step(kind=kind, after=after), act)
    return card


def new_card(session: Session, made: Card, act: Act) -> Card:
    """Number a card and have it stand there, without an entry yet.

    Shape: `made` says whose it is and what of; the rest follows from `act`.
    """
    [made.number] = numbers.take(session, form=NUMBERS, days=[act.day])
    made.state, made.issued_on, made.created_at = str(CardState.ACTIVE), act.day, act.now
    made.last_seq, made.last_hash = 0, chaining.NO_HASH
    session.add(made)
    session.flush()  # its entry carries the id
    return made


def give_back(session: Session, card: Card, *, reason: str, act: Act) -> CardEntry:
    """Close a held card whose money goes back by a receipt; nothing is left on it."""
    return ledger.write(
        session, card, Step(kind=EntryKind.REFUND, after=Balances(), reason=reason), act
    )


def can_be_given_back(card: Card) -> bool:
    """Tell whether there may be money to give back."""
    return card.state in (CardState.ACTIVE, CardState.FROZEN, CardState.EXPIRED)


def key_of_line(act: Act, place: int) -> Act:
    """Give a line of a receipt a key of its own, made from the receipt's."""
    return replace(act, key=uuid5(act.key, f"card/{place}"))


def _topped_up(session: Session, purchase: Purchase) -> Card | None:
    card_id = purchase.card_id
    if card_id is None and purchase.offer.kind == CardKind.STORED:
        assert purchase.customer_id is not None  # refused before
        found = cards.to_top_up(session, purchase.customer_id)
        card_id = found.id if found else None
    if card_id is None:
        return None
    card = ledger.hold(session, card_id)
    if card.state in _ENDED:
        raise ledger.CardNotUsable(problems=(problem("card_id", "STATE"),))
    return card


def _is_on_sale(offer: CardOffer, act: Act) -> bool:
    return offer.on_sale_from <= act.day and not terms.is_over(offer.on_sale_to, act.day)


def _may_top_up(session: Session, purchase: Purchase) -> bool:
    if purchase.offer.kind != CardKind.STORED or purchase.customer_id is None:
        return False
    people = customers.whole_person(session, purchase.customer_id)
    card = session.get(Card, purchase.card_id)
    if card is None or card.kind != CardKind.STORED or card.customer_id not in people:
        return False
    return card.state not in _ENDED
