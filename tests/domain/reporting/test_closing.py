"""A month goes from open to closed, back, and again; every version stays readable (W9, P7)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.reporting.queries import checks, months, sales_report
from shared.domain.reporting.rules import states
from shared.domain.reporting.rules.states import JOB, CostKind
from shared.domain.reporting.service import closing, entries, rollup
from shared.domain.sales.service import periods, recording
from shared.records import periods as record_months
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import reporting
from tests.factories.reporting import HQ, JUNE, LATER, NOW, SHOP, TODAY, roll_up
from tests.factories.sales import SELLER, described_sale, new_customer, new_item, new_sale

MAY = date(2025, 5, 1)
DAY = date(2025, 6, 3)
LATE_DAY = date(2025, 6, 20)


def sell(session: Session, fen: int, day: date = DAY, *, now: datetime = NOW) -> None:
    new = described_sale((new_item(session).id, fen))
    recording.record_sale(session, seller_id=SELLER, new=new, day=day, now=now)


def state_of(session: Session, month: date = JUNE) -> tuple[str, int]:
    held = months.get(session, month)
    session.refresh(held)
    return held.state, held.revision


def test_a_month_is_computed_reviewed_and_closed_and_each_step_is_kept(
    store_session: Session,
) -> None:
    sell(store_session, 100_00)

    reporting.closed(store_session)

    assert state_of(store_session) == ("CLOSED", 1)
    steps = [
        (step.from_state, step.to_state, step.by_name) for step in months.steps(store_session, JUNE)
    ]
    assert steps == [
        ("OPEN", "COMPUTED", "李店长"),
        ("COMPUTED", "REVIEWED", "李店长"),
        ("REVIEWED", "CLOSED", "总部 王敏"),
    ]
    assert checks.verify(store_session) == []
    with pytest.raises(periods.PeriodClosed):
        sell(store_session, 1, day=LATE_DAY)


def test_a_job_leaves_a_month_with_gaps_open_and_names_them(store_session: Session) -> None:
    sell(store_session, 100_00)

    found = closing.compute_month(store_session, month=JUNE, actor=JOB, day=TODAY, now=NOW)

    assert (found.state, found.revision) == ("OPEN", 0)
    assert found.gaps.open_days == (DAY,)
    with pytest.raises(closing.MonthHasGaps) as caught:
        closing.compute_month(store_session, month=JUNE, actor=SHOP, day=TODAY, now=NOW)
    assert [problem.field for problem in caught.value.problems] == ["days.2025-06-03"]


def test_a_month_that_is_not_over_is_not_computed(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.close_days(store_session)
    last = date(2025, 6, 30)

    found = closing.compute_month(store_session, month=JUNE, actor=JOB, day=last, now=NOW)

    assert found.gaps.is_running
    assert state_of(store_session) == ("OPEN", 0)


def test_computing_again_without_a_change_makes_no_revision(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.computed(store_session)
    hashes = [row.inputs_hash for row in months.revisions(store_session, JUNE)]

    found = closing.compute_month(store_session, month=JUNE, actor=SHOP, day=TODAY, now=LATER)

    assert found.revision == 1
    assert [row.inputs_hash for row in months.revisions(store_session, JUNE)] == hashes
    assert len(months.steps(store_session, JUNE)) == 1


def test_a_late_sale_makes_the_next_revision_and_undoes_the_review(
    store_session: Session,
) -> None:
    sell(store_session, 100_00)
    reporting.reviewed(store_session)
    first = months.figures(store_session, JUNE, 1)

    sell(store_session, 30_00, day=LATE_DAY)
    roll_up(store_session, now=LATER)

    assert state_of(store_session) == ("COMPUTED", 2)
    assert months.figures(store_session, JUNE, 1) == first
    assert months.figures(store_session, JUNE, 2)["turnover", ""] == 130_00
    with pytest.raises(closing.MonthHasGaps):  # the late day is not closed
        closing.review_month(store_session, month=JUNE, actor=SHOP, now=LATER, acknowledged="补录")


def test_missing_cost_lines_are_confirmed_with_a_reason(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.computed(store_session)
    entries.set_cost(
        store_session, month=JUNE, kind=CostKind.RENT, amount_fen=50_00, actor=SHOP, now=NOW
    )

    with pytest.raises(closing.CostsMissing) as caught:
        closing.review_month(store_session, month=JUNE, actor=SHOP, now=NOW)
    closing.review_month(store_session, month=JUNE, actor=SHOP, now=NOW, acknowledged="新店免租")

    assert [problem.field for problem in caught.value.problems] == [
        "costs.WAGES", "costs.MATERIALS", "costs.UTILITIES", "costs.MARKETING", "costs.OTHER",
    ]  # fmt: skip
    assert state_of(store_session) == ("REVIEWED", 2)
    assert months.steps(store_session, JUNE)[-1].reason == "新店免租"


def test_a_cost_changes_the_month_and_not_a_closed_one(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.reviewed(store_session)
    entries.set_cost(
        store_session, month=JUNE, kind=CostKind.RENT, amount_fen=1, actor=SHOP, now=NOW
    )
    assert state_of(store_session) == ("COMPUTED", 2)

    closing.review_month(store_session, month=JUNE, actor=SHOP, now=NOW)
    closing.close_month(store_session, month=JUNE, actor=HQ, has_hq=True, now=NOW)

    with pytest.raises(entries.MonthClosedForEntries):
        entries.set_cost(
            store_session, month=JUNE, kind=CostKind.RENT, amount_fen=2, actor=SHOP, now=NOW
        )
    with pytest.raises(errors.FormInvalid):
        entries.set_cost(
            store_session, month=JUNE, kind=CostKind.RENT, amount_fen=-1, actor=SHOP, now=NOW
        )


def test_a_review_is_sent_back_with_its_reason(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.reviewed(store_session)

    with pytest.raises(states.ReasonMissing):
        closing.send_back(store_session, month=JUNE, reason=" ", actor=SHOP, now=NOW)
    closing.send_back(store_session, month=JUNE, reason="房租有误", actor=HQ, now=NOW)

    assert state_of(store_session) == ("COMPUTED", 1)
    with pytest.raises(states.MonthNotThere):
        closing.send_back(store_session, month=JUNE, reason="再查", actor=SHOP, now=NOW)


def test_with_a_headquarters_the_manager_does_not_close(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.reviewed(store_session)

    with pytest.raises(states.HeadquartersDecides):
        closing.close_month(store_session, month=JUNE, actor=SHOP, has_hq=True, now=NOW)
    closing.close_month(store_session, month=JUNE, actor=SHOP, has_hq=False, now=NOW)

    assert state_of(store_session) == ("CLOSED", 1)


def test_the_calendar_closes_what_is_reviewed_and_nothing_else(store_session: Session) -> None:
    def due() -> bool:
        return closing.close_due_month(store_session, month=JUNE, has_hq=True, now=NOW)

    assert due() is False
    sell(store_session, 100_00)
    reporting.computed(store_session)
    assert due() is False
    reporting.reviewed(store_session)
    assert due() is True
    assert due() is False
    assert state_of(store_session)[0] == "CLOSED"


def test_months_close_oldest_first(store_session: Session) -> None:
    sell(store_session, 10_00, day=date(2025, 5, 3))
    sell(store_session, 100_00)
    reporting.reviewed(store_session)

    with pytest.raises(closing.EarlierMonthOpen):
        closing.close_month(store_session, month=JUNE, actor=HQ, has_hq=True, now=NOW)
    assert closing.close_due_month(store_session, month=JUNE, has_hq=True, now=NOW) is False
    reporting.closed(store_session, MAY)
    closing.close_month(store_session, month=JUNE, actor=HQ, has_hq=True, now=NOW)

    assert state_of(store_session)[0] == "CLOSED"


def test_a_closed_month_keeps_its_figures_and_says_that_it_is_stale(
    store_session: Session,
) -> None:
    item, guest = new_item(store_session), new_customer(store_session).id
    new_sale(store_session, (item.id, 100), day=DAY, customer_id=guest)
    reporting.closed(store_session)
    kept = months.figures(store_session, JUNE, 1)

    # a first visit that turns up in May: June has one new customer fewer
    new_sale(store_session, (item.id, 100), day=date(2025, 5, 3), customer_id=guest)
    roll_up(store_session, now=LATER)

    assert months.get(store_session, JUNE).stale is True
    assert months.figures(store_session, JUNE, 1) == kept
    known = [one for one in checks.verify(store_session) if one.month == JUNE]
    assert [(one.what, one.is_known) for one in known] == [("new_customers", True)]


def test_a_reopened_month_is_corrected_as_the_next_revision_with_its_differences(
    store_session: Session,
) -> None:
    sell(store_session, 100_00)
    reporting.closed(store_session)
    kept = months.figures(store_session, JUNE, 1)

    with pytest.raises(states.ReasonMissing):
        reopen(store_session, reason=None)
    reopen(store_session, reason="漏记一笔")
    assert state_of(store_session) == ("REOPENED", 1)
    sell(store_session, 30_00, day=LATE_DAY, now=LATER)
    roll_up(store_session, now=LATER)
    assert months.shown_figures(store_session, JUNE) == months.figures(store_session, JUNE, 0)
    reporting.computed(store_session, now=LATER)
    closing.review_month(store_session, month=JUNE, actor=SHOP, now=LATER)
    closing.close_month(store_session, month=JUNE, actor=HQ, has_hq=True, now=LATER)

    assert state_of(store_session) == ("CLOSED", 2)
    assert months.figures(store_session, JUNE, 1) == kept
    report = checks.difference_report(store_session, JUNE, old=1, new=2)
    by_key = {(one.indicator, one.part): one.delta for one in report.figures}
    assert by_key["turnover", ""] == by_key["turnover", "FACIAL"] == 30_00
    assert by_key["visits", ""] == by_key["receipts", ""] == 1
    assert report.cells == [(LATE_DAY, "FACIAL", 0, 30_00)]
    assert [(slip.day, slip.total_fen) for slip in report.slips] == [(LATE_DAY, 30_00)]
    assert sales_report.month_sales(store_session, JUNE, revision=1).head[0].amount_fen == 100_00
    assert checks.verify(store_session) == []


def test_only_the_headquarters_reopens(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.closed(store_session)

    with pytest.raises(states.HeadquartersDecides):
        reopen(store_session, actor=SHOP)
    reopen(store_session, actor=SHOP, has_hq=False)
    with pytest.raises(states.MonthNotThere):
        reopen(store_session)


def test_a_month_that_has_only_costs_keeps_no_later_one_from_closing(
    store_session: Session,
) -> None:
    entries.set_cost(
        store_session, month=MAY, kind=CostKind.RENT, amount_fen=1, actor=SHOP, now=NOW
    )
    sell(store_session, 100_00)

    reporting.closed(store_session)

    assert (state_of(store_session), state_of(store_session, MAY)) == (("CLOSED", 1), ("OPEN", 0))


def test_a_month_without_any_sale_is_begun_by_the_calendar(store_session: Session) -> None:
    found = closing.compute_month(store_session, month=JUNE, actor=JOB, day=TODAY, now=NOW)

    assert (found.state, found.revision) == ("COMPUTED", 1)
    assert months.figures(store_session, JUNE, 1)["turnover", ""] == 0


def test_a_month_nobody_touched_is_not_there(store_session: Session) -> None:
    for verb in (
        lambda: closing.compute_month(store_session, month=JUNE, actor=SHOP, day=TODAY, now=NOW),
        lambda: closing.review_month(store_session, month=JUNE, actor=SHOP, now=NOW),
        lambda: closing.send_back(store_session, month=JUNE, reason="x", actor=SHOP, now=NOW),
        lambda: closing.close_month(store_session, month=JUNE, actor=HQ, has_hq=True, now=NOW),
        lambda: reopen(store_session),
    ):
        with pytest.raises(months.NoSuchMonth):
            verb()


def test_sums_that_do_not_agree_stop_the_computation(
    store_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(store_session, 100_00)
    reporting.close_days(store_session)
    monkeypatch.setattr(rollup, "write_days", lambda *_: None)  # a rollup that loses a day

    with pytest.raises(closing.SumsDiffer):
        closing.compute_month(store_session, month=JUNE, actor=JOB, day=TODAY, now=NOW)


def test_of_two_who_close_at_once_one_wins_and_the_other_is_told(store: Tenant) -> None:
    with tenant_session(store) as session:
        sell(session, 100_00)
        reporting.reviewed(session)
        session.commit()
    start = threading.Barrier(2)

    def close() -> str:
        with tenant_session(store) as session:
            start.wait(timeout=10)
            try:
                closing.close_month(session, month=JUNE, actor=HQ, has_hq=True, now=NOW)
            except states.MonthNotThere:
                return "told"
            session.commit()
            return "closed"

    with ThreadPoolExecutor(2) as pool:
        outcomes = [future.result(30) for future in [pool.submit(close), pool.submit(close)]]

    assert sorted(outcomes) == ["closed", "told"]
    with tenant_session(store) as session:
        assert [step.to_state for step in months.steps(session, JUNE)].count("CLOSED") == 1


def test_sales_and_rollups_at_once_lose_nothing(store: Tenant) -> None:
    with tenant_session(store) as session:
        item_id = new_item(session).id
        session.commit()

    def sell_some(day: int) -> None:
        for _ in range(6):
            with tenant_session(store) as session:
                new_sale(session, (item_id, 100), day=date(2025, 6, day))
                session.commit()

    def roll_some(_: int) -> None:
        for _ in range(8):
            with tenant_session(store) as session:
                roll_up(session)
                session.commit()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(sell_some, 3), pool.submit(sell_some, 4)]
        done += [pool.submit(roll_some, 0), pool.submit(roll_some, 1)]
        for future in done:
            future.result(60)

    with tenant_session(store) as session:
        roll_up(session)
        assert months.figures(session, JUNE, 0)["turnover", ""] == 1200
        assert checks.verify(session) == []


def reopen(
    session: Session,
    *,
    reason: str | None = "漏记一笔",
    actor: states.Actor = HQ,
    has_hq: bool = True,
) -> None:
    why = states.Why(reason=reason, forms=("SALES",))
    closing.reopen_month(session, month=JUNE, why=why, actor=actor, has_hq=has_hq, now=LATER)


def test_a_closed_month_takes_no_form_either_until_it_is_reopened(store_session: Session) -> None:
    sell(store_session, 100_00)
    reporting.closed(store_session)
    with pytest.raises(record_months.MonthClosed):
        record_months.check_open(store_session, DAY)
    record_months.check_open(store_session, MAY)

    reopen(store_session, reason="漏记一笔")

    record_months.check_open(store_session, DAY)
