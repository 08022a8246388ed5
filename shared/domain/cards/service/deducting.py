"""Use a card: a session, or an amount of stored value; and take a mistaken use back.

Form: F05 pay_by PACKAGE and STORED: signed by the guest before anything is deducted.
Locks: the month of records (shared), the card, the guest's profiles, the marks of changed days.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from shared import errors, money
from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries import cards, entries
from shared.domain.cards.rules import kinds, terms, worth
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.rules.kinds import CardKind, CardState, EntryKind
from shared.domain.cards.rules.worth import Balances
from shared.domain.cards.service import ledger
from shared.domain.cards.service.ledger import Step
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.service import stock
from shared.errors import problem
from shared.records import periods

_ENDED = (CardState.FROZEN, CardState.EXPIRED, CardState.REFUNDED)
_FINAL = (EntryKind.TRANSFER_OUT, EntryKind.WRITE_OFF, EntryKind.REFUND)


class CannotReverse(errors.Conflict):
    """Only a deduction is reversed, once, and not after the card was given back or passed on."""

    zh = "只有划卡记录可以冲正一次,且该卡未退卡、未转出、未核销"


def deduct_session(session: Session, *, card_id: int, item_id: int, act: Act) -> CardEntry:
    """Use one session of a package for its item, a paid one before a given one.

    A repeated key gives the first entry.
    Emits: CardUsed.
    Raises: FormInvalid (REQUIRED without signature, RANGE for another item), periods.MonthClosed,
        cards.NoSuchCard, catalog.NoSuchItem, ledger.CardNotUsable, ledger.BalanceShort,
        ledger.KeyUsedOtherwise.
    """
    periods.check_open(session, act.day)
    card = ledger.hold(session, card_id)
    if first := entries.by_key(session, act.key):
        is_same = (first.card_id, first.item_id) == (card_id, item_id)
        return ledger.same(first, is_same=is_same)
    item = catalog.get(session, item_id)
    if card.kind != CardKind.PACKAGE or card.item_id != item_id:
        other = {"zh": "该卡不能支付此项目", "en": "the card does not pay this item"}
        raise errors.FormInvalid(problems=(problem("item_id", "RANGE", **other),))
    before = ledger.held_balances(session, card)
    _check_usable(card, act)
    _check_signed(session, card, act)
    if not before.sessions:
        raise ledger.BalanceShort(problems=(problem("card_id", "BALANCE_SHORT"),))
    after = worth.after_session(before, unit_fen=card.unit_fen)
    kind = EntryKind.DEDUCT if before.paid else EntryKind.GIFT_SESSION
    return _used(session, card, _step(kind, item, before, after), act)


def deduct_value(
    session: Session, *, card_id: int, item_id: int, amount_fen: int, act: Act, quantity: int = 1
) -> CardEntry:
    """Pay an item by stored value, principal first; a product leaves the stock.

    A repeated key gives the first entry.
    Emits: CardUsed.
    Raises: as `deduct_session`.
    """
    periods.check_open(session, act.day)
    card = ledger.hold(session, card_id)
    if first := entries.by_key(session, act.key):
        had_fen = cards.balances_before(first).money_fen - cards.balances_after(first).money_fen
        is_same = (first.card_id, first.item_id, had_fen) == (card_id, item_id, amount_fen)
        return ledger.same(first, is_same=is_same)
    item = catalog.get(session, item_id)
    problems = []
    if card.kind != CardKind.STORED:
        other = {"zh": "疗程卡按次划卡", "en": "a package is deducted by session"}
        problems.append(problem("amount_fen", "RANGE", **other))
    if not 1 <= amount_fen <= money.MAX_FEN:
        problems.append(problem("amount_fen", "RANGE"))
    if not 1 <= quantity <= kinds.MAX_SESSIONS:
        problems.append(problem("quantity", "RANGE"))
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    before = ledger.held_balances(session, card)
    _check_usable(card, act)
    _check_signed(session, card, act)
    if before.money_fen < amount_fen:
        raise ledger.BalanceShort(problems=(problem("amount_fen", "BALANCE_SHORT"),))
    after = worth.after_payment(before, amount_fen)
    return _used(
        session, card, _step(EntryKind.DEDUCT, item, before, after, quantity=quantity), act
    )


def reverse(session: Session, *, card_id: int, seq: int, reason: str, act: Act) -> CardEntry:
    """Take a mistaken deduction back, on the day of `act`; its signature stays with the first.

    A repeated key gives the first entry.
    Emits: CardUsed.
    Raises: periods.MonthClosed, cards.NoSuchCard, CannotReverse, ledger.KeyUsedOtherwise.
    """
    periods.check_open(session, act.day)
    card = ledger.hold(session, card_id)
    if first := entries.by_key(session, act.key):
        return ledger.same(first, is_same=(first.card_id, first.reverses) == (card_id, seq))
    chain = {one.seq: one for one in entries.entries(session, card_id)}
    mistaken = chain.get(seq)
    if (
        mistaken is None
        or mistaken.kind not in kinds.DEDUCTIONS
        or any(one.reverses == seq or one.kind in _FINAL for one in chain.values())
    ):
        raise CannotReverse(problems=(problem("seq", "STATE"),))
    step = Step(
        kind=EntryKind.REVERSAL,
        after=worth.undone(
            ledger.held_balances(session, card),
            before=cards.balances_before(mistaken),
            after=cards.balances_after(mistaken),
        ),
        item_id=mistaken.item_id,
        category=mistaken.category,
        quantity=-mistaken.quantity,
        value_fen=-mistaken.value_fen,
        cost_fen=-mistaken.cost_fen,
        list_fen=-mistaken.list_fen,
        reverses=seq,
        reason=reason,
    )
    return _used(session, card, step, replace(act, sign=None))


def _check_usable(card: Card, act: Act) -> None:
    if card.state in _ENDED or terms.is_over(card.valid_until, act.day):
        raise ledger.CardNotUsable(problems=(problem("card_id", "STATE"),))


def _check_signed(session: Session, card: Card, act: Act) -> None:
    assert act.by_id is not None  # a person deducts, never a job
    ledger.take_signature(session, "sign", act.sign, of=card.customer_id, by=act.by_id)


def _step(
    kind: EntryKind, item: Any, before: Balances, after: Balances, *, quantity: int = 1
) -> Step:
    return Step(
        kind=kind,
        after=after,
        item_id=item.id,
        category=item.category,
        quantity=quantity,
        value_fen=before.principal_fen - after.principal_fen,
        cost_fen=quantity * item.cost_fen,
        list_fen=quantity * item.price_fen,
    )


def _used(session: Session, card: Card, step: Step, act: Act) -> CardEntry:
    entry = ledger.write(session, card, step, act)
    if entry.category == kinds.PRODUCT and entry.item_id is not None:
        mover = stock.Mover(
            by=act.by_id, now=act.now, day=act.day, source=f"{card.number} #{entry.seq}"
        )
        stock.note_sold(session, {entry.item_id: entry.quantity}, mover)
    ledger.tell(session, card, entry, now=act.now)
    return entry
