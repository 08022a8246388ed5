"""The cards of the demo stores that people are led to: bought ahead, used week by week.

Shape: sold and used by the till's and the treatment's own verbs, before the drawers of those days
are counted; a store that has cards on offer already is left alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from deploy.demo.forms import Desk, Staff
from shared.domain.cards.models import CardOffer
from shared.domain.cards.queries import cards as queries
from shared.domain.cards.queries import offers as offer_queries
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.rules.chaining import Act
from shared.domain.cards.rules.kinds import CardKind
from shared.domain.cards.service import deducting, offers, standing
from shared.domain.cards.service.ledger import SIGN_OF
from shared.domain.cards.service.offers import NewOffer
from shared.domain.catalog import queries as catalog
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewLine, NewSale, Paid
from shared.domain.sales.service import recording
from shared.records import queries as records
from shared.records.queries import Asked
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction

GUESTS = 14
YEAR = 365
# code, name, yuan, bonus in yuan, months
_STORED = (("V1000", "储值1000送100", 1000, 100, 24), ("V3000", "储值3000送500", 3000, 500, 36))
# code, name, item, yuan, paid, given, months
_PACKAGES = (
    ("K-F02", "深层补水疗程 10送2", "F02", 2680, 10, 2, 12),
    ("K-B02", "肩颈舒缓疗程 6送1", "B02", 1280, 6, 1, 6),
)


def keep_cards(tenant: Tenant, staff: Staff, *, days: Sequence[date]) -> None:
    """Put cards on offer, sell some and let guests use them on these days, unless it has some."""
    with tenant_transaction(tenant) as session:
        if offer_queries.page(session, limit=1):
            return
        guests = [row.id for row in records.page(session, PROFILES, Asked(limit=GUESTS))]
        desk = _CardDesk(session, tenant, staff, today=days[-1])
        on_offer = desk.put_on_offer()
        for number, guest in enumerate(guests):
            begun = number * len(days) // len(guests)
            desk.serve(guest, on_offer[number % len(on_offer)], days=days[begun:])
        desk.freeze_last()


class _CardDesk(Desk):
    """A desk at which guests buy cards and sign for what they use."""

    signs_from = 10_000

    def put_on_offer(self) -> list[CardOffer]:
        """Put the cards of the chain on offer."""
        items = catalog.by_codes(self.session, [item for _, _, item, *_ in _PACKAGES])
        first = self.today - timedelta(days=YEAR)
        stored = [
            NewOffer(
                code=code, name=name, kind=CardKind.STORED, price_fen=yuan * 100,
                bonus_fen=bonus * 100, valid_months=months, on_sale_from=first,
            )
            for code, name, yuan, bonus, months in _STORED
        ]  # fmt: skip
        packages = [
            NewOffer(
                code=code, name=name, kind=CardKind.PACKAGE, item_id=items[item].id,
                price_fen=yuan * 100, paid_sessions=paid, gift_sessions=gift, valid_months=months,
                on_sale_from=first,
            )
            for code, name, item, yuan, paid, gift, months in _PACKAGES
            if item in items
        ]  # fmt: skip
        now = self._at(first)
        return [offers.add_offer(self.session, new=new, now=now) for new in (*packages, *stored)]

    def serve(self, guest: int, offer: CardOffer, *, days: Sequence[date]) -> None:
        """Sell a card on the first of these days, and have it used every ten days or so."""
        card = self._sold(guest, offer, days[0])
        for day in days[:: self.chance.randint(7, 12)]:
            if not queries.get(self.session, card.id).balances.is_empty:
                self._use(card, day)

    def freeze_last(self) -> None:
        """Freeze the card that was sold last."""
        [last] = queries.page(self.session, limit=1)
        act = self._act(self.staff.manager, self.today)
        standing.freeze(self.session, card_id=last.id, reason="顾客出国，暂停使用", act=act)

    def _sold(self, guest: int, offer: CardOffer, day: date) -> Held:
        fen = offer.price_fen
        new = NewSale(
            key=self._key(), customer_id=guest,
            lines=(NewLine(offer_id=offer.id, quantity=1, amount_fen=fen),),
            tenders=(Paid(tender=Tender.WECHAT, amount_fen=fen),),
        )  # fmt: skip
        sale = recording.record_sale(
            self.session, seller_id=self.staff.desk, new=new, day=day, now=self._at(day)
        )
        return queries.get(self.session, sale.lines[0].card_id or 0)

    def _use(self, card: Held, day: date) -> None:
        by = self.staff.beautician
        sign = UUID(self._signature(PROFILES, SIGN_OF[1], by))
        signed = replace(self._act(by, day), sign=sign)
        if card.item_id is not None:
            deducting.deduct_session(
                self.session, card_id=card.id, item_id=card.item_id, act=signed
            )
            return
        items = [one for one in catalog.items(self.session, on_sale_on=day) if one.cost_fen]
        item = self.chance.choice(items)
        left = queries.get(self.session, card.id).balances.money_fen
        deducting.deduct_value(
            self.session, card_id=card.id, item_id=item.id, amount_fen=min(item.price_fen, left),
            act=signed,
        )  # fmt: skip

    def _act(self, by: UUID, day: date) -> Act:
        return Act(key=self._key(), by_id=by, day=day, now=self._at(day))

    def _key(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)
