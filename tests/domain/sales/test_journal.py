"""The postings of closed days: each day's debits and credits have the same sum."""

from collections import Counter
from datetime import date

from sqlalchemy.orm import Session

from shared.domain.catalog.rules import Category
from shared.domain.sales.queries import journal
from shared.domain.sales.rules.kinds import Tender
from tests.factories import cards, reporting
from tests.factories.sales import DAY, new_customer, new_item, new_sale

FIRST, LAST = date(2025, 6, 1), date(2025, 6, 30)


def accounts(session: Session) -> dict[tuple[str, str], int]:
    """Give the month's balances by account; a debit is positive."""
    found: Counter[tuple[str, str]] = Counter()
    for one in journal.postings(session, FIRST, LAST):
        found[one.account, one.part] += one.debit_fen - one.credit_fen
    return dict(found)


def test_sales_and_cards_of_a_closed_day_balance(store_session: Session) -> None:
    facial, body = new_item(store_session), new_item(store_session, category=Category.BODY)
    guest = new_customer(store_session)
    tenders = [(Tender.CASH, 100_00), (Tender.WECHAT, 200_00)]
    new_sale(store_session, (facial.id, 300_00), customer_id=guest.id, tenders=tenders)
    cards.use(store_session, cards.package(store_session))  # 1,000.00 for three, one used
    value = cards.stored(store_session)  # 1,000.00 and 200.00 of bonus
    cards.pay(store_session, value, body.id, 1_100_00)
    reporting.close_days(store_session)

    found = journal.postings(store_session, FIRST, LAST)

    assert {one.day for one in found} == {DAY}
    assert sum(one.debit_fen for one in found) == sum(one.credit_fen for one in found)
    assert accounts(store_session) == {
        ("TENDER", "CASH"): 100_00,
        ("TENDER", "WECHAT"): 2_200_00,
        ("REVENUE", "FACIAL"): -300_00 - 333_33,
        ("REVENUE", "BODY"): -1_000_00,
        ("PREPAID", ""): -666_67,
    }


def test_a_day_that_is_not_closed_is_not_booked(store_session: Session) -> None:
    new_sale(store_session, (new_item(store_session).id, 300_00))
    assert journal.postings(store_session, FIRST, LAST) == []
