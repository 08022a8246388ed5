"""Cards on offer, cards sold at the till, and guests who sign."""

from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from shared.domain.cards.models import CardEntry, CardOffer
from shared.domain.cards.queries import cards as queries
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.rules.kinds import CardKind
from shared.domain.cards.service import deducting, offers
from shared.domain.cards.service.ledger import SIGN_OF
from shared.domain.customers import queries as customers
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewLine, NewSale, Paid
from shared.domain.sales.service import recording
from shared.records import attachments
from tests.factories.sales import DAY, NOW, SELLER, new_customer, new_item

_numbers = count(1)


def package_offer(
    session: Session, item_id: int, *, price_fen: int = 1000_00, paid: int = 3, gift: int = 1,
    **more: Any,
) -> CardOffer:  # fmt: skip
    """Put sessions of an item on offer."""
    new = offers.NewOffer(
        code=f"P{next(_numbers):04d}", name="补水疗程", kind=CardKind.PACKAGE, item_id=item_id,
        price_fen=price_fen, paid_sessions=paid, gift_sessions=gift,
        on_sale_from=date(2020, 1, 1), **more,
    )  # fmt: skip
    return offers.add_offer(session, new=new, now=NOW)


def stored_offer(
    session: Session, *, price_fen: int = 1000_00, bonus_fen: int = 200_00, **more: Any
) -> CardOffer:
    """Put stored value on offer."""
    new = offers.NewOffer(
        code=f"V{next(_numbers):04d}", name="储值1000", kind=CardKind.STORED, price_fen=price_fen,
        bonus_fen=bonus_fen, on_sale_from=date(2020, 1, 1), **more,
    )  # fmt: skip
    return offers.add_offer(session, new=new, now=NOW)


def described_card(
    offer: CardOffer, customer_id: int | None, *, amount_fen: int | None = None, **more: Any
) -> NewSale:
    """Describe a receipt of one card, paid by WeChat."""
    fen = offer.price_fen if amount_fen is None else amount_fen
    return NewSale(
        key=uuid4(),
        customer_id=customer_id,
        lines=(NewLine(offer_id=offer.id, quantity=1, amount_fen=fen, **more),),
        tenders=(Paid(tender=Tender.WECHAT, amount_fen=fen),),
    )


def sold(
    session: Session, offer: CardOffer, customer_id: int, *, day: date = DAY, now: datetime = NOW,
    amount_fen: int | None = None,
) -> Held:  # fmt: skip
    """Sell a card at the till, or top one up, and give it as it stands."""
    new = described_card(offer, customer_id, amount_fen=amount_fen)
    sale = recording.record_sale(session, seller_id=SELLER, new=new, day=day, now=now)
    card_id = sale.lines[0].card_id
    assert card_id is not None
    return queries.get(session, card_id)


def package(session: Session, *, to: int | None = None, **more: Any) -> Held:
    """Sell three sessions and a gift for 1,000.00 to a guest, a new one when none is named."""
    offer = package_offer(session, new_item(session, price_fen=400_00, cost_fen=30_00).id, **more)
    return sold(session, offer, to or new_customer(session).id)


def stored(session: Session, **more: Any) -> Held:
    """Sell 1,000.00 with 200.00 of bonus to a new guest."""
    return sold(session, stored_offer(session, **more), new_customer(session).id)


def signature(session: Session, *, by: UUID = SELLER) -> UUID:
    """Have a guest sign, as the pad sends it."""
    sent = attachments.Sent(
        id=uuid4(), field=SIGN_OF[1], content_type="image/png", size=1, sha256="0" * 64
    )
    attachments.note(session, SIGN_OF[0], sent, by=by, now=NOW)
    session.flush()
    return sent.id


def act(session: Session | None = None, *, day: date = DAY, now: datetime = NOW) -> Act:
    """Say who does it, under a new signature when a session is given."""
    sign = signature(session) if session is not None else None
    return Act(key=uuid4(), by_id=SELLER, day=day, now=now, sign=sign)


def use(session: Session, card: Held, *, day: date = DAY, now: datetime = NOW) -> CardEntry:
    """Use one session of a package."""
    assert card.item_id is not None
    signed = act(session, day=day, now=now)
    return deducting.deduct_session(session, card_id=card.id, item_id=card.item_id, act=signed)


def pay(
    session: Session, card: Held, item_id: int, amount_fen: int, *, day: date = DAY
) -> CardEntry:
    """Pay an item by stored value."""
    return deducting.deduct_value(
        session, card_id=card.id, item_id=item_id, amount_fen=amount_fen, act=act(session, day=day)
    )


def looked_after(session: Session, customer_id: int, *, by: UUID) -> None:
    """Give a guest a consultant."""
    customers.get(session, customer_id).consultant = by
