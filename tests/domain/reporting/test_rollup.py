"""Day rows follow the slips, months follow their days, and nothing else is touched."""

from datetime import date, time
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.catalog.rules import Category
from shared.domain.reporting.events import DaysRolledUp, RollUpDays
from shared.domain.reporting.queries import checks, days, detail, months, sales_report
from shared.domain.reporting.service import entries, rollup
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewCardRefund, NewRefund, Paid, RefundLine
from shared.domain.sales.service import card_refunds, recording
from shared.records import opening
from tests.factories import cards
from tests.factories.reporting import JUNE, NOW, SHOP, roll_up
from tests.factories.sales import MANAGER, SELLER, new_customer, new_item, new_sale

MAY = date(2025, 5, 1)


def refund(session: Session, sale: Sale, day: date, fen: int) -> None:
    recording.refund_sale(
        session,
        seller_id=SELLER,
        refund=NewRefund(
            key=uuid4(),
            sale_id=sale.id,
            lines=(RefundLine(line_id=sale.lines[0].id, quantity=0, amount_fen=fen),),
            tenders=(Paid(tender=Tender.CASH, amount_fen=fen),),
            reason="过敏",
        ),
        day=day,
        now=NOW,
    )


def written(session: Session, day: date) -> str | None:
    """The version of a day's row: it moves when the row is written again."""
    return session.execute(
        text("SELECT xmin::text || ctid::text FROM day_totals WHERE business_date = :day"),
        {"day": day},
    ).scalar()


def test_a_month_is_the_sum_of_its_days(store_session: Session) -> None:
    facial = new_item(store_session, cost_fen=30_00)
    cream = new_item(store_session, category=Category.PRODUCT)
    li, wang = new_customer(store_session, "李"), new_customer(store_session, "王")
    new_sale(store_session, (facial.id, 198_00), day=date(2025, 6, 3), customer_id=li.id)
    new_sale(store_session, (cream.id, 50_00), day=date(2025, 6, 3), customer_id=li.id)
    new_sale(store_session, (facial.id, 200_00), day=date(2025, 6, 9), customer_id=wang.id)
    new_sale(store_session, (facial.id, 10_00), day=date(2025, 6, 9))

    assert roll_up(store_session) == (JUNE,)

    figures = months.figures(store_session, JUNE, 0)
    assert figures["turnover", ""] == 458_00
    assert figures["turnover", "FACIAL"] == 408_00
    assert figures["turnover", "PRODUCT"] == 50_00
    assert figures["consumption", ""] == 408_00
    assert figures["direct_cost", "FACIAL"] == 90_00
    assert figures["product_sales", ""] == 50_00
    assert figures["cash_sales", ""] == figures["cash_receipts", "CASH"] == 458_00
    assert (figures["visits", ""], figures["customers", ""]) == (3, 2)
    assert (figures["new_customers", ""], figures["receipts", ""]) == (2, 4)
    assert figures["open_days", ""] == 9  # up to the last day that has figures
    assert checks.verify(store_session) == []


def test_only_the_changed_days_are_written_again(store_session: Session) -> None:
    item = new_item(store_session)
    first, second = date(2025, 6, 3), date(2025, 6, 4)
    new_sale(store_session, (item.id, 100), day=first)
    new_sale(store_session, (item.id, 100), day=second)
    roll_up(store_session)
    before = written(store_session, first)
    store_session.commit()

    new_sale(store_session, (item.id, 100), day=second)
    roll_up(store_session)

    assert written(store_session, first) == before
    assert months.figures(store_session, JUNE, 0)["turnover", ""] == 300


def test_nothing_changed_means_nothing_done(store_session: Session) -> None:
    assert roll_up(store_session) == ()
    item = new_item(store_session)
    new_sale(store_session, (item.id, 100), day=date(2025, 6, 3))
    roll_up(store_session)

    assert roll_up(store_session) == ()


