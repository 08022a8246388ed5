"""What a workbook costs: statements by the chunk, not by the row."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select

from shared.domain.customers.service.profiles import PROFILES
from shared.records import chunks, importing
from shared.records.models import RecordLine, RecordRun
from tenants.registry import Tenant
from tenants.sessions import engine, tenant_session
from tests.workers.records.test_imports import HEADER, Desk, line, stocked, workbook

CHUNK = 100
# Of one more chunk, with the job around it; a statement for each row would be a hundred more.
MOST_JUDGING, MOST_SAVING = 24, 34
F04 = (
    "日期", "前台编号", "姓名", "性别", "电话", "顾客来源", "责任顾问", "个人信息同意", "顾客签署",
)  # fmt: skip


def profiles(desk: Desk, rows: int) -> bytes:
    """Write a workbook of guests."""
    by = desk.name
    return workbook(
        F04,
        *(
            ["2025-06-10", by, f"王{n}", "女", f"138{n:08d}", "路过", by, "是", str(UUID(int=9))]
            for n in range(rows)
        ),
    )


def handouts(desk: Desk, rows: int) -> bytes:
    """Write a workbook of samples."""
    _, code = stocked(desk.store)
    return workbook(HEADER, *(line(desk, code, str(n)) for n in range(rows)))


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect what is sent to the tenant's database inside the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine(), "before_cursor_execute", note)


@pytest.mark.parametrize("form", ["F04", "F01"])
def test_a_chunk_costs_the_same_few_statements_however_many_its_lines(
    store: Tenant, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", CHUNK)
    judging, saving = [], []
    for number, rows in enumerate((CHUNK // 2, 5 * CHUNK // 2)):
        desk = Desk(store, PROFILES) if form == "F04" else Desk(store)
        content = (profiles if form == "F04" else handouts)(desk, rows)
        with counted() as sent:
            run_id = desk.bring(content)
        judging.append(len(sent))
        with counted() as sent:
            desk.confirm(run_id)
        saving.append(len(sent))
        known = CHUNK // 2 * number if form == "F04" else 0
        assert desk.counts(run_id) == ("DONE", rows - known, 0, known, 0, 0, rows - known)

    assert (judging[1] - judging[0]) / 2 <= MOST_JUDGING
    assert (saving[1] - saving[0]) / 2 <= MOST_SAVING


def test_a_file_that_is_refused_in_its_middle_leaves_no_lines(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "STAGED", 4)
    monkeypatch.setattr(importing, "MOST_LINES", 10)
    desk = Desk(store, PROFILES)

    run = desk.run(desk.bring(profiles(desk, 11)))

    assert (run.state, run.refusal[0]["code"]) == ("REFUSED", "RANGE")
    with tenant_session(store) as session:
        assert session.scalars(select(RecordLine)).all() == []


def test_while_a_large_file_is_read_the_database_is_let_go(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends a transaction that waits ten seconds; reading a workbook may take longer."""
    desk = Desk(store, PROFILES)
    real, held = importing.open_file, []

    def slowly(shelf: Any, run: Any) -> Any:
        with tenant_session(store) as session:
            held.append(session.scalars(select(RecordRun.id).with_for_update(nowait=True)).one())
        return real(shelf, run)

    monkeypatch.setattr(importing, "open_file", slowly)
    run_id = desk.bring(profiles(desk, 2))
    assert (held, desk.counts(run_id)[:2]) == ([run_id], ("JUDGED", 2))
