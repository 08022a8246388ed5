"""Whatever happens in whatever order: following changes equals computing everything anew (P7)."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.reporting.queries import checks, inputs, months
from shared.domain.reporting.service import rollup
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.domain.reporting.histories import Shop
from tests.domain.reporting.sums import Slips
from tests.factories.tenants import new_store

HISTORIES = int(os.environ.get("ROLLBOOK_HISTORIES", "16"))  # 2000 by hand
STEPS = 24
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
PER_STORE = 100  # histories are rolled back, and what is rolled back still lies in the tables
ENOUGH = 1600  # histories in which every step was taken at least once
EVERY_STEP = {
    "sell", "sell_card", "use_card", "roll_up", "compute", "close", "refund", "reverse",
    "refund_card", "stand", "transfer", "watch", "cost", "late_slip", "review", "reopen",
}  # fmt: skip

_EVERYTHING = text(
    """
    SELECT 'item', business_date::text, category, quantity, turnover_fen, consumption_fen,
           direct_cost_fen, 0, 0, 0, 0, 0, 0
    FROM day_items WHERE (quantity, turnover_fen, consumption_fen, direct_cost_fen) <> (0, 0, 0, 0)
    UNION ALL
    SELECT 'tender', business_date::text, tender, amount_fen, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM day_tenders WHERE amount_fen <> 0
    UNION ALL
    SELECT 'total', business_date::text, '', visits, new_customers, receipts, turnover_fen,
           consumption_fen, cash_sales_fen, refunds_fen, topups_fen, packages_fen, prepaid_fen
    FROM day_totals
    WHERE (visits, new_customers, receipts, turnover_fen, consumption_fen, cash_sales_fen,
           refunds_fen, topups_fen, packages_fen, prepaid_fen) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    UNION ALL
    SELECT 'live', month::text, indicator || '/' || part, amount, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM month_figures JOIN months USING (month)
    WHERE month_figures.revision = 0 AND state IN ('OPEN', 'REOPENED')
    ORDER BY 1, 2, 3
    """
)
_FIGURES = text(
    "SELECT month, revision, indicator, part, amount FROM month_figures WHERE revision >= :least"
)

Figures = dict[tuple[date, int], dict[tuple[str, str], int]]


def figures(session: Session, *, least: int) -> Figures:
    """Read all figures of all months, by month and revision, from a revision on."""
    found: Figures = {}
    for month, revision, indicator, part, amount in session.execute(_FIGURES, {"least": least}):
        found.setdefault((month, revision), {})[indicator, part] = amount
    return found


def check(session: Session, shop: Shop) -> None:
    """Compare what is stored with everything that it must equal."""
    shop.roll_up()
    kept, slips = figures(session, least=1), Slips(session)

    assert [one for one in checks.verify(session) if not one.is_known] == []
    assert inputs.day_rows(session, sorted({key[0] for key in slips.rows()})) == slips.rows()
    assert sum(sums["prepaid"] for sums in slips.totals.values()) == slips.held_fen()
    for row in months.month_list(session, limit=1):
        shown = months.shown_figures(session, row.month) or {}
        assert row.is_stale or shown.get(("prepaid", ""), 0) == slips.held_fen()

    followed = session.execute(_EVERYTHING).all()
    for row in months.month_list(session):
        rollup.roll_up_month_again(session, month=row.month, now=shop.now)
    assert session.execute(_EVERYTHING).all() == followed
    assert figures(session, least=1) == kept


def stores(zone: str) -> Iterator[Tenant]:
    """Give stores of a zone, each for some histories."""
    while True:
        store = new_store(zone=zone)
        for _ in range(PER_STORE):
            yield store


@pytest.mark.parametrize("zone", ZONES)
def test_following_changes_equals_computing_everything_anew(cluster: object, zone: str) -> None:
    given_stores, done = stores(zone), Counter[str]()

    @settings(
        max_examples=HISTORIES // len(ZONES),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(drawn=st.randoms(use_true_random=False))
    def lives(drawn: Random) -> None:
        with tenant_session(next(given_stores)) as session:
            shop = Shop(session, drawn, zone=zone)
            kept: Figures = {}
            for _ in range(STEPS):
                shop.live()
                now_there = figures(session, least=1)
                # a revision, once computed, is never touched again
                assert {key: now_there[key] for key in kept} == kept
                kept = now_there
            check(session, shop)
            done.update(shop.done)
            session.rollback()

    lives()
    assert done.keys() >= (EVERY_STEP if HISTORIES >= ENOUGH else {"sell"})
