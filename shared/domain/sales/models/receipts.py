"""Tables of receipts: a sale or refund, its lines, how it was paid."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import LEDGER, Base, Fen, IdPk, ledger_but_for
from shared.domain.sales.rules.kinds import LineKind, SaleKind, Source, Tender

_KINDS = ", ".join(f"'{kind}'" for kind in SaleKind)
_SOURCES = ", ".join(f"'{source}'" for source in Source)
_LINE_KINDS = ", ".join(f"'{kind}'" for kind in LineKind)
_TENDERS = ", ".join(f"'{tender}'" for tender in Tender)


class Sale(Base):
    """One receipt.

    Form: F08 receipt lines. `key` was made by the till: a second tap is the same sale.
    Units: a refund's amounts are negative; `sold_at` is unknown for receipts read from a file.
    """

    __tablename__ = "sales"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
        CheckConstraint(f"source IN ({_SOURCES})", name="source"),
        CheckConstraint(
            "(kind = 'SALE' AND total_fen >= 0 AND refund_of IS NULL)"
            " OR (kind = 'REFUND' AND total_fen <= 0 AND refund_of IS NOT NULL)",
            name="sign",
        ),
        {"info": ledger_but_for("reason")},
    )

    id: Mapped[IdPk]
    key: Mapped[UUID] = mapped_column(unique=True)
    receipt_no: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    refund_of: Mapped[int | None] = mapped_column(ForeignKey("sales.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
    business_date: Mapped[date] = mapped_column(index=True)
    sold_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seller_id: Mapped[UUID | None]
    approver_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(String(10))
    total_fen: Mapped[Fen]
    reason: Mapped[str | None] = mapped_column(String(200))
    paper_no: Mapped[str | None] = mapped_column(String(40))
    import_run_id: Mapped[int | None] = mapped_column(ForeignKey("import_runs.id"))

    lines: Mapped[list["SaleLine"]] = relationship(lazy="raise", order_by="SaleLine.id")
    tenders: Mapped[list["SaleTender"]] = relationship(lazy="raise", order_by="SaleTender.id")


class SaleLine(Base):
    """One line of a receipt; category and cost are copied: a later change moves no old figure.

    Shape: an item, or a card on offer with the card that was issued or topped up; a deposit is
    neither and has no category, as cards have none.
    Units: on a refund `quantity` is what was taken back (0: money only) and is negative too.
    """

    __tablename__ = "sale_lines"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_LINE_KINDS})", name="kind"),
        CheckConstraint(
            "num_nonnulls(item_id, category) = CASE WHEN kind IN ('SINGLE', 'PRODUCT', 'OTHER')"
            " THEN 2 ELSE 0 END AND num_nonnulls(offer_id, card_id) ="
            " CASE WHEN kind IN ('TOPUP', 'PACKAGE') THEN 2 ELSE 0 END",
            name="what",
        ),
        {"info": LEDGER},
    )

    id: Mapped[IdPk]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), index=True)
    refund_of: Mapped[int | None] = mapped_column(ForeignKey("sale_lines.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("card_offers.id"))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    category: Mapped[str | None] = mapped_column(String(10))
    quantity: Mapped[int]
    amount_fen: Mapped[Fen]
    cost_fen: Mapped[Fen]


class SaleTender(Base):
    """A part of a receipt paid, or given back, by one means."""

    __tablename__ = "sale_tenders"
    __table_args__ = (
        CheckConstraint(f"tender IN ({_TENDERS})", name="tender"),
        UniqueConstraint("sale_id", "tender"),
        {"info": LEDGER},
    )

    id: Mapped[IdPk]
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"))
    tender: Mapped[str] = mapped_column(String(10))
    amount_fen: Mapped[Fen]
