"""A deposit is a receipt of its own: cash, no turnover, noted on its appointment."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.rules.stages import CancelReason
from shared.domain.appointments.service import deposits as appointments
from shared.domain.appointments.service import moving, visits
from shared.domain.sales.models.receipts import Sale
from shared.domain.sales.queries import figures
from shared.domain.sales.rules import kinds, slips
from shared.domain.sales.service import deposits, recording, settling
from shared.errors import FormInvalid
from shared.records.queries import NoSuchRecord
from tests.factories import visits as house
from tests.factories.appointments import booked
from tests.factories.records import ANNA, NOW, TODAY, editor
from tests.factories.sales import new_item

WECHAT = (slips.Paid(tender=kinds.Tender.WECHAT, amount_fen=100_00),)


def take(session: Session, appointment_id: int, key: UUID | None = None) -> int:
    """Take a hundred yuan for an appointment."""
    sale = deposits.take_deposit(
        session, appointment_id=appointment_id, paid=WECHAT, key=key or uuid4(), seller_id=ANNA,
        at=(TODAY, NOW),
    )  # fmt: skip
    return sale.id


def test_a_deposit_is_cash_and_no_turnover_and_comes_back(store_session: Session) -> None:
    row = booked(store_session, deposit_fen=100_00)
    sale_id = take(store_session, row.id)
    store_session.flush()
    line = store_session.execute(text("SELECT id, kind, cost_fen FROM sale_lines")).one()
    assert tuple(line[1:]) == ("DEPOSIT", 0)
    store_session.refresh(row)
    assert row.deposit_paid_fen == 100_00
    day = figures.day_figures(store_session, [TODAY]).totals[0]
    assert (day.turnover_fen, day.cash_sales_fen, day.visits) == (0, 100_00, 0)
    refund = slips.NewRefund(
        key=uuid4(), sale_id=sale_id, tenders=WECHAT, reason="取消",
        lines=(slips.RefundLine(line_id=line.id, quantity=1, amount_fen=100_00),),
    )  # fmt: skip
    recording.refund_sale(store_session, seller_id=ANNA, refund=refund, day=TODAY, now=NOW)
    store_session.flush()
    store_session.refresh(row)
    assert row.deposit_paid_fen == 0


def test_a_repeated_key_is_noted_once(store_session: Session) -> None:
    row, key = booked(store_session), uuid4()
    first = take(store_session, row.id, key)
    later = deposits.take_deposit(
        store_session, appointment_id=row.id, paid=WECHAT, key=key, seller_id=ANNA,
        at=(TODAY, NOW.replace(minute=1)),
    )  # fmt: skip
    store_session.refresh(row)
    assert (later.id, row.deposit_paid_fen) == (first, 100_00)


def test_nothing_is_taken_for_what_is_over_or_not_there(store_session: Session) -> None:
    row = booked(store_session)
    moving.cancel(
        store_session, appointment_id=row.id, version=1, why=CancelReason.STORE, by=editor()
    )
    with pytest.raises(FormInvalid):
        take(store_session, row.id)
    with pytest.raises(NoSuchRecord):
        take(store_session, 10**9)


def a_guest_with_a_deposit(session: Session, *, price_fen: int) -> Visit:
    """Let somebody who paid 100.00 ahead come, be treated and be shown the result."""
    row = booked(session, deposit_fen=100_00)
    take(session, row.id)
    item = new_item(session, price_fen=price_fen)
    visit, card = house.begun(session, house.single(item.id))
    visit.appointment_id = row.id
    house.sign(session, card)
    visits.check_result(session, visit, by=house.later(editor()))
    return visit


def settled(session: Session, visit: Visit, paid_fen: int) -> Sale | None:
    """Settle with so much cash."""
    tenders = (slips.Paid(tender=kinds.Tender.CASH, amount_fen=paid_fen),) if paid_fen else ()
    return settling.settle_visit(
        session, visit_id=visit.id, version=visit.version, key=uuid4(), tenders=tenders,
        by=house.later(editor()),
    )  # fmt: skip


def test_a_deposit_is_taken_off_what_the_guest_pays(store_session: Session) -> None:
    visit = a_guest_with_a_deposit(store_session, price_fen=300_00)

    with pytest.raises(FormInvalid):
        settled(store_session, visit, 300_00)
    sale = settled(store_session, visit, 200_00)

    assert sale is not None
    assert sale.total_fen == 200_00
    day = figures.day_figures(store_session, [TODAY]).totals[0]
    assert (day.turnover_fen, day.cash_sales_fen) == (300_00, 300_00)
    assert left(store_session, visit) == 0


def test_a_deposit_above_the_price_stays_for_what_it_is_above(store_session: Session) -> None:
    visit = a_guest_with_a_deposit(store_session, price_fen=60_00)

    sale = settled(store_session, visit, 0)

    assert sale is not None
    assert (sale.total_fen, left(store_session, visit)) == (0, 40_00)
    deposit = store_session.execute(
        text("SELECT s.id, l.id FROM sales s JOIN sale_lines l ON l.sale_id = s.id ORDER BY 1")
    ).first()
    assert deposit is not None
    refund = slips.NewRefund(
        key=uuid4(), sale_id=deposit[0], tenders=WECHAT, reason="取消",
        lines=(slips.RefundLine(line_id=deposit[1], quantity=1, amount_fen=100_00),),
    )  # fmt: skip
    with pytest.raises(appointments.DepositUsed):
        recording.refund_sale(store_session, seller_id=ANNA, refund=refund, day=TODAY, now=NOW)


def left(session: Session, visit: Visit) -> int:
    """Tell what is left of the deposit."""
    session.flush()
    return appointments.left_fen(session, visit.appointment_id)
