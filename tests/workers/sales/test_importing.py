"""A file is imported by jobs that ask for each other until nothing is left."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from shared.domain.sales.events import ImportRows
from shared.domain.sales.queries import imports
from shared.domain.sales.service import importing
from shared.events.jobs import publish
from tenants.current import tenant as current
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import new_item
from workers.testing import drain

NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
HEADER = "date,customer,item,quantity,amount,tender\n"


def _received(store: Tenant, rows: int) -> int:
    lines = "".join(f"2025-06-{n % 28 + 1:02d},K{n},F1,1,9.90,cash\n" for n in range(rows))
    with tenant_session(store) as session:
        new_item(session, "F1")
        run = importing.receive_file(
            session,
            file_name="june.csv",
            content=(HEADER + lines).encode(),
            actor_id=None,
            now=NOW,
            own_store=set(),
        )
        session.commit()
        return run.id


def _state(store: Tenant, run_id: int) -> tuple[str, int, int]:
    with tenant_session(store) as session:
        run = imports.get(session, run_id)
        sales = session.execute(text("SELECT count(*) FROM sales")).scalar_one()
        return run.state, run.rows_saved, sales


def test_a_file_goes_in_by_chunks_and_a_repeated_job_changes_nothing(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 40)
    run_id = _received(store, 100)

    kinds = [kind for kind, outcome in drain(store) if outcome == "done"]
    with pytest.raises(LookupError):
        current()

    assert kinds.count(ImportRows.wire) == 3
    assert _state(store, run_id) == ("DONE", 100, 100)

    with tenant_session(store) as session:
        publish(session, ImportRows(run_id=run_id))
        session.commit()
    drain(store)

    assert _state(store, run_id) == ("DONE", 100, 100)


def test_a_store_where_tomorrow_has_begun_takes_todays_rows(store: Tenant) -> None:
    with tenant_session(store) as session:
        new_item(session, "F1")
        late = f"{HEADER}2025-07-01,,F1,1,1,cash\n2025-07-02,,F1,1,1,cash\n"
        run = importing.receive_file(
            session,
            file_name="late.csv",
            content=late.encode(),
            actor_id=None,
            now=NOW,
            own_store=set(),
        )
        # 20:30 in London on the first is the second in Shanghai, after the day change
        evening = datetime(2025, 7, 1, 20, 30, tzinfo=UTC)
        importing.import_rows(session, run_id=run.id, now=evening, today=date(2025, 7, 2))

        assert run.rows_saved == 2
