"""Tables of the catalog: what a store sells, what it gives away."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk, ledger_but_for
from shared.domain.catalog.rules import Category, HandoutKind, HandoutReason, MoveKind
from shared.records.models import RecordColumns, state_check


def _listed(kind: type[StrEnum]) -> str:
    return ", ".join(f"'{code}'" for code in kind)


class Item(Base):
    """A treatment or product with its list price and direct cost.

    Units: on sale from `on_sale_from` to `on_sale_to`, both included; `cost_fen` is what one piece
    or session costs directly (C2: products used, goods at cost, labour per session). A treatment
    lasts `duration_minutes`, may need a device of a kind, and is not for guests with one of its
    `contraindications`.
    """

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint(f"category IN ({_listed(Category)})", name="category"),
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("cost_fen >= 0", name="cost"),
        CheckConstraint("on_sale_to >= on_sale_from", name="on_sale"),
        CheckConstraint("duration_minutes BETWEEN 5 AND 360", name="duration"),
    )

    id: Mapped[IdPk]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(10))
    price_fen: Mapped[Fen]
    cost_fen: Mapped[Fen]
    on_sale_from: Mapped[date]
    on_sale_to: Mapped[date | None]
    duration_minutes: Mapped[int] = mapped_column(Integer, server_default="60")
    device_kind: Mapped[str | None] = mapped_column(String(40))
    contraindications: Mapped[list[str] | None] = mapped_column(ARRAY(String(14)))
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Handout(RecordColumns, Base):
    """A sample, gift or trial treatment that was given away.

    Form: F01. `customer` is the number of a customer of this tenant.
    """

    __tablename__ = "handouts"
    __table_args__ = (
        state_check(),
        CheckConstraint("qty BETWEEN 1 AND 99", name="qty"),
        CheckConstraint("unit_cost_fen >= 0 AND cost_fen = unit_cost_fen * qty", name="cost"),
        CheckConstraint(f"kind IN ({_listed(HandoutKind)})", name="kind"),
        CheckConstraint(f"reason IN ({_listed(HandoutReason)})", name="reason"),
        CheckConstraint("approved_by <> handed_by", name="four_eyes"),
    )

    handed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    item: Mapped[int] = mapped_column(ForeignKey("items.id"))
    batch_no: Mapped[str | None] = mapped_column(String(30))
    qty: Mapped[int] = mapped_column(Integer)
    unit_cost_fen: Mapped[Fen]
    cost_fen: Mapped[Fen]
    customer: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    case_ref: Mapped[str | None] = mapped_column(String(40))
    campaign: Mapped[str | None] = mapped_column(String(60))
    handed_by: Mapped[UUID]
    approved_by: Mapped[UUID | None]
    receiver_sign: Mapped[UUID | None]
    feedback: Mapped[str | None] = mapped_column(String(200))
    converted_30d: Mapped[bool] = mapped_column(server_default="false")


class Stock(Base):
    """How much of an item is there: of one batch, or of those without a batch number (empty text).

    Units: pieces; sold goods may take it below 0 (the sale is a fact), gifts may not.
    """

    __tablename__ = "stock"

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    batch_no: Mapped[str] = mapped_column(String(30), primary_key=True)
    expires_on: Mapped[date | None]
    quantity: Mapped[int] = mapped_column(Integer)


class StockMove(Base):
    """One change of the stock and its reason; the sum of an item's moves is its stock.

    Shape: `source` is what it belongs to, such as `F01-202506-0003` or a receipt number.
    """

    __tablename__ = "stock_moves"
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint(f"kind IN ({_listed(MoveKind)})", name="kind"),
        Index("ix_stock_moves_item_id_id", "item_id", "id"),
        {"info": ledger_but_for("note")},
    )

    id: Mapped[IdPk]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    batch_no: Mapped[str] = mapped_column(String(30))
    quantity: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(String(200))
    moved_on: Mapped[date]
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    moved_by: Mapped[UUID | None]
