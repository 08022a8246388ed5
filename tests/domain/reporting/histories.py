"""A store in which random things happen to receipts, cards, days and months.

Units: a moment is drawn, its business day follows from the store's zone and its day change; slips
    are recorded later, in any order, so that every one of them may be a late one.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import days
from shared.domain.cards.queries import cards, entries
from shared.domain.cards.queries.cards import Held
from shared.domain.cards.rules.kinds import CardKind
from shared.domain.cards.service import deducting, standing, watching
from shared.domain.catalog.rules import Category
from shared.domain.reporting.queries import months
from shared.domain.reporting.rules.states import JOB, CostKind, Why
from shared.domain.reporting.service import closing, rollup
from shared.domain.reporting.service import entries as costs
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import receipts
from shared.domain.sales.rules.kinds import LineKind, Purpose, Tender
from shared.domain.sales.rules.slips import (
    NewCardRefund,
    NewCorrection,
    NewLine,
    NewPayment,
    NewRefund,
    NewSale,
    Paid,
    RefundLine,
)
from shared.domain.sales.service import card_refunds, correcting, recording
from shared.errors import DomainError
from tests.factories import cards as made
from tests.factories import reporting
from tests.factories.reporting import HQ, SHOP
from tests.factories.sales import MANAGER, SELLER, new_customer, new_item

FIRST, MONTHS, DAYS = date(2025, 2, 1), 3, 89  # to the end of April: clocks move in every zone
NOW = datetime(2025, 6, 1, 2, 0, tzinfo=UTC)
CHANGE_HOUR = 4
# On the wall: around the day change, where clocks move and at the ends of months.
EDGES = [
    datetime(2025, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((2, 28), (3, 1), (3, 9), (3, 30), (3, 31), (4, 1), (4, 6))
    for hour, minute in ((1, 30), (2, 30), (3, 59), (4, 0), (23, 59))
]


class Shop:
    """A store, and what may happen in it."""

    def __init__(self, session: Session, drawn: Random, *, zone: str) -> None:
        self.session, self.drawn, self.zone = session, drawn, zone
        self.now = NOW
        self.items = [
            new_item(session, category=category, cost_fen=drawn.randint(0, 50)).id
            for category in (Category.FACIAL, Category.BODY, Category.PRODUCT)
        ]
        self.guests = [new_customer(session).id for _ in range(3)]
        self.package = made.package_offer(
            session, self.items[0], price_fen=drawn.randint(0, 1000), paid=drawn.randint(1, 3),
            gift=drawn.randint(0, 1), valid_months=1,
        )  # fmt: skip
        self.stored = made.stored_offer(session, price_fen=701, bonus_fen=99)
        self.sales: list[int] = []
        self.done: Counter[str] = Counter()

    def day(self) -> date:
        """The business day of any moment of three months, half of them at an edge."""
        if self.drawn.randint(0, 1):
            wall = self.drawn.choice(EDGES)
        else:
            on = FIRST + timedelta(days=self.drawn.randint(0, DAYS - 1))
            wall = datetime(on.year, on.month, on.day, self.drawn.randint(0, 23), 15, tzinfo=UTC)
        instant = wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        day = days.business_day(instant, zone=self.zone, change_hour=CHANGE_HOUR)
        shown = instant.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        assert day == (shown - timedelta(hours=CHANGE_HOUR)).date()
        return max(day, FIRST)

    def month(self) -> date:
        """Any of three months."""
        return days.month_of(self.day())

    def sell(self, *, day: date | None = None) -> Sale:
        """Record a sale on any day: today's, a late one, a first visit that moves back."""
        lines = tuple(
            NewLine(
                item_id=self.drawn.choice(self.items),
                quantity=self.drawn.randint(1, 2),
                amount_fen=self.drawn.choice([0, 1, 99, 10_000]),
                kind=LineKind.OTHER if self.drawn.randint(0, 5) == 5 else None,
            )
            for _ in range(self.drawn.randint(1, 3))
        )
        fen = sum(line.amount_fen for line in lines)
        cash_fen = self.drawn.randint(0, fen)
        new = NewSale(
            key=uuid4(),
            customer_id=self.drawn.choice([None, *self.guests]),
            lines=lines,
            tenders=_paid(cash_fen, fen - cash_fen),
        )
        sale = recording.record_sale(
            self.session, seller_id=SELLER, new=new, day=day or self.day(), now=self.now
        )
        self.sales.append(sale.id)
        return sale

    def refund(self) -> None:
        """Give something back, or all that a line was paid with, perhaps in another month."""
        sale = receipts.get(self.session, self.drawn.choice(self.sales or [0]))
        line = self.drawn.choice(sale.lines)
        fen = self.drawn.choice([line.amount_fen, self.drawn.randint(0, line.amount_fen)])
        refund = NewRefund(
            key=uuid4(),
            sale_id=sale.id,
            lines=(RefundLine(line_id=line.id, quantity=self.drawn.randint(0, 1), amount_fen=fen),),
            tenders=_paid(fen, 0),
            reason="退",
        )
        recording.refund_sale(
            self.session, seller_id=SELLER, refund=refund, day=self.day(), now=self.now,
            approver_id=MANAGER,
        )  # fmt: skip

    def late_slip(self) -> None:
        """Enter a slip of a closed day on a later one."""
        of_day, day = sorted([self.day(), self.day()])
        key, said = uuid4(), {}
        if self.drawn.randint(0, 1):
            said["receipt_no"] = self.sell(day=day).receipt_no
        else:
            said["payment"] = NewPayment(
                key=key, day=day, purpose=Purpose.MISC, payee="某", amount_fen=7
            )
        new = NewCorrection(key=key, of_day=of_day, day=day, reason="补", **said)
        correcting.correct_day(
            self.session, new=new, actor_id=SELLER, approver_id=MANAGER, now=self.now
        )

    def sell_card(self) -> None:
        """Sell a package or stored value, or top a card up."""
        offer = self.drawn.choice([self.package, self.stored])
        new = made.described_card(offer, self.drawn.choice(self.guests))
        recording.record_sale(self.session, seller_id=SELLER, new=new, day=self.day(), now=self.now)

    def use_card(self) -> None:
        """Use a session, a given one last; or pay a treatment or a product by stored value."""
        card, day = self.any_card(), self.day()
        act = made.act(self.session, day=day, now=self.now)
        if card.kind == CardKind.PACKAGE:
            assert card.item_id is not None
            deducting.deduct_session(self.session, card_id=card.id, item_id=card.item_id, act=act)
        else:
            deducting.deduct_value(
                self.session, card_id=card.id, item_id=self.drawn.choice(self.items),
                amount_fen=self.drawn.randint(1, 500), act=act,
            )  # fmt: skip

    def reverse(self) -> None:
        """Take a deduction back, on its own day or another."""
        card = self.any_card()
        used = [one for one in entries.entries(self.session, card.id) if one.category]
        one = self.drawn.choice(used) if used else None
        day = one.business_date if one and self.drawn.randint(0, 1) else self.day()
        deducting.reverse(
            self.session, card_id=card.id, seq=one.seq if one else 0, reason="错",
            act=made.act(day=day, now=self.now),
        )  # fmt: skip

    def refund_card(self) -> None:
        """Give a card back."""
        card = self.any_card()
        rule = entries.refund_rule(self.session, now=self.now)
        fen = entries.readings(self.session, card.id, rule=rule).refund_fen
        refund = NewCardRefund(key=uuid4(), card_id=card.id, reason="退", tenders=_paid(fen, 0))
        card_refunds.refund_card(
            self.session, seller_id=SELLER, refund=refund, day=self.day(), now=self.now,
            approver_id=MANAGER,
        )  # fmt: skip

    def stand(self) -> None:
        """Freeze a card, release it, or write off what is left of one that ended."""
        verb = self.drawn.choice([standing.freeze, standing.release, standing.write_off])
        act = made.act(day=self.day(), now=self.now)
        verb(self.session, card_id=self.any_card().id, reason="因", act=act)

    def transfer(self) -> None:
        """Pass a card on."""
        passed = standing.Transfer(
            to_customer_id=self.drawn.choice(self.guests), relation="家人", approver_id=MANAGER,
            giver_sign=made.signature(self.session), taker_sign=made.signature(self.session),
        )  # fmt: skip
        act = made.act(day=self.day(), now=self.now)
        standing.transfer(self.session, card_id=self.any_card().id, transfer=passed, act=act)

    def watch(self) -> None:
        """End the cards whose last day is over."""
        watching.watch_cards(self.session, day=self.day(), now=self.now)

    def roll_up(self) -> None:
        """Follow what changed."""
        rollup.roll_up_days(self.session, now=self.now)

    def cost(self) -> None:
        """Enter a cost line."""
        kind, fen = self.drawn.choice(list(CostKind)), self.drawn.randint(0, 9)
        costs.set_cost(
            self.session, month=self.month(), kind=kind, amount_fen=fen, actor=SHOP, now=self.now
        )

    def compute(self) -> None:
        """Close a month's days and compute it."""
        month = self.month()
        reporting.close_days(self.session, month, now=self.now)
        closing.compute_month(self.session, month=month, actor=JOB, day=NOW.date(), now=self.now)

    def review(self) -> None:
        """Sign a month."""
        closing.review_month(
            self.session, month=self.one_in("COMPUTED"), actor=SHOP, now=self.now, acknowledged="无"
        )

    def close(self) -> None:
        """Bring the oldest month that is not closed to its close."""
        open_ones = [row.month for row in months.month_list(self.session) if row.state != "CLOSED"]
        month = min(open_ones, default=FIRST)
        reporting.close_days(self.session, month, now=self.now)
        closing.compute_month(self.session, month=month, actor=SHOP, day=NOW.date(), now=self.now)
        closing.review_month(self.session, month=month, actor=SHOP, now=self.now, acknowledged="无")
        closing.close_month(self.session, month=month, actor=HQ, has_hq=True, now=self.now)

    def reopen(self) -> None:
        """Open a closed month."""
        month = self.one_in("CLOSED")
        closing.reopen_month(
            self.session,
            month=month,
            why=Why(reason="改", forms=("SALES",)),
            actor=HQ,
            has_hq=True,
            now=self.now,
        )

    def one_in(self, state: str) -> date:
        """Any month in a state; the first, which may not be in it, when there is none."""
        there = [row.month for row in months.month_list(self.session) if row.state == state]
        return self.drawn.choice(there or [FIRST])

    def any_card(self) -> Held:
        """Any card, a new one when there is none."""
        there = cards.page(self.session, limit=100)
        if not there:
            self.sell_card()
            there = cards.page(self.session, limit=100)
        return self.drawn.choice(there)

    def live(self) -> None:
        """Do one random thing; what the rules refuse leaves no trace."""
        self.now += timedelta(minutes=self.drawn.randint(1, 600))
        step: Callable[[], object] = self.drawn.choice(
            [self.sell] * 4
            + [self.sell_card, self.use_card, self.use_card] * 2
            + [self.refund, self.reverse, self.refund_card, self.stand, self.transfer, self.watch]
            + [self.roll_up, self.roll_up, self.cost, self.compute, self.close, self.late_slip]
            + [self.review, self.close, self.reopen]
        )
        try:
            with self.session.begin_nested():
                step()
        except DomainError:
            return
        self.done[step.__name__] += 1


def _paid(cash_fen: int, other_fen: int) -> tuple[Paid, ...]:
    parts = (Paid(tender=Tender.CASH, amount_fen=cash_fen),)
    return (*parts, Paid(tender=Tender.WECHAT, amount_fen=other_fen)) if other_fen else parts
