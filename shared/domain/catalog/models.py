"""Tables of the catalog: what a store sells."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Fen, IdPk
from shared.domain.catalog.rules import Category

_CATEGORIES = ", ".join(f"'{category}'" for category in Category)


class Item(Base):
    """A treatment or product with its list price and direct cost.

    Units: on sale from `on_sale_from` to `on_sale_to`, both included; `cost_fen` is what one piece
    or session costs directly (C2: products used, goods at cost, labour per session).
    """

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint(f"category IN ({_CATEGORIES})", name="category"),
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("cost_fen >= 0", name="cost"),
        CheckConstraint("on_sale_to >= on_sale_from", name="on_sale"),
    )

    id: Mapped[IdPk]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(10))
    price_fen: Mapped[Fen]
    cost_fen: Mapped[Fen]
    on_sale_from: Mapped[date]
    on_sale_to: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