def test_a_refund_lowers_the_day_and_month_it_is_given_in(store_session: Session) -> None:
    item = new_item(store_session)
    sale = new_sale(store_session, (item.id, 150_00), day=date(2025, 5, 30))
    roll_up(store_session)

    refund(store_session, sale, date(2025, 6, 2), 60_00)
    assert roll_up(store_session) == (JUNE,)

    may, june = (months.figures(store_session, month, 0) for month in (MAY, JUNE))
    assert (may["turnover", ""], may["refunds", ""]) == (150_00, 0)
    assert (june["turnover", ""], june["refunds", ""], june["cash_sales", ""]) == (
        -60_00,
        60_00,
        -60_00,
    )
    assert june["visits", ""] == 0
    assert checks.verify(store_session) == []


def test_a_card_given_back_for_nothing_stands_in_no_month(store_session: Session) -> None:
    card = cards.stored(store_session)
    cards.pay(store_session, card, new_item(store_session).id, 1_000_00)  # bonus is left
    roll_up(store_session)
    before = months.figures(store_session, JUNE, 0)
    nothing = (Paid(tender=Tender.CASH, amount_fen=0),)
    refund = NewCardRefund(key=uuid4(), card_id=card.id, reason="退", tenders=nothing)
    card_refunds.refund_card(
        store_session, seller_id=SELLER, refund=refund, day=cards.DAY, now=NOW, approver_id=MANAGER
    )
    roll_up(store_session)
    assert months.figures(store_session, JUNE, 0) == before
    rollup.roll_up_month_again(store_session, month=JUNE, now=NOW)
    assert months.figures(store_session, JUNE, 0) == before


def test_a_back_dated_first_visit_moves_the_new_customer(store_session: Session) -> None:
    item, guest = new_item(store_session), new_customer(store_session)
    new_sale(store_session, (item.id, 100), day=date(2025, 6, 5), customer_id=guest.id)
    roll_up(store_session)
    assert months.figures(store_session, JUNE, 0)["new_customers", ""] == 1

    new_sale(store_session, (item.id, 100), day=date(2025, 5, 5), customer_id=guest.id)
    assert roll_up(store_session) == (MAY, JUNE)

    assert months.figures(store_session, MAY, 0)["new_customers", ""] == 1
    assert months.figures(store_session, JUNE, 0)["new_customers", ""] == 0
    assert checks.verify(store_session) == []


def test_a_run_is_bounded_and_asks_for_the_rest(
    store_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "DAYS_PER_RUN", 2)
    item = new_item(store_session)
    for day in (1, 2, 3):
        new_sale(store_session, (item.id, 100), day=date(2025, 6, day))
    published: list[object] = []
    monkeypatch.setattr(rollup, "publish", lambda _, message: published.append(message))

    roll_up(store_session)

    assert months.figures(store_session, JUNE, 0)["turnover", ""] == 200
    assert published == [DaysRolledUp(months=(JUNE,)), RollUpDays()]
    roll_up(store_session)
    assert months.figures(store_session, JUNE, 0)["turnover", ""] == 300


def test_rows_spoilt_behind_our_back_are_found_and_repaired(store_session: Session) -> None:
    item = new_item(store_session)
    new_sale(store_session, (item.id, 100_00), day=date(2025, 6, 3))
    roll_up(store_session)
    store_session.execute(text("UPDATE day_items SET turnover_fen = turnover_fen + 1"))
    store_session.execute(
        text("UPDATE month_figures SET amount = amount - 1 WHERE indicator = 'visits'")
    )

    found = {(str(one.day), one.what) for one in checks.verify(store_session)}
    assert found == {("2025-06-03", "categories"), ("None", "visits")}

    rollup.roll_up_month_again(store_session, month=JUNE, now=NOW)
    assert checks.verify(store_session) == []


