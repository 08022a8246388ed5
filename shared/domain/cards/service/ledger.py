"""Write the entries of a held card: one chain, one sequence, balances that follow each other.

Locks: the card, then the guest's profiles, which remember what is left.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.cards.events import CardUsed
from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries import cards, entries
from shared.domain.cards.rules import chaining, terms
from shared.domain.cards.rules.chaining import Act, Content
from shared.domain.cards.rules.kinds import CardState, EntryKind
from shared.domain.cards.rules.worth import Balances
from shared.domain.customers import queries as customers
from shared.domain.customers.service import adding as profiles
from shared.errors import problem
from shared.events.jobs import publish
from shared.records import attachments, marks

SIGN_OF = ("F04", "card_sign")  # a signature sent for a card is kept with the guest's profile


class CardNotUsable(errors.Conflict):
    """The card cannot be used: it is frozen, has ended, or was given back."""

    zh = "该卡已冻结、到期或已退,不能使用"


class BalanceShort(errors.Conflict):
    """There is not enough balance or no session left on the card."""

    code = "BALANCE_SHORT"
    zh = "余额或次数不足"


class KeyUsedOtherwise(errors.Conflict):
    """This key belongs to another entry."""

    code = "DUPLICATE"
    zh = "该幂等键已用于另一笔卡项记录"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry before it is written; figures are signed as the entry shall have them."""

    kind: EntryKind
    after: Balances
    reason: str | None = None
    approver_id: UUID | None = None
    second_sign: UUID | None = None
    item_id: int | None = None
    category: str | None = None
    quantity: int = 0
    value_fen: int = 0
    cost_fen: int = 0
    list_fen: int = 0
    reverses: int | None = None


def hold(session: Session, card_id: int) -> Card:
    """Give a card and hold it.

    Locks: the card.
    Raises: cards.NoSuchCard.
    """
    held = select(Card).where(Card.id == card_id).with_for_update()
    found = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise cards.NoSuchCard(card_id=card_id)
    return found


def held_balances(session: Session, card: Card) -> Balances:
    """Give what a held card holds now; nothing before its first entry."""
    last = entries.at(session, card.id, card.last_seq)
    return cards.balances_after(last) if last else Balances()


def write(session: Session, card: Card, step: Step, act: Act) -> CardEntry:
    """Append one entry to a held card, and move its state.

    Locks: the guest's profiles, when what is left changed.
    """
    before = held_balances(session, card)
    content = Content(
        card_id=card.id,
        seq=card.last_seq + 1,
        kind=str(step.kind),
        key=act.key,
        business_date=act.day,
        at=act.now,
        by_id=act.by_id,
        approver_id=step.approver_id,
        sign=act.sign,
        second_sign=step.second_sign,
        item_id=step.item_id,
        category=step.category,
        quantity=step.quantity,
        before=before,
        after=step.after,
        value_fen=step.value_fen,
        cost_fen=step.cost_fen,
        list_fen=step.list_fen,
        source=act.source,
        reverses=step.reverses,
    )
    entry = _as_row(content, reason=step.reason, previous=card.last_hash)
    session.add(entry)
    card.last_seq, card.last_hash = entry.seq, entry.hash
    card.state = str(terms.state_after(step.kind, CardState(card.state), step.after))
    session.flush()  # what is left is summed by the database, and a refused entry shows here
    if step.after != before:
        _note_left(session, card.customer_id)
    return entry


def tell(session: Session, card: Card, entry: CardEntry, *, now: datetime) -> None:
    """Have the figures of the entry's day computed again; whoever paid something was there.

    Locks: the guest whose first day moves, the marks of changed days.
    Emits: CardUsed.
    """
    changed = {entry.business_date}
    if entry.kind == EntryKind.DEDUCT and entry.value_fen > 0:
        visit = {card.customer_id: entry.business_date}
        changed |= profiles.note_paid_visits(session, visit)
    marks.mark_changed(session, changed, now=now)
    publish(session, CardUsed(entry_id=entry.id, day=entry.business_date))


def take_signature(session: Session, field: str, sign: UUID | None, *, of: int, by: UUID) -> None:
    """Take a guest's signature: one sent for a card is kept with the profile and signs once.

    One of another form is that form's: whoever kept the form has judged it.
    Locks: the signature.
    Raises: FormInvalid.
    """
    if sign is None:
        raise errors.FormInvalid(problems=(problem(field, "REQUIRED"),))
    found = attachments.find(session, sign)
    is_own = found is not None and (found.form, found.field) == SIGN_OF
    if found is None or (
        is_own and not attachments.take(session, sign, slot=SIGN_OF, record_id=of, by=by)
    ):
        raise errors.FormInvalid(problems=(problem(field, "NOT_FOUND"),))


def same(first: CardEntry, *, is_same: bool) -> CardEntry:
    """Give the entry that a repeated key made, if the same was asked for.

    Raises: KeyUsedOtherwise.
    """
    if not is_same:
        raise KeyUsedOtherwise(key=first.key, problems=(problem("key", "DUPLICATE"),))
    return first


def _as_row(content: Content, *, reason: str | None, previous: bytes) -> CardEntry:
    said = {
        field.name: getattr(content, field.name)
        for field in fields(content)
        if field.name not in ("before", "after")
    }
    return CardEntry(
        **said,
        principal_before_fen=content.before.principal_fen,
        principal_after_fen=content.after.principal_fen,
        bonus_before_fen=content.before.bonus_fen,
        bonus_after_fen=content.after.bonus_fen,
        paid_before=content.before.paid,
        paid_after=content.after.paid,
        gift_before=content.before.gift,
        gift_after=content.after.gift,
        reason=reason,
        previous_hash=previous,
        hash=chaining.entry_hash(content, previous),
    )


def _note_left(session: Session, customer_id: int) -> None:
    left = cards.balance_of(session, customers.whole_person(session, customer_id))
    profiles.note_prepaid(
        session, {one: (held.money_fen, held.sessions) for one, held in left.items()}
    )
