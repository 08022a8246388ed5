"""Questions about the cards on offer."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.cards.models import CardOffer


class NoSuchOffer(errors.Missing):
    """There is no such offer."""

    zh = "找不到该卡项"


def get(session: Session, offer_id: int) -> CardOffer:
    """Give one offer.

    Raises: NoSuchOffer.
    """
    found = session.get(CardOffer, offer_id)
    if found is None:
        raise NoSuchOffer(offer_id=offer_id)
    return found


def page(
    session: Session, *, after: str | None = None, limit: int, on_sale_on: date | None = None
) -> Sequence[CardOffer]:
    """List offers by code, those after a code; all or those on sale on a day."""
    wanted = select(CardOffer).order_by(CardOffer.code).limit(limit)
    if after is not None:
        wanted = wanted.where(CardOffer.code > after)
    if on_sale_on is not None:
        wanted = wanted.where(_on_sale(on_sale_on))
    return session.scalars(wanted).all()


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, CardOffer]:
    """Give the offers that exist among these ids."""
    asked = set(ids)
    if not asked:
        return {}
    found = session.scalars(select(CardOffer).where(CardOffer.id.in_(asked)))
    return {offer.id: offer for offer in found}


def by_codes(session: Session, codes: Iterable[str]) -> dict[str, CardOffer]:
    """Give the offers that exist among these codes."""
    found = session.scalars(select(CardOffer).where(CardOffer.code.in_(set(codes))))
    return {offer.code: offer for offer in found}


def _on_sale(day: date) -> ColumnElement[bool]:
    is_open = or_(CardOffer.on_sale_to.is_(None), CardOffer.on_sale_to >= day)
    return and_(CardOffer.on_sale_from <= day, is_open)
