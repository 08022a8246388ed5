"""Receipts: recorded once, numbered without gaps, refused with every mistake at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.catalog.rules import Category
from shared.domain.customers import queries as customers
from shared.domain.sales.queries import cash, figures, receipts
from shared.domain.sales.rules.kinds import LineKind, Tender
from shared.domain.sales.rules.slips import NewLine, NewSale, Paid
from shared.domain.sales.service import drawer, periods, recording, writing
from shared.records import marks
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import (
    DAY,
    NOW,
    SELLER,
    described_sale,
    new_customer,
    new_item,
    new_sale,
)


def _codes(error: errors.DomainError) -> set[tuple[str, str]]:
    return {(problem.field, problem.code) for problem in error.problems}


def test_a_sale_is_written_with_its_number_and_its_figures(store_session: Session) -> None:
    facial = new_item(store_session, cost_fen=30_00)
    cream = new_item(store_session, category=Category.PRODUCT)
    guest = new_customer(store_session)

    sale = new_sale(
        store_session,
        (facial.id, 198_00),
        (cream.id, 100_00),
        customer_id=guest.id,
        tenders=[(Tender.CASH, 98_00), (Tender.WECHAT, 200_00)],
    )

    assert sale.receipt_no == "S-202506-0001"
    assert sale.total_fen == 298_00
    assert [(line.kind, line.category, line.cost_fen) for line in sale.lines] == [
        ("SINGLE", "FACIAL", 30_00),
        ("PRODUCT", "PRODUCT", 0),
    ]
    day = figures.day_figures(store_session, [DAY])
    assert [(c.category, c.turnover_fen, c.consumption_fen) for c in day.categories] == [
        ("FACIAL", 198_00, 198_00),
        ("PRODUCT", 100_00, 0),
    ]
    [total] = day.totals
    assert (total.visits, total.receipts, total.new_customers) == (1, 1, 1)
    assert (total.turnover_fen, total.cash_sales_fen, total.product_fen) == (
        298_00,
        298_00,
        100_00,
    )
    assert marks.take(store_session, 10) == [DAY]
    assert marks.take(store_session, 10) == []


def test_money_words_take_treatments_and_products_apart_from_other_money(
    store_session: Session,
) -> None:
    facial = new_item(store_session)
    cream = new_item(store_session, category=Category.PRODUCT)
    new = NewSale(
        key=uuid4(),
        customer_id=None,
        lines=(
            NewLine(item_id=facial.id, quantity=1, amount_fen=200_00),
            NewLine(item_id=cream.id, quantity=1, amount_fen=100_00),
            NewLine(item_id=facial.id, quantity=1, amount_fen=50_00, kind=LineKind.OTHER),
        ),
        tenders=(Paid(tender=Tender.CASH, amount_fen=350_00),),
    )

    recording.record_sale(store_session, seller_id=SELLER, new=new, day=DAY, now=NOW)

    [total] = figures.day_totals(store_session, [DAY])
    assert (total.turnover_fen, total.cash_sales_fen) == (300_00, 350_00)
    assert (total.consumption_fen, total.product_fen) == (200_00, 100_00)


def test_all_mistakes_come_at_once(store_session: Session) -> None:
    gone = new_item(store_session, on_sale_to=date(2025, 6, 9))
    periods.close_period(store_session, date(2025, 6, 1), NOW)
    new = NewSale(
        key=uuid4(),
        customer_id=999_999,
        lines=(
            NewLine(item_id=gone.id, quantity=0, amount_fen=-1),
            NewLine(item_id=888_888, quantity=1, amount_fen=5),
        ),
        tenders=(Paid(tender=Tender.CASH, amount_fen=5),),
    )

    with pytest.raises(errors.FormInvalid) as refused:
        recording.record_sale(store_session, seller_id=SELLER, new=new, day=DAY, now=NOW)

    assert _codes(refused.value) == {
        ("lines.0.item_id", "RANGE"),
        ("lines.0.quantity", "RANGE"),
        ("lines.0.amount_fen", "RANGE"),
        ("lines.1.item_id", "NOT_FOUND"),
        ("customer_id", "NOT_FOUND"),
        ("tenders", "SUM_MISMATCH"),
        ("business_date", "CLOSED_PERIOD"),
    }


def test_a_closed_month_refuses_a_faultless_sale(store_session: Session) -> None:
    item = new_item(store_session)
    periods.close_period(store_session, date(2025, 6, 1), NOW)

    with pytest.raises(periods.PeriodClosed):
        new_sale(store_session, (item.id, 100))
    periods.reopen_period(store_session, date(2025, 6, 1))

    assert new_sale(store_session, (item.id, 100)).receipt_no == "S-202506-0001"


def test_a_repeated_key_gives_the_first_sale_and_another_content_is_refused(
    store_session: Session,
) -> None:
    item = new_item(store_session)
    new = described_sale((item.id, 100))
    first = recording.record_sale(store_session, seller_id=SELLER, new=new, day=DAY, now=NOW)

    again = recording.record_sale(store_session, seller_id=SELLER, new=new, day=DAY, now=NOW)
    other = described_sale((item.id, 200), key=new.key)

    assert again.id == first.id
    with pytest.raises(writing.KeyUsedOtherwise):
        recording.record_sale(store_session, seller_id=SELLER, new=other, day=DAY, now=NOW)


def test_the_same_key_from_many_threads_is_one_sale_and_numbers_have_no_gaps(
    store: Tenant,
) -> None:
    with tenant_session(store) as session:
        item_id = new_item(session).id
        session.commit()
    same = described_sale((item_id, 100))
    start = threading.Barrier(6)

    def record(n: int) -> tuple[int, str]:
        with tenant_session(store) as session:
            new = same if n % 2 else described_sale((item_id, 100))
            start.wait(timeout=30)
            sale = recording.record_sale(session, seller_id=SELLER, new=new, day=DAY, now=NOW)
            session.commit()
            return sale.id, sale.receipt_no

    with ThreadPoolExecutor(6) as pool:
        recorded = list(pool.map(record, range(6)))

    assert len({sale_id for n, (sale_id, _) in enumerate(recorded) if n % 2}) == 1
    assert {number for _, number in recorded} == {f"S-202506-{n:04d}" for n in range(1, 5)}


def test_a_refused_sale_leaves_no_gap(store: Tenant) -> None:
    with tenant_session(store) as session:
        item_id = new_item(session).id
        session.commit()
    with tenant_session(store) as session:
        new_sale(session, (item_id, 100))  # never committed

    with tenant_session(store) as session:
        assert new_sale(session, (item_id, 100)).receipt_no == "S-202506-0001"


def test_an_earlier_sale_moves_the_first_paid_day_and_marks_both_days(
    store_session: Session,
) -> None:
    item = new_item(store_session)
    guest = new_customer(store_session)
    new_sale(store_session, (item.id, 100), customer_id=guest.id, day=date(2025, 6, 20))
    marks.take(store_session, 10)

    new_sale(store_session, (item.id, 100), customer_id=guest.id, day=date(2025, 6, 3))

    marked = marks.take(store_session, 10)
    assert marked == [date(2025, 6, 3), date(2025, 6, 20)]
    counts = customers.new_counts(store_session, date(2025, 6, 1), date(2025, 6, 30))
    assert counts == {date(2025, 6, 3): 1}
    told = figures.first_paid_counts(store_session, date(2025, 6, 1), date(2025, 6, 30))
    assert told == counts


def test_walk_ins_count_each_and_a_customer_once(store_session: Session) -> None:
    item = new_item(store_session)
    guest = new_customer(store_session)
    for customer_id in (None, None, guest.id, guest.id):
        new_sale(store_session, (item.id, 100), customer_id=customer_id)
    new_sale(store_session, (item.id, 0))

    [total] = figures.day_figures(store_session, [DAY]).totals

    assert (total.visits, total.receipts) == (3, 5)
    assert figures.distinct_customers(store_session, DAY, DAY) == 1


def test_receipts_are_paged_newest_first(store_session: Session) -> None:
    item = new_item(store_session)
    made = [new_sale(store_session, (item.id, fen), day=DAY) for fen in (1, 2, 3)]

    first = receipts.page(store_session, first=DAY, last=DAY, limit=2)
    before = (first[-1].business_date, first[-1].id)
    rest = receipts.page(store_session, first=DAY, last=DAY, before=before)

    assert [sale.id for sale in (*first, *rest)] == [sale.id for sale in reversed(made)]


def test_a_closed_cash_day_refuses_sales(store_session: Session) -> None:
    item = new_item(store_session)
    new_sale(store_session, (item.id, 100))
    row = cash.cash_day(store_session, DAY)
    assert row is not None
    row.opening_fen, row.counted_fen, row.closed_at, row.state = 0, 100, NOW, "CLOSED"
    store_session.flush()

    with pytest.raises(drawer.CashDayClosed):
        new_sale(store_session, (item.id, 100))
