"""Whatever happens in whatever order: following changes equals computing everything anew (P7)."""

import os
import random
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared import days
from shared.domain.catalog.rules import Category
from shared.domain.reporting.queries import checks, months
from shared.domain.reporting.rules.states import JOB, CostKind, Why
from shared.domain.reporting.service import closing, entries, rollup
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import receipts
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewRefund, Paid, RefundLine
from shared.domain.sales.service import recording
from shared.errors import DomainError
from tests.factories import reporting
from tests.factories.reporting import HQ, NOW, SHOP
from tests.factories.sales import MANAGER, SELLER, described_sale, new_customer, new_item

FIRST = date(2025, 1, 1)
HISTORIES = int(os.environ.get("ROLLBOOK_HISTORIES", "40"))  # 2000 by hand
STEPS = 16

_EVERYTHING = text(
    """
    SELECT 'item', business_date::text, category, quantity, turnover_fen, consumption_fen,
           direct_cost_fen, 0, 0
    FROM day_items WHERE (quantity, turnover_fen, consumption_fen, direct_cost_fen) <> (0, 0, 0, 0)
    UNION ALL
    SELECT 'tender', business_date::text, tender, amount_fen, 0, 0, 0, 0, 0
    FROM day_tenders WHERE amount_fen <> 0
    UNION ALL
    SELECT 'total', business_date::text, '', visits, new_customers, receipts, turnover_fen,
           cash_sales_fen, refunds_fen
    FROM day_totals WHERE (visits, new_customers, receipts, cash_sales_fen) <> (0, 0, 0, 0)
    UNION ALL
    SELECT 'live', month::text, indicator || '/' || part, amount, 0, 0, 0, 0, 0
    FROM month_figures JOIN months USING (month)
    WHERE month_figures.revision = 0 AND state IN ('OPEN', 'REOPENED')
    ORDER BY 1, 2, 3
    """
)


class Shop:
    """A store in which random things happen."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.drawn = session, random.Random(seed)
        self.now = NOW
        self.items = [
            new_item(session, category=category, cost_fen=self.drawn.randint(0, 50)).id
            for category in (Category.FACIAL, Category.BODY, Category.PRODUCT)
        ]
        self.guests = [new_customer(session).id for _ in range(3)]
        self.sales: list[Sale] = []

    def day(self) -> date:
        """Any day of three months."""
        return FIRST + timedelta(days=self.drawn.randint(0, 89))

    def month(self) -> date:
        """Any of three months."""
        return days.month_of(self.day())

    def sell(self) -> None:
        """Record a sale on any day: today's, a late one, a first visit that moves back."""
        lines = [
            (self.drawn.choice(self.items), self.drawn.choice([0, 1, 99, 10_000]))
            for _ in range(self.drawn.randint(1, 3))
        ]
        guest = self.drawn.choice([None, *self.guests])
        new = described_sale(*lines, customer_id=guest)
        sale = recording.record_sale(
            self.session, seller_id=SELLER, new=new, day=self.day(), now=self.now
        )
        self.sales.append(sale)

    def refund(self) -> None:
        """Give something back, perhaps in another month."""
        if not self.sales:
            return
        sale = receipts.get(self.session, self.drawn.choice(self.sales).id)
        line = self.drawn.choice(sale.lines)
        fen = self.drawn.randint(0, line.amount_fen)
        refund = NewRefund(
            key=uuid4(),
            sale_id=sale.id,
            lines=(RefundLine(line_id=line.id, quantity=self.drawn.randint(0, 1), amount_fen=fen),),
            tenders=(Paid(tender=Tender.CASH, amount_fen=fen),),
            reason="退",
        )
        recording.refund_sale(
            self.session,
            seller_id=SELLER,
            refund=refund,
            day=self.day(),
            now=self.now,
            approver_id=MANAGER,
        )

    def roll_up(self) -> None:
        """Follow what changed."""
        rollup.roll_up_days(self.session, now=self.now)

    def cost(self) -> None:
        """Enter a cost line."""
        entries.set_cost(
            self.session,
            month=self.month(),
            kind=self.drawn.choice(list(CostKind)),
            amount_fen=self.drawn.randint(0, 9),
            actor=SHOP,
            now=self.now,
        )

    def compute(self) -> None:
        """Close a month's days and compute it."""
        month = self.month()
        reporting.close_days(self.session, month, now=self.now)
        closing.compute_month(self.session, month=month, actor=JOB, day=NOW.date(), now=self.now)

    def review(self) -> None:
        """Sign a month."""
        closing.review_month(
            self.session,
            month=self.one_in("COMPUTED"),
            actor=SHOP,
            now=self.now,
            acknowledged="无",
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

    def live(self) -> None:
        """Do one random thing; what the rules refuse leaves no trace."""
        self.now += timedelta(minutes=self.drawn.randint(1, 600))
        step: Callable[[], None] = self.drawn.choice(
            [self.sell] * 5
            + [self.refund, self.roll_up, self.roll_up, self.cost, self.compute, self.compute]
            + [self.review, self.close, self.close, self.reopen]
        )
        try:
            with self.session.begin_nested():
                step()
        except DomainError:
            pass


def frozen(session: Session) -> dict[tuple[date, int], dict[tuple[str, str], int]]:
    """Read every computed revision there is."""
    return {
        (row.month, revision.revision): months.figures(session, row.month, revision.revision)
        for row in months.month_list(session)
        for revision in months.revisions(session, row.month)
    }


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_following_changes_equals_computing_everything_anew(
    store_session: Session, seed: int
) -> None:
    session = store_session
    shop = Shop(session, seed)
    kept: dict[tuple[date, int], dict[tuple[str, str], int]] = {}
    for _ in range(STEPS):
        shop.live()
        now_there = frozen(session)
        # a revision, once computed, is never touched again
        assert {key: now_there[key] for key in kept} == kept
        kept = now_there
    shop.roll_up()
    kept = frozen(session)

    assert [one for one in checks.verify(session) if not one.is_known] == []
    followed = session.execute(_EVERYTHING).all()
    for row in months.month_list(session):
        rollup.roll_up_month_again(session, month=row.month, now=shop.now)
    assert session.execute(_EVERYTHING).all() == followed
    assert frozen(session) == kept
