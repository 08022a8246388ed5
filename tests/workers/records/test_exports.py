"""A workbook is made by a job: one snapshot, for who asked, fetched once."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import text

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.events.jobs import publish
from shared.files import NoSuchFile, Shelf
from shared.records import asking, exporting, queries, runs, service
from shared.records.events import ForgetFiles, MakeExport
from shared.records.models import RecordRun
from shared.records.views import WHOLE, View
from tenants import provisioning
from tenants.current import tenant as current
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.records import editor, handout
from tests.factories.tenants import new_person, new_store
from workers.testing import drain

AT = datetime.now(UTC)


def filled(store: Tenant, rows: int = 3) -> None:
    """Keep some hand-outs."""
    with tenant_transaction(store) as session:
        typed = handout(session)
        for n in range(rows):
            service.keep_new(
                session, HANDOUTS, typed={**typed, "batch_no": None, "feedback": f"=1+{n}"},
                by=editor(),
            )  # fmt: skip


def asked_for(store: Tenant, person: UUID, **more: Any) -> int:
    """Ask for a workbook as the page does."""
    with tenant_transaction(store) as session:
        run = runs.begin(
            session, HANDOUTS, "EXPORT", runs.Asker(id=person, now=AT, chinese=True),
            file_name="F01.xlsx",
            asked={**asking.as_json(queries.Asked(**more)), **runs.view_as_json(WHOLE)},
        )  # fmt: skip
        publish(session, MakeExport(run_id=run.id))
        return run.id


def run_of(store: Tenant, run_id: int) -> RecordRun:
    with tenant_session(store) as session:
        found = session.get(RecordRun, run_id)
        assert found is not None
        return found


def fetched(store: Tenant, run_id: int, *, now: datetime = AT) -> bytes:
    with tenant_transaction(store) as session:
        run = session.get(RecordRun, run_id)
        assert run is not None
        return runs.fetch(session, Shelf(store.name, "runs"), run, now=now)


def test_a_job_makes_the_workbook_and_it_is_fetched_once(store: Tenant) -> None:
    filled(store)
    person = new_person((store, "MGR"))
    run_id = asked_for(store, person, sort="number")

    assert (MakeExport.wire, "done") in drain(store)
    with pytest.raises(LookupError):
        current()

    run = run_of(store, run_id)
    assert (run.state, run.rows_total) == ("READY", 3)
    book = openpyxl.load_workbook(io.BytesIO(fetched(store, run_id)))
    rows, about = book.worksheets
    assert [cell.value for cell in rows["A"]] == [
        "编号", "F01-202506-0001", "F01-202506-0002", "F01-202506-0003",
    ]  # fmt: skip
    assert rows.freeze_panes == "B2"
    assert rows.auto_filter.ref
    assert ("行数", "3") in [(a.value, b.value) for a, b in about.iter_rows(max_col=2)]
    with pytest.raises(runs.NotReady):
        fetched(store, run_id)


def test_a_job_run_twice_makes_the_same_file(store: Tenant) -> None:
    filled(store)
    run_id = asked_for(store, new_person((store, "MGR")))
    drain(store)
    key = run_of(store, run_id).file_key

    with tenant_transaction(store) as session:
        publish(session, MakeExport(run_id=run_id))
    drain(store)

    run = run_of(store, run_id)
    assert (run.state, run.file_key) == ("READY", key)


def test_a_link_ends_after_a_day_and_the_file_goes_with_it(store: Tenant) -> None:
    filled(store)
    run_id = asked_for(store, new_person((store, "MGR")))
    drain(store)
    late = AT + timedelta(hours=24)

    with pytest.raises(runs.NotReady):
        fetched(store, run_id, now=late)

    with tenant_transaction(store) as session:
        publish(session, ForgetFiles())
    drain(store, now=late)
    run = run_of(store, run_id)
    assert (run.state, run.asked) == ("EXPIRED", {})
    with pytest.raises(NoSuchFile):
        Shelf(store.name, "runs").get(run.file_key)


def test_who_lost_the_role_meanwhile_gets_nothing(store: Tenant) -> None:
    filled(store)
    person = new_person((store, "MGR"))
    run_id = asked_for(store, person)
    provisioning.revoke_role(person, store, "MGR")

    drain(store)

    run = run_of(store, run_id)
    assert (run.state, run.refusal[0]["code"]) == ("REFUSED", "FORBIDDEN")
    with pytest.raises(runs.NotReady):
        fetched(store, run_id)


def test_another_tenant_is_not_touched(store: Tenant) -> None:
    other = new_store()
    for one in (store, other):
        filled(one)
    person = new_person((store, "MGR"), (other, "MGR"))
    run_id = asked_for(store, person)
    foreign = asked_for(other, person)
    assert run_id == foreign

    drain(store)

    assert run_of(store, run_id).state == "READY"
    assert run_of(other, foreign).state == "WAITING"
    with pytest.raises(NoSuchFile):
        Shelf(other.name, "runs").get(run_of(store, run_id).file_key)


def test_an_export_is_one_snapshot_while_rows_change(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row's quantity is 2; while they are read, all become 5 (X-12)."""
    filled(store, rows=7)
    monkeypatch.setattr(exporting, "CHUNK", 3)
    run_id = asked_for(store, new_person((store, "MGR")))
    real, seen = runs.note_progress, []

    def changing(session: Any, run: int, done: int) -> None:
        seen.append(done)
        session.execute(text("UPDATE handouts SET qty = 5, cost_fen = unit_cost_fen * 5"))
        real(session, run, done)

    monkeypatch.setattr(runs, "note_progress", changing)
    drain(store)

    book = openpyxl.load_workbook(io.BytesIO(fetched(store, run_id)))
    header = [cell.value for cell in book.worksheets[0][1]]
    column = header.index("数量(件)*")
    assert seen == [3, 6, 7]
    assert [row[column].value for row in book.worksheets[0].iter_rows(min_row=2)] == [2] * 7


def test_rows_cannot_be_chosen_by_what_may_not_be_taken_out() -> None:
    asked = queries.Asked(filters={"reason": "CAMPAIGN"}, sort="number")
    with pytest.raises(asking.HiddenField):
        asking.check(HANDOUTS, asked, View(closed=frozenset({"reason"})))
    asking.check(HANDOUTS, asked, WHOLE)
