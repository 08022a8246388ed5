"""Questions about a card's ledger: its entries, and what would go back for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from shared.db.tenant_settings import setting
from shared.domain.cards.models import Card, CardEntry
from shared.domain.cards.queries.cards import balances_after
from shared.domain.cards.rules import worth
from shared.domain.cards.rules.kinds import EntryKind, RefundRule

REFUND_RULE = "card_refund_rule"  # of the tenant's settings: {"rule": "PAID"}


def entries(
    session: Session, card_id: int, *, before: int | None = None, limit: int | None = None
) -> Sequence[CardEntry]:
    """List a card's entries, the newest first; those before a number."""
    wanted = select(CardEntry).where(CardEntry.card_id == card_id).order_by(CardEntry.seq.desc())
    if before is not None:
        wanted = wanted.where(CardEntry.seq < before)
    return session.scalars(wanted.limit(limit)).all()


def by_key(session: Session, key: UUID) -> CardEntry | None:
    """Find the entry that a key made."""
    return session.scalars(select(CardEntry).where(CardEntry.key == key)).one_or_none()


def at(session: Session, card_id: int, seq: int) -> CardEntry | None:
    """Find one entry of a card by its number."""
    return session.scalars(
        select(CardEntry).where(CardEntry.card_id == card_id, CardEntry.seq == seq)
    ).one_or_none()


def reversed_seqs(session: Session, card_id: int) -> set[int]:
    """Name the entries of a card that were reversed."""
    wanted = select(CardEntry.reverses).where(CardEntry.card_id == card_id)
    return {seq for seq in session.scalars(wanted) if seq is not None}


def lineage(session: Session, card_id: int) -> list[int]:
    """Name a card and those it was transferred from, the newest first."""
    own = select(Card.id, Card.transferred_from).where(Card.id == card_id).cte(recursive=True)
    older = aliased(Card)
    whole = own.union_all(
        select(older.id, older.transferred_from).join(own, older.id == own.c.transferred_from)
    )
    return sorted(session.scalars(select(whole.c.id)), reverse=True)


def readings(session: Session, card_id: int, *, rule: RefundRule) -> worth.Readings:
    """Reckon what would go back for a card, both ways; what was paid and used before a transfer
    counts too.
    """
    added = CardEntry.principal_after_fen - CardEntry.principal_before_fen
    bought = CardEntry.kind.in_((EntryKind.ISSUE, EntryKind.TOPUP))
    paid_fen, used_list_fen = session.execute(
        select(
            func.coalesce(func.sum(added).filter(bought), 0),
            func.coalesce(func.sum(CardEntry.list_fen), 0),
        ).where(CardEntry.card_id.in_(lineage(session, card_id)))
    ).one()
    last = session.scalars(
        select(CardEntry)
        .join(Card, (Card.id == CardEntry.card_id) & (Card.last_seq == CardEntry.seq))
        .where(Card.id == card_id)
    ).one()
    return worth.readings(
        paid_fen=int(paid_fen),
        used_list_fen=int(used_list_fen),
        left=balances_after(last),
        rule=rule,
    )


def refund_rule(session: Session, *, now: datetime) -> RefundRule:
    """Give the tenant's rule of refunds; the price paid where nobody chose."""
    chosen = setting(session, REFUND_RULE, default={"rule": RefundRule.PAID}, at=now)
    return RefundRule(chosen["rule"])
