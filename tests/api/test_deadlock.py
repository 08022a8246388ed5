"""A sale and a month's close that wait for each other: the sale begins anew, recorded once."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.days import month_of
from shared.domain.sales.service import periods
from shared.records import marks
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller
from tests.api.sales.test_sales import furnish, receipt
from tests.waiting import PATIENCE_SECONDS, is_waiting, until

DETECTED_SECONDS = 1.2  # the server looks for deadlocks a second after a wait began


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_a_sale_that_meets_a_close_crosswise_is_recorded_once(
    as_role: Callable[[Tenant, Role], Caller],
    store: Tenant,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item, desk = furnish(as_role, store), as_role(store, "FD")
    assert desk.post("/sales", receipt(item)).status_code == 201  # leaves a mark on the day
    reached, go_on, tries = threading.Event(), threading.Event(), []
    real = marks.mark_changed

    def mark_changed(session: Session, days: Any, *, now: Any) -> None:
        tries.append(days)
        reached.set()
        assert go_on.wait(PATIENCE_SECONDS)
        real(session, days, now=now)

    monkeypatch.setattr(marks, "mark_changed", mark_changed)
    with tenant_session(store) as closing:
        # who closes holds the marks, and wants the month that the sale holds
        (day,) = closing.scalars(text("SELECT business_date FROM changed_days FOR UPDATE"))
        selling = threads.submit(desk.post, "/sales", receipt(item))
        assert reached.wait(PATIENCE_SECONDS)
        locking = threads.submit(periods.lock_month, closing, month_of(day))
        until(lambda: is_waiting(store))
        time.sleep(DETECTED_SECONDS)  # now it is the sale that will find the circle
        go_on.set()
        locking.result(PATIENCE_SECONDS)
        closing.commit()

    assert selling.result(PATIENCE_SECONDS).status_code == 201
    assert len(tries) == 2
    with tenant_session(store) as session:
        assert session.scalar(text("SELECT count(*) FROM sales")) == 2
