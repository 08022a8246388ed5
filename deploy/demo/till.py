"""What a demo store has rung up today, until now: the till's own verb, at the times of the day."""

from datetime import timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from shared.domain.catalog import queries as catalog
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewLine, NewSale, Paid
from shared.domain.sales.service import recording
from shared.records import opening
from shared.records.register import Editor

_APART = timedelta(minutes=50)  # on average
_TENDERS = (Tender.WECHAT, Tender.WECHAT, Tender.ALIPAY, Tender.CASH, Tender.BANKCARD)


def ring_up_today(session: Session, guests: list[int], *, by: Editor) -> None:
    """Sell something every hour or so since the store opened; guests pay what the list says."""
    hours = opening.hours_of(session, by.today, zone=by.zone)
    items = catalog.items(session, on_sale_on=by.today)
    if hours is None or not items:
        return
    (at, closes), chance = hours, Random(f"till/{by.today}")
    while (at := at + _APART * chance.uniform(0.3, 1.7)) < min(by.now, closes):
        item = chance.choice(items)
        new = NewSale(
            key=UUID(int=chance.getrandbits(128), version=4),
            customer_id=chance.choice([*guests, None]),
            lines=(NewLine(item_id=item.id, quantity=1, amount_fen=item.price_fen),),
            tenders=(Paid(tender=chance.choice(_TENDERS), amount_fen=item.price_fen),),
        )
        recording.record_sale(session, seller_id=by.id, new=new, day=by.today, now=at)
