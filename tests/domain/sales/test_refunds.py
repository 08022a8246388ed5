"""Refunds: never above what is left, negative on the receipt, on their own day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.catalog.rules import Category
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import figures, receipts
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.slips import NewRefund, Paid, RefundLine
from shared.domain.sales.service import recording
from shared.records import marks
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import MANAGER, NOW, SELLER, new_item, new_sale

LATER = date(2025, 6, 12)


def _described(sale_id: int, line_id: int, fen: int, quantity: int = 0) -> NewRefund:
    return NewRefund(
        key=uuid4(),
        sale_id=sale_id,
        lines=(RefundLine(line_id=line_id, quantity=quantity, amount_fen=fen),),
        tenders=(Paid(tender=Tender.CASH, amount_fen=fen),),
        reason="过敏",
    )


def _refund(
    session: Session, described: NewRefund, *, day: date = LATER, approver: UUID | None = None
) -> Sale:
    return recording.refund_sale(
        session, seller_id=SELLER, refund=described, day=day, now=NOW, approver_id=approver
    )


def _codes(error: errors.DomainError) -> set[tuple[str, str]]:
    return {(found.field, found.code) for found in error.problems}


def test_a_refund_lowers_turnover_and_cash_sales_of_its_own_day(store_session: Session) -> None:
    cream = new_item(store_session, category=Category.PRODUCT, cost_fen=40_00)
    sale = new_sale(store_session, (cream.id, 150_00))
    marks.take(store_session, 10)

    refund = _refund(store_session, _described(sale.id, sale.lines[0].id, 100_00, quantity=1))

    assert (refund.kind, refund.total_fen, refund.refund_of) == ("REFUND", -100_00, sale.id)
    assert refund.receipt_no == "S-202506-0002"
    assert (refund.lines[0].quantity, refund.lines[0].cost_fen) == (-1, -40_00)
    first, second = figures.day_figures(store_session, [sale.business_date, LATER]).totals
    assert (first.turnover_fen, first.refunds_fen) == (150_00, 0)
    assert (second.turnover_fen, second.cash_sales_fen) == (-100_00, -100_00)
    assert (second.refunds_fen, second.visits, second.receipts) == (100_00, 0, 0)
    assert marks.take(store_session, 10) == [LATER]
    assert [r.id for r in receipts.refunds_of(store_session, sale.id)] == [refund.id]


def test_more_than_what_is_left_of_a_line_is_refused(store_session: Session) -> None:
    item = new_item(store_session)
    sale = new_sale(store_session, (item.id, 150_00), (item.id, 500_00))
    line_id = sale.lines[0].id
    _refund(store_session, _described(sale.id, line_id, 100_00))

    with pytest.raises(errors.FormInvalid) as refused:
        _refund(store_session, _described(sale.id, line_id, 50_01, quantity=2))
    assert _codes(refused.value) == {("lines.0.amount_fen", "RANGE"), ("lines.0.quantity", "RANGE")}

    _refund(store_session, _described(sale.id, line_id, 50_00, quantity=1))
    with pytest.raises(errors.FormInvalid):
        _refund(store_session, _described(sale.id, line_id, 1))


def test_a_large_refund_needs_another_person(store_session: Session) -> None:
    item = new_item(store_session)
    sale = new_sale(store_session, (item.id, 500_00))
    described = _described(sale.id, sale.lines[0].id, 200_01)

    for approver in (None, SELLER):
        with pytest.raises(errors.FormInvalid) as refused:
            _refund(store_session, described, approver=approver)
        assert _codes(refused.value) == {("approver_login", "LIMIT")}

    assert _refund(store_session, described, approver=MANAGER).approver_id == MANAGER


def test_what_is_no_line_of_this_sale_is_not_found_and_a_refund_is_not_refunded(
    store_session: Session,
) -> None:
    item = new_item(store_session)
    sale = new_sale(store_session, (item.id, 100_00))
    other = new_sale(store_session, (item.id, 100_00))
    refund = _refund(store_session, _described(sale.id, sale.lines[0].id, 10_00))

    with pytest.raises(errors.FormInvalid) as refused:
        _refund(store_session, _described(sale.id, other.lines[0].id, 1), day=date(2025, 6, 1))
    assert _codes(refused.value) == {
        ("lines.0.line_id", "NOT_FOUND"),
        ("business_date", "DATE_ORDER"),
    }
    with pytest.raises(errors.FormInvalid):
        _refund(store_session, _described(refund.id, refund.lines[0].id, 1))
    with pytest.raises(receipts.NoSuchSale):
        _refund(store_session, _described(999_999, 1, 1))


def test_a_repeated_key_refunds_once(store_session: Session) -> None:
    item = new_item(store_session)
    sale = new_sale(store_session, (item.id, 100_00))
    described = _described(sale.id, sale.lines[0].id, 60_00)

    first = _refund(store_session, described)

    assert _refund(store_session, described).id == first.id


def test_refunds_at_the_same_time_never_give_back_more_than_was_paid(store: Tenant) -> None:
    with tenant_session(store) as session:
        sale = new_sale(session, (new_item(session).id, 100_00))
        session.commit()
        line_id = sale.lines[0].id

    def refund(n: int) -> int:
        day = date(2025, 6 + n % 2, 20)  # two months: not only the month's lock holds them apart
        with tenant_session(store) as session:
            try:
                given = _refund(session, _described(sale.id, line_id, 40_00), day=day).total_fen
            except errors.FormInvalid:
                return 0
            session.commit()
            return given

    with ThreadPoolExecutor(6) as pool:
        given_back = sum(pool.map(refund, range(6)))

    assert given_back == -80_00
