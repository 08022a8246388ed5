"""Steps 7, 8 and 10 of the sample day: clock, dispatcher and wrapper, at the hours it names.

Form: specification 14.
"""

from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.reporting.queries import months
from shared.domain.sales.queries import cash as cash_queries
from shared.domain.sales.rules.kinds import Purpose
from shared.domain.sales.rules.slips import NewPayment
from shared.domain.sales.rules.tills import CashClosing, CashCount, CashOpening
from shared.domain.sales.service import cash
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import cards, reporting
from tests.factories.sales import MANAGER, SELLER, new_customer, new_item, new_sale, settled
from tests.workers.calendars import at, clock_strikes, work
from tests.workers.conftest import jobs

DAY, LAST, JUNE = date(2025, 6, 10), date(2025, 6, 30), date(2025, 6, 1)


def serve(session: Session) -> None:
    """Steps 3 to 5: a package by WeChat of which one session is used, 600.00 in cash."""
    known = new_customer(session, "陈女士").id
    body, mask = new_item(session), new_item(session)
    new_sale(session, (body.id, 1_00), day=date(2025, 5, 3), customer_id=known)
    cash.open_cash_day(
        session,
        opening=CashOpening(day=DAY, opening_fen=1000_00, reason="备用金"),
        now=at(DAY, 9, 50),
    )
    cards.use(session, cards.package(session))
    new_sale(session, (body.id, 500_00), (mask.id, 100_00), day=DAY, customer_id=known)


def close(session: Session) -> cash_queries.CashReport:
    """Step 7: fruit is paid, the drawer is counted ten short, the cashier says why."""
    fruit = NewPayment(key=uuid4(), day=DAY, purpose=Purpose.MISC, payee="水果店", amount_fen=50_00)
    evening = at(DAY, 19, 50)
    cash.pay_out(session, payment=fruit, actor_id=SELLER, approver_id=None, now=evening)
    count = CashCount(
        day=DAY,
        counted_fen=1540_00,
        variance_reason="找零有误",
        settlements=settled(session, DAY),
    )
    cash.count_cash(session, count=count, actor_id=SELLER, now=evening)
    cash.close_cash_day(session, closing=CashClosing(day=DAY), actor_id=MANAGER, now=evening)
    return cash_queries.cash_report(session, DAY)


def test_the_day_is_closed_rolled_up_and_its_month_waits_for_the_last_close(shop: Tenant) -> None:
    # 19:50, the drawer
    with tenant_session(shop) as session:
        serve(session)
        report = close(session)
        session.commit()
    figures = report.figures
    assert (figures.closing_fen, figures.variance_fen) == (1550_00, -10_00)
    assert figures.needs_manager_reason is False  # the cashier's reason is enough
    assert {one.tender: one.receipts_fen for one in report.totals} == {"WECHAT": 1000_00}

    # 04:30, the day is rolled up
    morning = DAY + timedelta(days=1)
    clock_strikes(shop, since=at(morning, 4, 29), now=at(morning, 4, 31))
    with tenant_session(shop) as session:
        (day,) = session.execute(
            text(
                "SELECT turnover_fen, cash_sales_fen, visits, new_customers FROM day_totals"
                " WHERE business_date = :day"
            ),
            {"day": DAY},
        )
    assert tuple(day) == (933_33, 1600_00, 2, 1)

    # 1 July, 05:00: the close of the 30th is missing
    with tenant_session(shop) as session:
        new_sale(session, (new_item(session).id, 80_00), day=LAST)
        session.commit()
    july = date(2025, 7, 1)
    clock_strikes(shop, since=at(july, 4, 59), now=at(july, 5, 1))
    with tenant_session(shop) as session:
        assert months.get(session, JUNE).state == "OPEN"
        assert months.gaps(session, JUNE, day=july).open_days == (LAST,)
    told = [row.args for row in jobs(shop) if row.kind == "notifications.notify"]
    assert [args["facts"]["reasons"] for args in told if args["event"] == "month.blocked"] == [
        "30日未日结"
    ]

    # 09:10: the manager closes it, the rest goes by itself
    with tenant_session(shop) as session:
        reporting.close_day(session, LAST, now=at(july, 9, 10))
        session.commit()
    work(shop, now=at(july, 9, 11))
    with tenant_session(shop) as session:
        month = months.get(session, JUNE)
        assert (month.state, month.revision) == ("COMPUTED", 1)
        kept = months.figures(session, JUNE, 1)
        assert [step.authority for step in months.steps(session, JUNE)] == ["JOB"]
    assert (kept["turnover", ""], kept["cash_sales", ""]) == (1013_33, 1680_00)
