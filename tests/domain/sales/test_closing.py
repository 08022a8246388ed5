"""The steps of a cash day: counted by piece, settled, rejected, closed, corrected later."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared import days, errors
from shared.domain.sales.models.cash import CashCorrection, CashDayStep
from shared.domain.sales.queries import cash as questions
from shared.domain.sales.queries import variances
from shared.domain.sales.rules import kinds, slips, tills
from shared.domain.sales.rules.kinds import Tender
from shared.domain.sales.rules.tills import Settlement
from shared.domain.sales.service import cash, correcting, counting, drawer
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import DAY, MANAGER, NOW, SELLER, new_item, new_sale, settled

NEXT = DAY + timedelta(days=1)
OTHER_MANAGER = UUID(int=3)


def _count(session: Session, *, day: date = DAY, **more: Any) -> None:
    count = tills.CashCount(day=day, **more)
    cash.count_cash(session, count=count, actor_id=SELLER, now=NOW)


def _close(session: Session, *, day: date = DAY, by: UUID = MANAGER) -> None:
    closing = tills.CashClosing(day=day, variance_reason="找零", manager_reason="已核实")
    cash.close_cash_day(session, closing=closing, actor_id=by, now=NOW)


def _agreed(session: Session, day: date = DAY, off_fen: int = 0) -> None:
    book_fen = questions.cash_report(session, day).figures.closing_fen
    _count(
        session,
        day=day,
        counted_fen=book_fen + off_fen,
        variance_reason="找零" if off_fen else None,
        settlements=settled(session, day),
    )
    _close(session, day=day)


def _codes(error: errors.DomainError) -> set[tuple[str, str]]:
    return {(found.field, found.code) for found in error.problems}


def test_pieces_are_counted_and_add_up(store_session: Session) -> None:
    new_sale(store_session, (new_item(store_session).id, 186_60))

    _count(store_session, denominations={100_00: 1, 50_00: 1, 20_00: 1, 10_00: 1, 5_00: 1,
                                         1_00: 1, 50: 1, 10: 1})  # fmt: skip

    report = questions.cash_report(store_session, DAY)
    assert (report.state, report.drawer.counted_fen) == ("SUBMITTED", 186_60)
    assert report.denominations[50_00] == 1
    with pytest.raises(errors.FormInvalid) as refused:
        _count(store_session, counted_fen=1, denominations={100_00: 2, 3_00: 1, 1_00: 10**6})
    assert _codes(refused.value) == {
        ("denominations", "ENUM"),
        ("denominations.100", "RANGE"),
        ("counted_fen", "SUM_MISMATCH"),
    }
    with pytest.raises(errors.FormInvalid) as refused:
        _count(store_session)
    assert _codes(refused.value) == {("counted_fen", "REQUIRED")}


def test_a_day_waits_for_every_tenders_total_and_a_difference_has_a_reason(
    store_session: Session,
) -> None:
    item = new_item(store_session)
    new_sale(store_session, (item.id, 300_00), tenders=[(Tender.WECHAT, 300_00)])
    new_sale(store_session, (item.id, 80_00), tenders=[(Tender.ALIPAY, 80_00)])

    with pytest.raises(cash.DayBlocked) as blocked:
        _count(store_session, counted_fen=0)
    assert _codes(blocked.value) == {
        ("settlements.WECHAT", "STATE"),
        ("settlements.ALIPAY", "STATE"),
    }
    wechat = Settlement(tender=Tender.WECHAT, amount_fen=299_00)
    with pytest.raises(errors.FormInvalid) as refused:
        _count(store_session, counted_fen=0, settlements=(wechat,))
    assert _codes(refused.value) == {
        ("settlements.WECHAT", "SUM_MISMATCH"),
        ("settlements.ALIPAY", "STATE"),
    }

    told = Settlement(tender=Tender.WECHAT, amount_fen=299_00, reason="手续费")
    alipay = Settlement(tender=Tender.ALIPAY, amount_fen=80_00)
    _count(store_session, counted_fen=0, settlements=(told, alipay))
    new_sale(store_session, (item.id, 10_00), tenders=[(Tender.BANKCARD, 10_00)])
    with pytest.raises(cash.DayBlocked) as blocked:  # sold since: the close asks again
        _close(store_session)
    assert _codes(blocked.value) == {("settlements.BANKCARD", "STATE")}


def test_a_half_done_count_is_kept_and_signs_nothing(store_session: Session) -> None:
    new_sale(store_session, (new_item(store_session).id, 200_00))

    so_far = tills.CashCount(day=DAY, denominations={100_00: 1})
    counting.save_count(store_session, count=so_far, actor_id=SELLER, now=NOW)

    report = questions.cash_report(store_session, DAY)
    assert (report.state, report.drawer.counted_fen, report.counted_by) == (
        "COUNTING", 100_00, None,
    )  # fmt: skip
    with pytest.raises(cash.NotCounted):
        _close(store_session)
    _count(store_session, counted_fen=200_00)
    with pytest.raises(drawer.AlreadySubmitted):
        counting.save_count(store_session, count=so_far, actor_id=SELLER, now=NOW)


def test_a_rejected_count_is_counted_again_and_stays_readable(store_session: Session) -> None:
    new_sale(store_session, (new_item(store_session).id, 200_00))
    with pytest.raises(counting.NotHandedIn):
        counting.reject_count(store_session, day=DAY, reason="再点", actor_id=MANAGER, now=NOW)
    _count(store_session, counted_fen=150_00, variance_reason="短款")

    counting.reject_count(store_session, day=DAY, reason="再点一次", actor_id=MANAGER, now=NOW)
    with pytest.raises(cash.NotCounted):
        _close(store_session)
    _count(store_session, counted_fen=200_00)
    _close(store_session)

    steps = store_session.scalars(select(CashDayStep).order_by(CashDayStep.id)).all()
    assert [(step.state, step.counted_fen, step.by_id) for step in steps] == [
        ("SUBMITTED", 150_00, SELLER),
        ("COUNTING", 150_00, MANAGER),
        ("SUBMITTED", 200_00, SELLER),
        ("CLOSED", 200_00, MANAGER),
    ]
    assert steps[1].reason == "再点一次"


def test_closed_reports_are_numbered_without_gaps(store_session: Session) -> None:
    item = new_item(store_session)
    for day in (DAY, NEXT):
        new_sale(store_session, (item.id, 100_00), day=day)

    _agreed(store_session, NEXT)
    _agreed(store_session, DAY)

    numbers = [questions.cash_report(store_session, day).number for day in (DAY, NEXT)]
    assert numbers == ["F08-202506-0002", "F08-202506-0001"]


def test_two_devices_close_at_once_and_the_second_is_told_who_did(store: Tenant) -> None:
    with tenant_session(store) as session:
        new_sale(session, (new_item(session).id, 100_00))
        _count(session, counted_fen=100_00)
        session.commit()
    start = Barrier(2)

    def act(by: UUID) -> object:
        with tenant_session(store) as session:
            start.wait()
            try:
                _close(session, by=by)
                session.commit()
            except drawer.CashDayClosed as late:
                return late.facts["by"]
            return by

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(act, (MANAGER, OTHER_MANAGER)))

    with tenant_session(store) as session:
        report = questions.cash_report(session, DAY)
    assert told == [report.closed_by] * 2
    assert [step.state for step in report.steps] == ["SUBMITTED", "CLOSED"]


def _late(session: Session, **more: Any) -> CashCorrection:
    new = slips.NewCorrection(key=uuid4(), of_day=DAY, day=NEXT, reason="小票夹在本子里", **more)
    return correcting.correct_day(session, new=new, actor_id=SELLER, approver_id=MANAGER, now=NOW)


def test_a_late_receipt_counts_today_and_explains_yesterdays_variance(
    store_session: Session,
) -> None:
    item = new_item(store_session)
    new_sale(store_session, (item.id, 100_00))
    _agreed(store_session, off_fen=50_00)  # somebody paid 50 yuan that nobody rang up
    slip = new_sale(store_session, (item.id, 50_00), day=NEXT)

    made = _late(store_session, receipt_no=slip.receipt_no)

    yesterday = questions.cash_report(store_session, DAY)
    today = questions.cash_report(store_session, NEXT)
    assert (yesterday.figures.variance_fen, yesterday.explained_fen) == (50_00, 0)
    assert today.figures.all_receipts_fen == 50_00
    assert today.figures.closing_fen == today.opening_fen == 150_00  # it lies there already
    assert [slip.id for slip in today.corrections] == [made.id]
    third = questions.cash_report(store_session, NEXT + timedelta(days=1))
    assert third.opening_fen == 150_00
    with pytest.raises(correcting.AlreadyCorrected):
        _late(store_session, receipt_no=slip.receipt_no)
    listed = variances.history(store_session, DAY, NEXT)
    assert [(one.fen, one.left_fen) for one in listed] == [(50_00, 0)]


def test_a_late_payment_counts_today_and_explains_yesterdays_variance(
    store_session: Session,
) -> None:
    new_sale(store_session, (new_item(store_session).id, 100_00))
    _agreed(store_session, off_fen=-30_00)
    payment = slips.NewPayment(
        key=uuid4(), day=NEXT, purpose=kinds.Purpose.MISC, payee="物业", amount_fen=30_00
    )

    _late(store_session, payment=payment)

    assert questions.cash_report(store_session, DAY).explained_fen == 0
    today = questions.cash_report(store_session, NEXT)
    assert today.drawer.cash_payments_fen == 30_00
    assert today.figures.closing_fen == today.opening_fen == 70_00


def test_a_correction_needs_a_closed_day_its_slip_and_a_second_person(
    store_session: Session,
) -> None:
    item = new_item(store_session)
    old = new_sale(store_session, (item.id, 100_00))
    with pytest.raises(correcting.NothingToCorrect):
        _late(store_session, receipt_no=old.receipt_no)
    _agreed(store_session)

    for number, code in ((old.receipt_no, "STATE"), ("S-1", "NOT_FOUND")):
        with pytest.raises(errors.FormInvalid) as refused:
            _late(store_session, receipt_no=number)
        assert _codes(refused.value) == {("receipt_no", code)}
    new = slips.NewCorrection(key=uuid4(), of_day=DAY, day=NEXT, reason="x", receipt_no="S-1")
    for approver in (None, SELLER):
        with pytest.raises(errors.FormInvalid) as refused:
            correcting.correct_day(
                store_session, new=new, actor_id=SELLER, approver_id=approver, now=NOW
            )
        assert _codes(refused.value) == {("approver_login", "LIMIT")}


def test_a_third_day_in_a_row_tells_the_headquarters(store: Tenant) -> None:
    with tenant_session(store) as session:
        item = new_item(session)
        for number in range(3):
            day = DAY + timedelta(days=number)
            new_sale(session, (item.id, 100_00), day=day)
            _agreed(session, day, off_fen=-5_00)
        session.commit()

    with tenant_session(store) as session:
        told = session.execute(
            text(
                "SELECT args->>'key' FROM ops.job WHERE kind = 'notifications.notify'"
                " AND args->>'event' = 'cash.variance'"
            )
        ).scalars()
        assert list(told) == [str(DAY + timedelta(days=2))]


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Asia/Shanghai", datetime(2025, 6, 10, 19, 59, tzinfo=UTC), date(2025, 6, 10)),
        ("Asia/Shanghai", datetime(2025, 6, 10, 20, 0, tzinfo=UTC), date(2025, 6, 11)),
        # Berlin, 26 October: 02:00-03:00 comes twice, both hours are still the night of the 25th
        ("Europe/Berlin", datetime(2025, 10, 26, 0, 30, tzinfo=UTC), date(2025, 10, 25)),
        ("Europe/Berlin", datetime(2025, 10, 26, 1, 30, tzinfo=UTC), date(2025, 10, 25)),
        ("Europe/Berlin", datetime(2025, 10, 26, 3, 0, tzinfo=UTC), date(2025, 10, 26)),
        # 30 March: 02:00-03:00 is missing, the day begins at 04:00 summer time
        ("Europe/Berlin", datetime(2025, 3, 30, 1, 59, tzinfo=UTC), date(2025, 3, 29)),
        ("Europe/Berlin", datetime(2025, 3, 30, 2, 0, tzinfo=UTC), date(2025, 3, 30)),
    ],
)
def test_the_day_changes_at_four_whatever_the_clocks_do(
    zone: str, instant: datetime, day: date
) -> None:
    assert days.business_day(instant, zone=zone, change_hour=4) == day


def test_days_around_a_change_of_the_clocks_close_one_by_one(store_session: Session) -> None:
    item = new_item(store_session)
    around = [date(2025, 10, 25), date(2025, 10, 26), date(2025, 10, 27)]
    for day in around:
        new_sale(store_session, (item.id, 100_00), day=day)
        _agreed(store_session, day)

    reports = [questions.cash_report(store_session, day) for day in around]
    assert [report.opening_fen for report in reports] == [0, 100_00, 200_00]
    assert [report.figures.variance_fen for report in reports] == [0, 0, 0]
