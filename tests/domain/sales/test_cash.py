"""The drawer: opened by what touches it, paid out of, counted by one and closed by another."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.sales.queries import cash as questions
from shared.domain.sales.rules import kinds, slips, tills
from shared.domain.sales.service import cash, drawer, periods
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import DAY, MANAGER, NOW, SELLER, new_item, new_sale, settled

NEXT = date(2025, 6, 11)
THIRD = date(2025, 6, 12)


def _pay(session: Session, fen: int, **more: Any) -> None:
    payment = slips.NewPayment(
        key=uuid4(), day=DAY, purpose=kinds.Purpose.MISC, payee="物业", amount_fen=fen
    )
    cash.pay_out(session, payment=payment, actor_id=SELLER, now=NOW, **more)


def _count(session: Session, fen: int, *, day: date = DAY, reason: str | None = None) -> None:
    count = tills.CashCount(
        day=day, counted_fen=fen, variance_reason=reason, settlements=settled(session, day)
    )
    cash.count_cash(session, count=count, actor_id=SELLER, now=NOW)


def _close(session: Session, *, day: date = DAY, by: UUID = MANAGER, **more: Any) -> None:
    closing = tills.CashClosing(day=day, **more)
    cash.close_cash_day(session, closing=closing, actor_id=by, now=NOW)


def _codes(error: errors.DomainError) -> set[tuple[str, str]]:
    return {(found.field, found.code) for found in error.problems}


def test_a_day_is_opened_paid_from_banked_counted_and_closed(store_session: Session) -> None:
    item = new_item(store_session, cost_fen=50_00)
    opening = tills.CashOpening(day=DAY, opening_fen=1000_00)
    cash.open_cash_day(store_session, opening=opening, now=NOW)
    new_sale(store_session, (item.id, 500_00))
    new_sale(store_session, (item.id, 300_00), tenders=[(kinds.Tender.WECHAT, 300_00)])
    _pay(store_session, 120_00)
    cash.deposit(store_session, day=DAY, total_fen=400_00, now=NOW)
    _count(store_session, 979_50, reason="找零")

    _close(store_session, counted_fen=979_50, manager_reason="已核实")

    report = questions.cash_report(store_session, DAY)
    assert (report.state, report.opening_fen) == ("CLOSED", 1000_00)
    assert (report.figures.closing_fen, report.figures.variance_fen) == (980_00, -50)
    assert report.figures.all_receipts_fen == 800_00
    assert report.figures.fund_use_rate == Fraction(12, 150)
    assert report.figures.margin_rate == {"FACIAL": Fraction(7, 8)}
    assert [payment.payee for payment in report.payments] == ["物业"]


def test_the_next_morning_carries_on_what_was_counted(store_session: Session) -> None:
    item = new_item(store_session)
    for day in (DAY, NEXT, THIRD):
        new_sale(store_session, (item.id, 100_00), day=day)
    before = questions.cash_report(store_session, THIRD)

    _count(store_session, 95_00, reason="短款")
    _close(store_session)

    after = questions.cash_report(store_session, THIRD)
    assert (before.opening_fen, list(before.unsettled)) == (200_00, [DAY, NEXT])
    assert (after.opening_fen, list(after.unsettled)) == (195_00, [NEXT])
    assert list(questions.open_cash_days(store_session, date(2025, 6, 1))) == [NEXT, THIRD]


def test_another_opening_than_the_evening_before_needs_a_reason(store_session: Session) -> None:
    cash.open_cash_day(
        store_session, opening=tills.CashOpening(day=DAY, opening_fen=100_00), now=NOW
    )
    other = tills.CashOpening(day=NEXT, opening_fen=90_00)

    with pytest.raises(errors.FormInvalid) as refused:
        cash.open_cash_day(store_session, opening=other, now=NOW)
    assert _codes(refused.value) == {("reason", "REQUIRED")}

    same = tills.CashOpening(day=NEXT, opening_fen=100_00)
    assert cash.open_cash_day(store_session, opening=same, now=NOW).opening_fen == 100_00


def test_a_large_payment_needs_another_person_and_a_key_pays_once(store_session: Session) -> None:
    for approver in (None, SELLER):
        with pytest.raises(errors.FormInvalid) as refused:
            _pay(store_session, 200_01, approver_id=approver)
        assert _codes(refused.value) == {("approver_login", "LIMIT")}
    _pay(store_session, 200_01, approver_id=MANAGER)
    small = slips.NewPayment(
        key=uuid4(), day=DAY, purpose=kinds.Purpose.RENT, payee="房东", amount_fen=1
    )

    twice = [
        cash.pay_out(store_session, payment=small, actor_id=SELLER, now=NOW).id for _ in range(2)
    ]

    assert twice[0] == twice[1]
    assert questions.cash_report(store_session, DAY).drawer.cash_payments_fen == 200_02


def test_a_variance_needs_reasons(store_session: Session) -> None:
    new_sale(store_session, (new_item(store_session).id, 100_00))

    with pytest.raises(errors.FormInvalid) as refused:
        _count(store_session, 70_00)
    assert _codes(refused.value) == {("variance_reason", "REQUIRED")}
    _count(store_session, 70_00, reason="短款")
    with pytest.raises(errors.FormInvalid) as refused:
        _close(store_session)
    assert _codes(refused.value) == {("manager_reason", "REQUIRED")}

    _close(store_session, manager_reason="已查监控")

    assert questions.cash_report(store_session, DAY).manager_reason == "已查监控"


def test_two_people_sign_and_only_once(store_session: Session) -> None:
    new_sale(store_session, (new_item(store_session).id, 100_00))
    with pytest.raises(cash.NotCounted):
        _close(store_session)
    _count(store_session, 100_00)
    own = tills.CashClosing(day=DAY)

    with pytest.raises(cash.SamePerson):
        cash.close_cash_day(store_session, closing=own, actor_id=SELLER, now=NOW)
    with pytest.raises(cash.CountChanged):
        _close(store_session, counted_fen=99_00)
    _close(store_session)

    _close(store_session)  # asked again by the one who closed it: a lost answer, a reload
    other = UUID(int=9)
    with pytest.raises(drawer.CashDayClosed) as late:
        cash.close_cash_day(store_session, closing=own, actor_id=other, now=NOW)
    assert late.value.facts == {"day": DAY, "by": MANAGER, "at": NOW}
    with pytest.raises(drawer.CashDayClosed):
        _pay(store_session, 1)


def test_what_is_sold_after_the_count_is_judged_at_the_close(store_session: Session) -> None:
    item = new_item(store_session)
    new_sale(store_session, (item.id, 100_00))
    _count(store_session, 100_00)
    new_sale(store_session, (item.id, 10_00))

    with pytest.raises(errors.FormInvalid) as refused:
        _close(store_session)

    assert _codes(refused.value) == {("variance_reason", "REQUIRED")}


def test_a_closed_month_refuses_cash(store_session: Session) -> None:
    periods.close_period(store_session, date(2025, 6, 1), NOW)

    with pytest.raises(periods.PeriodClosed):
        _pay(store_session, 1)
    with pytest.raises(periods.PeriodClosed):
        cash.deposit(store_session, day=DAY, total_fen=1, now=NOW)


def test_a_day_closes_once_and_no_sale_slips_in(store: Tenant) -> None:
    with tenant_session(store) as session:
        item_id = new_item(session).id
        new_sale(session, (item_id, 100_00))
        _count(session, 100_00)
        session.commit()

    def act(n: int) -> str:
        with tenant_session(store) as session:
            try:
                if n % 3 == 0:
                    _close(session, by=UUID(int=100 + n))
                else:
                    new_sale(session, (item_id, 1_00))
                session.commit()
            except errors.DomainError as refused:
                return type(refused).__name__
            return "closed" if n % 3 == 0 else "sold"

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(act, range(9)))

    with tenant_session(store) as session:
        report = questions.cash_report(session, DAY)
    assert outcomes.count("closed") <= 1
    assert report.drawer.receipts_fen == {"CASH": 100_00 + 1_00 * outcomes.count("sold")}
    if "closed" in outcomes:
        assert report.figures.variance_fen == 0
