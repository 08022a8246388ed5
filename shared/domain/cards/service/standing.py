"""Freeze a card and release it, pass it on within a family, write off what expired.

Form: specification 4.5: expired value is written off only by the manager, and is never turnover.
Locks: the month of records (shared), the card, the guests' profiles, the marks of changed days.
"""

from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries import entries
from shared.domain.cards.rules import terms
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.rules.kinds import CardState, EntryKind
from shared.domain.cards.rules.worth import Balances
from shared.domain.cards.service import ledger, selling
from shared.domain.cards.service.ledger import Step
from shared.domain.customers import queries as customers
from shared.errors import problem
from shared.records import periods

_FROM = {
    EntryKind.FREEZE: CardState.ACTIVE,
    EntryKind.RELEASE: CardState.FROZEN,
    EntryKind.WRITE_OFF: CardState.EXPIRED,
}


class WrongState(errors.Conflict):
    """The card's state does not allow this."""

    zh = "该卡当前状态不能执行该操作"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A card passed on to a member of the family: who gets it, and who signed."""

    to_customer_id: int
    giver_sign: UUID | None
    taker_sign: UUID | None
    relation: str
    approver_id: UUID | None = None


def freeze(session: Session, *, card_id: int, reason: str, act: Act) -> CardEntry:
    """Stop a card from paying until it is released; a repeated key gives the first entry.

    Raises: periods.MonthClosed, cards.NoSuchCard, WrongState, ledger.KeyUsedOtherwise.
    """
    return _moved(session, card_id, EntryKind.FREEZE, reason, act)


def release(session: Session, *, card_id: int, reason: str, act: Act) -> CardEntry:
    """Let a frozen card pay again; a repeated key gives the first entry.

    Raises: as `freeze`.
    """
    return _moved(session, card_id, EntryKind.RELEASE, reason, act)


def write_off(session: Session, *, card_id: int, reason: str, act: Act) -> CardEntry:
    """Give up what is left on an expired card: no turnover, no cash; the manager's correction.

    Emits: CardUsed, since the prepaid balance of the day changes.
    Raises: as `freeze`.
    """
    return _moved(session, card_id, EntryKind.WRITE_OFF, reason, act)


def transfer(session: Session, *, card_id: int, transfer: Transfer, act: Act) -> CardEntry:
    """Pass all that a card holds on to a new card of a relative; give the new card's first entry.

    The sessions stay worth what they were, the last day stays. A repeated key gives the first one.
    Emits: CardUsed.
    Raises: FormInvalid (REQUIRED without both signatures, LIMIT without another person who
        approves, RANGE for the guest's own profile), periods.MonthClosed, cards.NoSuchCard,
        WrongState, ledger.KeyUsedOtherwise.
    """
    periods.check_open(session, act.day)
    card = ledger.hold(session, card_id)
    if first := entries.by_key(session, act.key):
        taken = session.get_one(Card, first.card_id)
        asked = (card_id, transfer.to_customer_id)
        return ledger.same(first, is_same=(taken.transferred_from, taken.customer_id) == asked)
    _check_transfer(session, card, transfer, act)
    held = ledger.held_balances(session, card)
    out = Step(
        kind=EntryKind.TRANSFER_OUT,
        after=Balances(),
        reason=transfer.relation,
        approver_id=transfer.approver_id,
        second_sign=transfer.taker_sign,
    )
    signed = replace(act, sign=transfer.giver_sign)
    ledger.write(session, card, out, replace(signed, key=uuid5(act.key, "out")))
    made = Card(
        customer_id=transfer.to_customer_id,
        offer_id=card.offer_id,
        kind=card.kind,
        item_id=card.item_id,
        unit_fen=card.unit_fen,
        valid_until=card.valid_until,
        transferred_from=card.id,
    )
    selling.new_card(session, made, act)
    into = replace(out, kind=EntryKind.TRANSFER_IN, after=held)
    entry = ledger.write(session, made, into, replace(signed, source=card.number))
    ledger.tell(session, made, entry, now=act.now)
    return entry


def _moved(session: Session, card_id: int, kind: EntryKind, reason: str, act: Act) -> CardEntry:
    periods.check_open(session, act.day)
    card = ledger.hold(session, card_id)
    if first := entries.by_key(session, act.key):
        return ledger.same(first, is_same=(first.card_id, first.kind) == (card_id, kind))
    held = ledger.held_balances(session, card)
    is_off = kind == EntryKind.WRITE_OFF
    if card.state != _FROM[kind] or (is_off and held.is_empty):
        raise WrongState(problems=(problem("card_id", "STATE"),))
    after = Balances() if is_off else held
    entry = ledger.write(session, card, Step(kind=kind, after=after, reason=reason), act)
    if is_off:
        ledger.tell(session, card, entry, now=act.now)
    return entry


def _check_transfer(session: Session, card: Card, transfer: Transfer, act: Act) -> None:
    problems = []
    if not customers.known(session, [transfer.to_customer_id]):
        problems.append(problem("to_customer_id", "NOT_FOUND"))
    elif transfer.to_customer_id in customers.whole_person(session, card.customer_id):
        own = {"zh": "不能转给本人", "en": "the card is this guest's already"}
        problems.append(problem("to_customer_id", "RANGE", **own))
    problems += [
        problem(name, "REQUIRED")
        for name in ("giver_sign", "taker_sign")
        if getattr(transfer, name) is None
    ]
    if transfer.approver_id in (None, act.by_id):
        problems.append(problem("approver_login", "LIMIT"))
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    is_over = terms.is_over(card.valid_until, act.day)
    if card.state != CardState.ACTIVE or is_over:
        raise WrongState(problems=(problem("card_id", "STATE"),))
    assert act.by_id is not None  # a person passes it on, never a job
    signed = (("giver_sign", card.customer_id), ("taker_sign", transfer.to_customer_id))
    for name, customer_id in signed:
        sign = getattr(transfer, name)
        ledger.take_signature(session, name, sign, of=customer_id, by=act.by_id)
