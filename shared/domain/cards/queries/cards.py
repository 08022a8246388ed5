"""Questions about cards: whose they are, what they hold, what they may pay.

    cards_of(session, customer_id)                    every card of a guest, all merged profiles
    usable_for(session, customer_id, item_id, day)    those that can pay an item on a day
    balance_of(session, customer_ids)                 what each guest has left in all

These three are what appointments and reception call; their shape is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.cards.models import Card, CardEntry, CardOffer
from shared.domain.cards.rules import terms, worth
from shared.domain.cards.rules.kinds import CardKind, CardState
from shared.domain.cards.rules.worth import Balances
from shared.domain.customers import queries as customers


class NoSuchCard(errors.Missing):
    """There is no such card."""

    zh = "找不到该卡"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A card with what it holds now; `name` is that of the offer it was bought as."""

    id: int
    number: str
    customer_id: int
    offer_id: int
    name: str
    kind: str
    item_id: int | None
    unit_fen: int
    state: str
    issued_on: date
    valid_until: date | None
    version: int
    balances: Balances

    @property
    def sessions(self) -> int:
        """Count the sessions left."""
        return self.balances.sessions

    def pays(self, item_id: int, day: date) -> bool:
        """Tell whether it can pay at least a part of an item on a day."""
        is_live = self.state == CardState.ACTIVE and not terms.is_over(self.valid_until, day)
        is_for = self.kind == CardKind.STORED or self.item_id == item_id
        return is_live and is_for and not self.balances.is_empty


def get(session: Session, card_id: int, *, own_of: UUID | None = None) -> Held:
    """Give one card; `own_of` narrows it to the guests whom somebody looks after.

    Raises: NoSuchCard.
    """
    wanted = _held().where(Card.id == card_id)
    if own_of is not None:
        wanted = wanted.where(Card.customer_id.in_(customers.looked_after_by(own_of)))
    found = session.execute(wanted).one_or_none()
    if found is None:
        raise NoSuchCard(card_id=card_id)
    return _as_held(found)


def cards_of(session: Session, customer_id: int) -> list[Held]:
    """List the cards of a guest, with those of merged profiles; those that pay come first."""
    people = customers.whole_person(session, customer_id)
    found = session.execute(_held().where(Card.customer_id.in_(people)).order_by(Card.id))
    return sorted(map(_as_held, found), key=lambda one: one.state != CardState.ACTIVE)


def usable_for(session: Session, customer_id: int, item_id: int, day: date) -> list[Held]:
    """List the guest's cards that can pay an item on a day: packages first, what ends first."""
    usable = [one for one in cards_of(session, customer_id) if one.pays(item_id, day)]
    kinds = list(reversed(CardKind))
    return sorted(
        usable, key=lambda one: (kinds.index(CardKind(one.kind)), one.valid_until or date.max)
    )


def balance_of(session: Session, customer_ids: Iterable[int]) -> dict[int, Balances]:
    """Sum what these guests have left on all their cards, whatever state the cards are in.

    Units: of stored-value cards the money, of packages the sessions; a profile that others were
        merged into has theirs too.
    """
    people = customers.same_people(session, customer_ids)
    every = sorted(set().union(*people.values())) if people else []
    last = and_(CardEntry.card_id == Card.id, CardEntry.seq == Card.last_seq)
    is_stored = Card.kind == CardKind.STORED
    sums = session.execute(
        select(
            Card.customer_id,
            func.coalesce(func.sum(CardEntry.principal_after_fen).filter(is_stored), 0),
            func.coalesce(func.sum(CardEntry.bonus_after_fen).filter(is_stored), 0),
            func.sum(CardEntry.paid_after),
            func.sum(CardEntry.gift_after),
        )
        .join(CardEntry, last)
        .where(Card.customer_id == any_(literal(every, ARRAY(BIGINT))))
        .group_by(Card.customer_id)
    )
    own = {customer_id: Balances(principal_fen=int(principal), bonus_fen=int(bonus),
                                 paid=int(paid), gift=int(gift))
           for customer_id, principal, bonus, paid, gift in sums}  # fmt: skip
    return {
        one: worth.total(own[profile] for profile in person if profile in own)
        for one, person in people.items()
    }


def page(
    session: Session,
    *,
    limit: int,
    before: int | None = None,
    state: str | None = None,
    customer_ids: Iterable[int] | None = None,
    own_of: UUID | None = None,
) -> list[Held]:
    """List cards, the newest first; of one state, of some guests, of somebody's own guests."""
    wanted = _held().order_by(Card.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Card.id < before)
    if state is not None:
        wanted = wanted.where(Card.state == state)
    if customer_ids is not None:
        wanted = wanted.where(Card.customer_id.in_(sorted(customer_ids)))
    if own_of is not None:
        wanted = wanted.where(Card.customer_id.in_(customers.looked_after_by(own_of)))
    return list(map(_as_held, session.execute(wanted)))


def by_number(session: Session, number: str) -> Held | None:
    """Find a card by its whole number."""
    found = session.execute(_held().where(Card.number == number)).one_or_none()
    return _as_held(found) if found else None


def to_top_up(session: Session, customer_id: int) -> Card | None:
    """Find the stored-value card that a top-up without a card means: the newest one in use."""
    people = customers.whole_person(session, customer_id)
    live = (CardState.ACTIVE, CardState.SPENT)
    return session.scalars(
        select(Card)
        .where(Card.customer_id.in_(people), Card.kind == CardKind.STORED, Card.state.in_(live))
        .order_by(Card.state, Card.id.desc())
        .limit(1)
    ).first()


def ending_on(session: Session, day: date) -> list[Held]:
    """List the cards whose last day this is and that still hold something."""
    ending = _held().where(Card.valid_until == day, Card.state == CardState.ACTIVE)
    found = map(_as_held, session.execute(ending.order_by(Card.id)))
    return [one for one in found if not one.balances.is_empty]


def balances_after(entry: CardEntry) -> Balances:
    """Read what a card held after an entry."""
    return Balances(
        principal_fen=entry.principal_after_fen,
        bonus_fen=entry.bonus_after_fen,
        paid=entry.paid_after,
        gift=entry.gift_after,
    )


def balances_before(entry: CardEntry) -> Balances:
    """Read what a card held before an entry."""
    return Balances(
        principal_fen=entry.principal_before_fen,
        bonus_fen=entry.bonus_before_fen,
        paid=entry.paid_before,
        gift=entry.gift_before,
    )


def _held() -> Select[Card, str, CardEntry]:
    last = and_(CardEntry.card_id == Card.id, CardEntry.seq == Card.last_seq)
    return (
        select(Card, CardOffer.name, CardEntry)
        .join(CardEntry, last)
        .join(CardOffer, CardOffer.id == Card.offer_id)
    )


def _as_held(found: Any) -> Held:
    card, name, entry = found
    return Held(
        id=card.id,
        number=card.number,
        customer_id=card.customer_id,
        offer_id=card.offer_id,
        name=name,
        kind=card.kind,
        item_id=card.item_id,
        unit_fen=card.unit_fen,
        state=card.state,
        issued_on=card.issued_on,
        valid_until=card.valid_until,
        version=card.last_seq,
        balances=balances_after(entry),
    )
