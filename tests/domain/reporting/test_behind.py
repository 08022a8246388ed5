"""The records behind a number add up to the number."""

from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from shared.domain.catalog.rules import Category
from shared.domain.reporting.queries import behind, detail, months, sales_report
from shared.domain.reporting.queries.behind import Number, records_behind
from shared.domain.reporting.rules.figures import Indicator
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewRefund, Paid, RefundLine
from shared.domain.sales.service import recording
from tests.factories import cards, reporting
from tests.factories.sales import DAY, NOW, SELLER, new_customer, new_item, new_sale

MONTH = date(2025, 6, 1)


def a_month(session: Session) -> None:
    """Sell by several tenders, give some back, use cards, and bring in guests."""
    facial, body = new_item(session), new_item(session, category=Category.BODY)
    mask = new_item(session, category=Category.PRODUCT)
    guest = new_customer(session)
    mixed = [(Tender.CASH, 100_00), (Tender.WECHAT, 250_00)]
    sale = new_sale(
        session, (facial.id, 300_00), (mask.id, 50_00), customer_id=guest.id, tenders=mixed
    )
    new_sale(session, (body.id, 80_00), day=date(2025, 6, 12))
    new_sale(session, (body.id, 999_00), day=date(2025, 7, 1))
    back = NewRefund(
        key=uuid4(), sale_id=sale.id, reason="过敏",
        lines=(RefundLine(line_id=sale.lines[0].id, quantity=0, amount_fen=30_00),),
        tenders=(Paid(tender=Tender.WECHAT, amount_fen=30_00),),
    )  # fmt: skip
    recording.refund_sale(session, seller_id=SELLER, refund=back, day=DAY, now=NOW)
    cards.use(session, cards.package(session))
    value = cards.stored(session)
    cards.pay(session, value, mask.id, 70_00)
    cards.pay(session, value, body.id, 1_100_00)  # part of it is bonus, which counts 0
    reporting.roll_up(session)


def test_every_number_of_the_month_is_the_sum_of_the_records_behind_it(
    store_session: Session,
) -> None:
    a_month(store_session)
    shown = detail.month_detail(store_session, MONTH)
    sales = sales_report.month_sales(store_session, MONTH)

    def total(indicator: Indicator, **narrowed: Any) -> int:
        number = Number(month=MONTH, indicator=indicator, **narrowed)
        return records_behind(store_session, number).total

    assert shown.total_fen == 400_00 + 333_33 + 70_00 + 930_00
    assert total(Indicator.TOPUPS) == total(Indicator.PACKAGES) == 1000_00
    for row in sales.head:
        sign = -1 if row.indicator is Indicator.REFUNDS else 1  # the report states what went back
        assert total(row.indicator) == sign * row.amount_fen, row.indicator
    for day in shown.days:
        assert total(Indicator.TURNOVER, day=day.day) == day.total_fen
        for category, fen in day.cells.items():
            assert total(Indicator.TURNOVER, day=day.day, category=category) == fen
    for tender, fen in sales.tenders.items():
        assert total(Indicator.CASH_SALES, tender=tender) == fen
    for item in sales.top_items:
        assert total(Indicator.TURNOVER, item_id=item.item_id) == item.turnover_fen
    assert total(Indicator.NEW_CUSTOMERS) == shown.customers.new == 3


def test_more_rows_than_are_listed_are_counted_and_added_up(store_session: Session) -> None:
    item = new_item(store_session)
    for _ in range(3):
        new_sale(store_session, (item.id, 10_00))
    reporting.roll_up(store_session)
    months.get(store_session, MONTH)

    asked = behind.sales.Asked(first=DAY, last=DAY)
    found = behind.sales.lines(store_session, asked, limit=2)

    assert (len(found.rows), found.count, found.sum_fen) == (2, 3, 30_00)
