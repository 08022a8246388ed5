"""Two transactions crosswise over one month, forced, not hoped for."""

import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy.orm import Session

from shared.domain.reporting.queries import checks, months
from shared.domain.reporting.service import closing, rollup
from shared.domain.sales.service import importing
from shared.records import marks
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories import reporting
from tests.factories.franchise import in_store
from tests.factories.reporting import JUNE, NOW, SHOP, TODAY, roll_up
from tests.factories.sales import MANAGER, new_item, new_sale
from tests.waiting import PATIENCE_SECONDS, is_waiting, until

DAY = JUNE.replace(day=3)


class Halfway:
    """A rollup that has taken its marks and stops before it holds its months."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self._owner = 0
        real = rollup.hold_months

        def hold_months(*given: Any, **more: Any) -> Any:
            if threading.get_ident() == self._owner:
                self.reached.set()
                assert self.go_on.wait(PATIENCE_SECONDS)
            return real(*given, **more)

        monkeypatch.setattr(rollup, "hold_months", hold_months)

    def roll_up(self, store: Tenant) -> None:
        """Roll up as the job does, stopping halfway."""
        self._owner = threading.get_ident()
        with tenant_session(store) as session:
            roll_up(session)
            session.commit()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture
def june(store: Tenant) -> Tenant:
    """A store whose June is over and closed day by day; its last sale is still to be rolled up."""
    with tenant_session(store) as session:
        item = new_item(session).id
        new_sale(session, (item, 300_00), day=DAY)
        roll_up(session)
        new_sale(session, (item, 100_00), day=DAY)
        reporting.close_days(session)
        session.commit()
    return store


def compute(store: Tenant) -> int:
    with tenant_session(store) as session:
        done = closing.compute_month(session, month=JUNE, actor=SHOP, day=TODAY, now=NOW)
        session.commit()
        return done.revision


def review(store: Tenant) -> int:
    with tenant_session(store) as session:
        held = closing.review_month(
            session, month=JUNE, actor=SHOP, now=NOW, acknowledged="没有费用"
        )
        session.commit()
        return held.revision


@pytest.mark.parametrize("act", [compute, review])
def test_who_fixes_a_month_waits_for_a_rollup_that_has_taken_its_marks(
    june: Tenant,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Tenant], int],
) -> None:
    if act is review:
        compute(june)
        with tenant_session(june) as session:
            marks.mark_changed(session, [DAY], now=NOW)
            session.commit()
    halfway = Halfway(monkeypatch)
    rolling = threads.submit(halfway.roll_up, june)
    assert halfway.reached.wait(PATIENCE_SECONDS)

    fixing: Future[int] = threads.submit(act, june)
    until(lambda: is_waiting(june) or fixing.done())
    assert not fixing.done()
    halfway.go_on.set()
    rolling.result(PATIENCE_SECONDS)
    revision = fixing.result(PATIENCE_SECONDS)

    with tenant_session(june) as session:
        assert months.figures(session, JUNE, revision)["turnover", ""] == 400_00
        assert checks.verify(session) == []


def import_late(store: Tenant, fen: int) -> None:
    """Import a receipt of a day that has no cash day, which closing the others does not hinder."""
    with tenant_session(store) as session:
        new_item(session, "LATE")
        row = f"2025-06-05,,LATE,1,{fen / 100},现金"
        run = importing.receive_file(
            session,
            file_name="late.csv",
            content=f"日期,顾客编号,项目,数量,金额,支付方式\n{row}\n".encode(),
            actor_id=MANAGER,
            now=NOW,
            own_store=set(),
        )
        importing.import_rows(session, run_id=run.id, now=NOW, today=TODAY)
        assert run.rows_saved == 1
        session.commit()


def test_who_computes_counts_a_slip_whose_mark_waits_with_another_rollup(
    june: Tenant, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, rolling = months.gaps, []

    def gaps(*given: Any, **more: Any) -> Any:
        if not rolling:  # the month is held and rolled up; its sums are not looked at yet
            import_late(june, 50_00)
            rolling.append(threads.submit(in_store, june, roll_up))
            until(lambda: is_waiting(june))
        return real(*given, **more)

    monkeypatch.setattr(months, "gaps", gaps)
    revision = compute(june)
    rolling[0].result(PATIENCE_SECONDS)

    with tenant_session(june) as session:
        assert months.get(session, JUNE).revision == revision
        assert months.figures(session, JUNE, revision)["turnover", ""] == 450_00
        assert checks.verify(session) == []


def test_who_overtakes_that_rollup_all_the_same_counts_its_slips(
    june: Tenant, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = marks.take

    def overtake(session: Session, limit: int, *, waiting_for: Collection[object] = ()) -> Any:
        return real(session, limit)

    monkeypatch.setattr(marks, "take", overtake)
    halfway = Halfway(monkeypatch)
    rolling = threads.submit(halfway.roll_up, june)
    assert halfway.reached.wait(PATIENCE_SECONDS)
    revision = compute(june)
    halfway.go_on.set()
    rolling.result(PATIENCE_SECONDS)

    with tenant_session(june) as session:
        assert months.get(session, JUNE).revision == revision
        assert months.figures(session, JUNE, revision)["turnover", ""] == 400_00
        assert checks.verify(session) == []
