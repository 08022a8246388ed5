"""What samples and gifts bring: each guest and each receipt once, thirty days, no base no ratio."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.reporting.queries import handouts
from shared.records import service
from tests.factories.records import TODAY, editor, handout
from tests.factories.sales import new_customer, new_item, new_sale

JUNE = date(2025, 6, 1)


def test_a_month_says_what_its_gifts_cost_and_brought(store_session: Session) -> None:
    facial = new_item(store_session)
    buys, looks = new_customer(store_session), new_customer(store_session)
    for customer in (buys, buys, looks):
        typed = handout(store_session, customer=customer.id, qty=1)
        service.keep_new(store_session, HANDOUTS, typed=typed, by=editor())
    service.keep_new(store_session, HANDOUTS, typed=handout(store_session, qty=1), by=editor())
    for days in (0, 3, 31):
        day = TODAY + timedelta(days=days)
        new_sale(store_session, (facial.id, 100_00), day=day, customer_id=buys.id)

    found = handouts.effect(store_session, JUNE)

    assert (found.handouts, found.received, found.converted) == (4, 2, 1)
    assert (found.cost_fen, found.sales_fen) == (20_00, 100_00)
    assert (found.conversion_rate, found.sales_per_cost) == (Decimal("0.5000"), Decimal("5.0000"))


def test_without_a_base_there_is_no_ratio(store_session: Session) -> None:
    found = handouts.effect(store_session, JUNE)
    assert (found.conversion_rate, found.sales_per_cost, found.sales_fen) == (None, None, 0)
