"""A file of sales through the real wrapper: once, whatever is delivered twice."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from shared.domain.sales.events import ImportRows
from shared.domain.sales.service import importing
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import new_item
from tests.workers.conftest import ask
from workers.testing import drain

HEADER = ["门店", "日期", "顾客编号", "项目", "数量", "金额", "支付方式"]
LINES = 450


def receive(store: Tenant) -> int:
    """Hand a file in as the page does, and ask for its import."""
    out = io.StringIO()
    csv.writer(out).writerows(
        [
            HEADER,
            *(["朝阳店", "2025-06-10", f"K{n}", "F1", "1", "198.00", "现金"] for n in range(LINES)),
        ]
    )
    with tenant_session(store) as session:
        new_item(session, "F1")
        run = importing.receive_file(
            session,
            file_name="sales.csv",
            content=out.getvalue().encode(),
            actor_id=UUID(int=9),
            now=datetime.now(UTC),
            own_store={"朝阳店"},
        )
        session.commit()
        return run.id


def receipts(store: Tenant) -> list[tuple[int, int]]:
    """Count receipts and their fen."""
    with tenant_session(store) as session:
        return [
            (row.n, row.fen)
            for row in session.execute(text("SELECT count(*) n, sum(total_fen) fen FROM sales"))
        ]


def test_a_file_is_imported_chunk_by_chunk_and_its_days_rolled_up(store: Tenant) -> None:
    run_id = receive(store)

    drain(store)
    once = receipts(store)
    ask(store, ImportRows(run_id=run_id))
    outcomes = drain(store)

    assert once == receipts(store) == [(LINES, LINES * 198_00)]
    assert ("sales.import_rows", "done") in outcomes


def test_a_file_that_does_not_exist_is_given_up_at_once(store: Tenant) -> None:
    ask(store, ImportRows(run_id=404))

    assert drain(store) == [("sales.import_rows", "dead")]
