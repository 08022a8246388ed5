"""Tables of cards: what is on offer, the cards, and the ledger of all that happened to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.cards.rules.kinds import CardKind, CardState, EntryKind

_KINDS = ", ".join(f"'{kind}'" for kind in CardKind)
_STATES = ", ".join(f"'{state}'" for state in CardState)
_ENTRIES = ", ".join(f"'{kind}'" for kind in EntryKind)
_FIGURES = (
    "principal_before_fen", "principal_after_fen", "bonus_before_fen", "bonus_after_fen",
    "paid_before", "paid_after", "gift_before", "gift_after",
)  # fmt: skip


class CardOffer(Base):
    """A card that can be bought: money with a bonus, or sessions of one item with gift sessions.

    Units: on sale from `on_sale_from` to `on_sale_to`, both included; a stored-value offer of
    price 0 takes any amount and gives no bonus; without `valid_months` the card has no end.
    """

    __tablename__ = "card_offers"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint("price_fen >= 0 AND bonus_fen >= 0", name="price"),
        CheckConstraint(
            "(kind = 'STORED' AND item_id IS NULL AND paid_sessions = 0 AND gift_sessions = 0"
            " AND (price_fen > 0 OR bonus_fen = 0))"
            " OR (kind = 'PACKAGE' AND item_id IS NOT NULL AND bonus_fen = 0"
            " AND paid_sessions > 0 AND gift_sessions >= 0)",
            name="shape",
        ),
        CheckConstraint("valid_months > 0", name="valid_months"),
        CheckConstraint("on_sale_to >= on_sale_from", name="on_sale"),
    )

    id: Mapped[IdPk]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    price_fen: Mapped[Fen]
    bonus_fen: Mapped[Fen]
    paid_sessions: Mapped[int]
    gift_sessions: Mapped[int]
    valid_months: Mapped[int | None]
    on_sale_from: Mapped[date]
    on_sale_to: Mapped[date | None]
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Card(Base):
    """One guest's card; what it holds stands in its last entry.

    Shape: `last_seq` and `last_hash` are those of the last entry: one that is taken away shows.
    Units: `unit_fen` is what a paid session is worth, 0 for a stored-value card; `valid_until` is
    the last day on which it pays, empty without an end.
    """

    __tablename__ = "cards"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(kind = 'PACKAGE') = (item_id IS NOT NULL)", name="item"),
        CheckConstraint("unit_fen >= 0 AND last_seq >= 0", name="figures"),
        Index("ix_cards_valid_until", "valid_until"),
    )

    id: Mapped[IdPk]
    number: Mapped[str] = mapped_column(String(20), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("card_offers.id"))
    kind: Mapped[str] = mapped_column(String(10))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    unit_fen: Mapped[Fen]
    state: Mapped[str] = mapped_column(String(10))
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    transferred_from: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    last_seq: Mapped[int]
    last_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CardEntry(Base):
    """One step of a card: what it held before and after, who did it, signed by whom.

    Shape: `hash` covers everything but `reason` and the hash of the entry before. `value_fen`,
    `cost_fen`, `list_fen` and `quantity` are what the step means to the day's figures and to a
    refund at list prices; a reversal has them with the other sign, and `reverses` says whose.
    """

    __tablename__ = "card_entries"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_ENTRIES})", name="kind"),
        CheckConstraint(" AND ".join(f"{name} >= 0" for name in _FIGURES), name="balances"),
        CheckConstraint("(seq = 1) = (kind IN ('ISSUE', 'TRANSFER_IN'))", name="first"),
        CheckConstraint(
            "kind NOT IN ('DEDUCT', 'GIFT_SESSION') OR (sign IS NOT NULL AND item_id IS NOT NULL"
            " AND value_fen = principal_before_fen - principal_after_fen)",
            name="deduction",
        ),
        CheckConstraint("(kind = 'REVERSAL') = (reverses IS NOT NULL)", name="reverses"),
        CheckConstraint("(item_id IS NULL) = (category IS NULL)", name="category"),
        UniqueConstraint("card_id", "seq"),
        UniqueConstraint("card_id", "reverses"),
        {"info": ledger_but_for("reason")},
    )

    id: Mapped[IdPk]
    card_id: Mapped[int] = mapped_column(ForeignKey("cards.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    key: Mapped[UUID] = mapped_column(unique=True)
    business_date: Mapped[date] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by_id: Mapped[UUID | None]
    approver_id: Mapped[UUID | None]
    sign: Mapped[UUID | None] = mapped_column(ForeignKey("attachments.id"))
    second_sign: Mapped[UUID | None] = mapped_column(ForeignKey("attachments.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    category: Mapped[str | None] = mapped_column(String(10))
    quantity: Mapped[int]
    principal_before_fen: Mapped[Fen]
    principal_after_fen: Mapped[Fen]
    bonus_before_fen: Mapped[Fen]
    bonus_after_fen: Mapped[Fen]
    paid_before: Mapped[int]
    paid_after: Mapped[int]
    gift_before: Mapped[int]
    gift_after: Mapped[int]
    value_fen: Mapped[Fen]
    cost_fen: Mapped[Fen]
    list_fen: Mapped[Fen]
    source: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(200))
    reverses: Mapped[int | None]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
