"""What a demo store has rung up today, until now: the till's own verb, at the times of the day."""

from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.domain.catalog import queries as catalog
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewLine, NewSale, Paid
from shared.domain.sales.service import recording
from shared.records.register import Editor

_OPENS, _CLOSES = time(10, 20), time(20, 40)
_APART = timedelta(minutes=50)  # on average
_TENDERS = (Tender.WECHAT, Tender.WECHAT, Tender.ALIPAY, Tender.CASH, Tender.BANKCARD)


def ring_up_today(session: Session, guests: list[int], *, by: Editor) -> None:
    """Sell something every hour or so since the store opened; guests pay what the list says."""
    chance, zone = Random(f"till/{by.today}"), ZoneInfo(by.zone)
    at, closes = (datetime.combine(by.today, clock, zone) for clock in (_OPENS, _CLOSES))
    items = catalog.items(session, on_sale_on=by.today)
    while items and (at := at + _APART * chance.uniform(0.3, 1.7)) < min(by.now, closes):
        item = chance.choice(items)
        new = NewSale(
            key=UUID(int=chance.getrandbits(128), version=4),
            customer_id=chance.choice([*guests, None]),
            lines=(NewLine(item_id=item.id, quantity=1, amount_fen=item.price_fen),),
            tenders=(Paid(tender=chance.choice(_TENDERS), amount_fen=item.price_fen),),
        )
        recording.record_sale(session, seller_id=by.id, new=new, day=by.today, now=at)
