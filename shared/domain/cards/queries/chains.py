"""Whether the chains of all cards hold: no entry changed, added or taken away.

Shape: each entry hashes the one before it, the card remembers its last; so a changed or missing
    entry shows even if it was the last one. Whoever can rewrite a whole chain and its card can
    hide that from the chain, and then the sums of the days show it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries import cards
from shared.domain.cards.rules import chaining
from shared.domain.cards.rules.chaining import Content
from shared.domain.cards.rules.worth import Balances
from shared.domain.customers import queries as customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One place at which a card does not say what it must."""

    day: date
    what: str
    stored: str
    expected: str


def breaks(session: Session) -> list[Break]:
    """Walk the chain of every card, then compare what guests' profiles say they have left."""
    ledger = select(CardEntry).order_by(CardEntry.card_id, CardEntry.seq)
    walked = session.scalars(ledger.execution_options(yield_per=1000))
    known = {card.id: card for card in session.scalars(select(Card))}
    found: list[Break] = []
    for card_id, chain in groupby(walked, key=lambda entry: entry.card_id):
        found += _walk(known.pop(card_id), list(chain))
    found += [
        Break(day=card.issued_on, what=f"{card.number} entries", stored="0",
              expected=str(card.last_seq))
        for card in known.values()
    ]  # fmt: skip
    return [*found, *_profiles(session)]


def content_of(entry: CardEntry) -> Content:
    """Gather what an entry says, for its hash."""
    return Content(
        card_id=entry.card_id,
        seq=entry.seq,
        kind=entry.kind,
        key=entry.key,
        business_date=entry.business_date,
        at=entry.at,
        by_id=entry.by_id,
        approver_id=entry.approver_id,
        sign=entry.sign,
        second_sign=entry.second_sign,
        item_id=entry.item_id,
        category=entry.category,
        quantity=entry.quantity,
        before=cards.balances_before(entry),
        after=cards.balances_after(entry),
        value_fen=entry.value_fen,
        cost_fen=entry.cost_fen,
        list_fen=entry.list_fen,
        source=entry.source,
        reverses=entry.reverses,
    )


def _walk(card: Card, chain: list[CardEntry]) -> Iterator[Break]:
    previous, held = chaining.NO_HASH, Balances()
    for place, entry in enumerate(chain, start=1):
        name = f"{card.number} #{entry.seq}"
        wrong = [
            ("number", entry.seq, place),
            ("previous hash", entry.previous_hash.hex(), previous.hex()),
            ("hash", entry.hash.hex(), chaining.entry_hash(content_of(entry), previous).hex()),
            ("balance before", cards.balances_before(entry), held),
        ]
        for what, stored, expected in wrong:
            if stored != expected:
                yield _break(entry.business_date, f"{name} {what}", stored, expected)
        previous, held = entry.hash, cards.balances_after(entry)
    last = chain[-1]
    if (last.seq, last.hash) != (card.last_seq, card.last_hash):
        yield _break(last.business_date, f"{card.number} last entry", last.seq, card.last_seq)


def _profiles(session: Session) -> Iterator[Break]:
    told = customers.prepaid(session)
    left = cards.balance_of(session, told.keys() | set(session.scalars(select(Card.customer_id))))
    today = session.scalar(select(Card.issued_on).order_by(Card.issued_on.desc()).limit(1))
    for customer_id, one in sorted(left.items()):
        expected, stored = (one.money_fen, one.sessions), told.get(customer_id, (0, 0))
        if stored != expected:
            yield _break(today or date.min, f"customer {customer_id} balance", stored, expected)


def _break(day: date, what: str, stored: object, expected: object) -> Break:
    return Break(day=day, what=what, stored=str(stored), expected=str(expected))