def test_a_slip_without_its_day_row_is_found(store_session: Session) -> None:
    item = new_item(store_session)
    new_sale(store_session, (item.id, 100_00), day=date(2025, 6, 3))

    found = {(str(one.day), one.what) for one in checks.verify(store_session)}

    assert ("2025-06-03", "totals") in found
    assert ("None", "month") in found


def test_the_day_report_shows_a_sale_at_once(store_session: Session) -> None:
    item = new_item(store_session)
    day = date(2025, 6, 3)
    new_sale(store_session, (item.id, 100_00), day=day)

    report = days.day_report(store_session, day)

    assert report.total.turnover_fen == 100_00
    assert report.cash.figures.all_receipts_fen == 100_00
    assert [sale.total_fen for sale in report.receipts] == [100_00]
    assert (report.is_shut, report.month_state) == (False, None)


def test_the_detail_has_closed_days_marks_and_last_month(store_session: Session) -> None:
    facial = new_item(store_session)
    body = new_item(store_session, category=Category.BODY)
    guest = new_customer(store_session)
    new_sale(store_session, (facial.id, 50_00), day=date(2025, 5, 20))
    new_sale(store_session, (facial.id, 90_00), day=date(2025, 6, 2), customer_id=guest.id)
    new_sale(store_session, (body.id, 10_00), day=date(2025, 6, 4))
    entries.close_on(store_session, day=date(2025, 6, 3), reason="盘点", actor=SHOP, now=NOW)
    roll_up(store_session)

    shown = detail.month_detail(store_session, JUNE)

    assert shown.total_fen == 100_00
    assert [row.is_open for row in shown.days[:4]] == [True, True, False, True]
    assert shown.marks.peak_days == (date(2025, 6, 2),)
    assert shown.marks.slack_days == (date(2025, 6, 1),)  # open, and nobody came
    assert str(shown.cell_share(date(2025, 6, 2), "FACIAL")) == "0.9000"
    by_name = {row.category: row for row in shown.items}
    assert (by_name["FACIAL"].is_main_push, by_name["BODY"].is_weak) == (True, True)
    assert by_name["PRODUCT"].is_weak is False  # never on sale
    assert (by_name["FACIAL"].previous_fen, str(by_name["FACIAL"].change)) == (50_00, "0.8000")
    assert shown.open_days == 3
    assert shown.average_per_open_day_fen == 33_33
    assert (shown.customers.new, shown.customers.previous_new) == (1, 0)
    assert shown.customers.new_growth is None
    assert shown.costs.result_fen == 100_00


def test_the_sales_report_compares_with_last_month_and_last_year(store_session: Session) -> None:
    facial = new_item(store_session)
    cream = new_item(store_session, category=Category.PRODUCT)
    new_sale(store_session, (facial.id, 80_00), day=date(2024, 6, 2))
    new_sale(store_session, (facial.id, 50_00), day=date(2025, 5, 20))
    new_sale(store_session, (facial.id, 90_00), (cream.id, 10_00), day=date(2025, 6, 2))
    roll_up(store_session)

    shown = sales_report.month_sales(store_session, JUNE)

    head = {row.indicator: row for row in shown.head}
    assert head["turnover"].amount_fen == 100_00
    assert str(head["turnover"].growth) == "1.0000"
    assert str(head["turnover"].growth_on_year) == "0.2500"
    assert head["refunds"].growth is None
    assert [(top.code, top.turnover_fen) for top in shown.top_items] == [
        (facial.code, 90_00),
        (cream.code, 10_00),
    ]
    assert dict(shown.tenders) == {"CASH": 100_00}
    assert shown.spend_per_customer_fen == 100_00


def test_opening_hours_decide_which_days_are_open(store_session: Session) -> None:
    from_nine = (time(9), time(21))
    entries.set_opening_hours(
        store_session, hours={7: from_nine, 6: from_nine}, actor=SHOP, now=NOW
    )

    found = opening.open_days(store_session, JUNE, date(2025, 6, 10))

    assert [day.day for day in found] == [1, 7, 8]
