"""A workbook is brought in: judged, shown, confirmed, kept once, whatever is killed."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import func, select

from shared.domain.catalog import queries as catalog
from shared.domain.catalog.models import Handout
from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.directories import DIRECTORIES
from shared.events.jobs import publish
from shared.files import Shelf
from shared.records import chunks, exporting, importing, runs, service
from shared.records.directories import Around
from shared.records.events import JudgeLines, SaveLines
from shared.records.models import RecordLine, RecordRun
from shared.records.queries import Asked
from shared.records.register import Register
from shared.records.views import view_of
from tenants import provisioning
from tenants.people.directory import members
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.records import ANNA, editor, handout, profile
from tests.factories.tenants import new_person, new_store
from workers import job
from workers.testing import drain

AT = datetime.now(UTC)
MORNING = datetime.fromisoformat("2025-06-10T10:00")  # as a spreadsheet has it: without a zone
HEADER = ["派送时间*", "类别*", "品名*", "数量(件)*", "派送原因*", "活动", "派送人*", "使用反馈"]


def workbook(header: Iterable[str], *rows: Iterable[Any]) -> bytes:
    """Write a workbook as a person would."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    book.save(out)
    return out.getvalue()


class Desk:
    """A manager who brings workbooks in."""

    def __init__(self, store: Tenant, register: Register = HANDOUTS) -> None:
        self.store, self.register = store, register
        self.person = new_person((store, "MGR"))
        self.view = view_of(
            register, "X", reach=lambda resource, verb: "all", person_id=self.person
        )
        self.name = next(iter(self.around().people.values()))

    def around(self) -> Around:
        people = {one.id: one.name for one in members(self.store)}
        return Around(
            zone="Asia/Shanghai", people=people, directories=DIRECTORIES, readable=lambda _: True
        )

    def bring(self, content: bytes, name: str = "F01.xlsx") -> int:
        with tenant_transaction(self.store) as session:
            by = runs.Asker(id=self.person, now=AT, chinese=True)
            shelf = Shelf(self.store.name, "runs")
            run = importing.receive(
                session, shelf, self.register, by, file_name=name, content=content
            )
        drain(self.store)
        return run.id

    def run(self, run_id: int) -> RecordRun:
        with tenant_session(self.store) as session:
            found = session.get(RecordRun, run_id)
            assert found is not None
            return found

    def confirm(self, run_id: int) -> None:
        with tenant_transaction(self.store) as session:
            importing.confirm(session, runs.for_update(session, run_id))
        drain(self.store)

    def counts(self, run_id: int) -> tuple[str, int, int, int, int, int, int]:
        run = self.run(run_id)
        return (
            run.state, run.rows_new, run.rows_changed, run.rows_same, run.rows_conflict,
            run.rows_bad, run.rows_saved,
        )  # fmt: skip

    def problems(self, run_id: int) -> dict[int, set[tuple[str, str]]]:
        with tenant_session(self.store) as session:
            lines = session.scalars(select(RecordLine).where(RecordLine.run_id == run_id))
            return {
                line.line_no: {(one["field"], one["code"]) for one in line.problems}
                for line in lines
                if line.problems
            }

    def exported(self, *, chinese: bool = True, file_format: Any = "XLSX") -> bytes:
        out = io.BytesIO()
        with tenant_session(self.store) as session:
            wanted = exporting.Wanted(
                register=self.register, asked=Asked(sort="number"), view=self.view,
                file_format=file_format, chinese=chinese, purpose=None, store="店",
                asked_by="王", at=AT,
            )  # fmt: skip
            exporting.export(session, out, wanted, self.around())
        return out.getvalue()


def stocked(store: Tenant, **more: Any) -> tuple[dict[str, Any], str]:
    """Give a product with its stock: the form as JSON, and the product's code."""
    with tenant_transaction(store) as session:
        typed = handout(session, **more)
        return typed, catalog.get(session, typed["item"]).code


def kept(store: Tenant) -> int:
    with tenant_session(store) as session:
        return session.scalar(select(func.count()).select_from(Handout)) or 0


def line(desk: Desk, code: str, feedback: str = "", **more: Any) -> list[Any]:
    """Write a line of the workbook."""
    said = {"at": MORNING, "kind": "样品", "qty": 2, "by": desk.name, **more}
    return [said["at"], said["kind"], code, said["qty"], "促销活动", "夏日", said["by"], feedback]


def test_new_lines_are_shown_then_kept_and_sent_again_make_no_duplicates(store: Tenant) -> None:
    desk = Desk(store)
    _, code = stocked(store)
    content = workbook(
        HEADER, line(desk, code, "a"), line(desk, code, "b", qty=100), line(desk, "nope", kind="x"),
        line(desk, code, "a"),
    )  # fmt: skip

    run_id = desk.bring(content)

    assert desk.counts(run_id) == ("JUDGED", 2, 0, 0, 0, 2, 0)
    assert kept(store) == 0
    assert desk.problems(run_id) == {
        3: {("qty", "RANGE")},
        4: {("item", "NOT_FOUND"), ("kind", "ENUM"), ("customer", "REQUIRED")},
    }

    desk.confirm(run_id)
    assert desk.counts(run_id) == ("DONE", 2, 0, 0, 0, 2, 2)
    assert kept(store) == 2

    repaired = workbook(
        HEADER, line(desk, code, "a"), line(desk, code, "b", qty=10), line(desk, code, kind="样品"),
        line(desk, code, "a"),
    )  # fmt: skip
    again = desk.bring(repaired)
    assert desk.counts(again) == ("JUDGED", 2, 0, 2, 0, 0, 0)
    desk.confirm(again)
    assert kept(store) == 4
    assert desk.counts(desk.bring(repaired)) == ("JUDGED", 0, 0, 4, 0, 0, 0)


@pytest.mark.parametrize("chinese", [True, False])
@pytest.mark.parametrize("file_format", ["XLSX", "CSV"])
def test_what_was_taken_out_and_brought_in_unchanged_changes_nothing(
    store: Tenant, chinese: bool, file_format: str
) -> None:
    desk = Desk(store)
    typed, _ = stocked(store)
    with tenant_transaction(store) as session:
        for feedback in ("=1+1", "+8613800001234", "-12", "'x", '两行\n字, "引号"', "007"):
            service.keep_new(
                session, HANDOUTS, typed={**typed, "feedback": feedback}, by=editor(desk.person)
            )

    name = f"F01.{file_format.lower()}"
    run_id = desk.bring(desk.exported(chinese=chinese, file_format=file_format), name)

    assert desk.problems(run_id) == {}
    assert desk.counts(run_id) == ("JUDGED", 0, 0, 6, 0, 0, 0)
    with pytest.raises(runs.NotReady):
        desk.confirm(run_id)


def test_profiles_with_masked_phones_come_back_as_they_are(store: Tenant) -> None:
    desk = Desk(store, PROFILES)
    with tenant_transaction(store) as session:
        service.keep_new(session, PROFILES, typed=profile(), by=editor(desk.person))

    content = desk.exported()
    assert "138****5678" in str(
        [
            cell.value
            for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
            for cell in row
        ]
    )
    assert desk.counts(desk.bring(content)) == ("JUDGED", 0, 0, 1, 0, 0, 0)


def test_a_change_is_kept_with_its_reason_and_a_moved_record_is_a_conflict(store: Tenant) -> None:
    desk = Desk(store)
    typed, _ = stocked(store)
    with tenant_transaction(store) as session:
        rows = [
            service.keep_new(session, HANDOUTS, typed=typed, by=editor(desk.person))
            for _ in range(3)
        ]
        ids = [row.id for row in rows]
    book = openpyxl.load_workbook(io.BytesIO(desk.exported()))
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    place = header.index("数量(件)*") + 1
    sheet.cell(1, len(header) + 1, "修改原因")
    for row in (2, 3):
        sheet.cell(row, place, 5)
        sheet.cell(row, len(header) + 1, "数错")
    with tenant_transaction(store) as session:
        service.keep_change(
            session, HANDOUTS, record_id=ids[1], version=1, typed={"qty": 3}, by=editor()
        )
    out = io.BytesIO()
    book.save(out)

    run_id = desk.bring(out.getvalue())

    assert desk.counts(run_id) == ("JUDGED", 0, 1, 1, 1, 0, 0)
    assert desk.problems(run_id) == {3: {("version", "CONFLICT")}}
    desk.confirm(run_id)
    assert desk.counts(run_id) == ("DONE", 0, 1, 1, 1, 0, 1)
    with tenant_session(store) as session:
        found = [session.get(Handout, record_id) for record_id in ids]
    assert [(row.qty, row.version) for row in found if row] == [(5, 2), (3, 2), (2, 1)]


def test_a_record_that_moves_between_preview_and_saving_is_a_conflict(store: Tenant) -> None:
    desk = Desk(store)
    typed, _ = stocked(store)
    with tenant_transaction(store) as session:
        row = service.keep_new(session, HANDOUTS, typed=typed, by=editor(desk.person))
    run_id = desk.bring(workbook(["编号", "版本", "数量"], [row.number, 1, 7]))
    assert desk.counts(run_id) == ("JUDGED", 0, 1, 0, 0, 0, 0)
    with tenant_transaction(store) as session:
        service.keep_change(
            session, HANDOUTS, record_id=row.id, version=1, typed={"qty": 3}, by=editor()
        )

    desk.confirm(run_id)

    assert desk.counts(run_id) == ("DONE", 0, 1, 0, 1, 0, 0)


def test_another_tenants_records_are_not_found(store: Tenant) -> None:
    """X-14: numbers, items and people of another tenant are errors of the line."""
    other = new_store()
    typed, code = stocked(other)
    with tenant_transaction(other) as session:
        theirs = service.keep_new(session, HANDOUTS, typed=typed, by=editor()).number
    stranger = new_person((other, "MGR"))
    desk = Desk(store)

    run_id = desk.bring(
        workbook(
            ["编号", "版本", "数量", *(text for text in HEADER if "数量" not in text)],
            [theirs, 1, 3],
            [
                "",
                "",
                2,
                MORNING,
                "样品",
                code,
                "促销活动",
                "夏日",
                str(stranger),
            ],
        )
    )

    assert desk.problems(run_id) == {
        2: {("number", "NOT_FOUND")},
        3: {("item", "NOT_FOUND"), ("handed_by", "NOT_FOUND")},
    }
    assert kept(other) == 1


def test_a_file_killed_at_every_chunk_and_repeated_is_kept_once(
    store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-08, in small: each attempt of each job dies once after its work, before its commit."""
    monkeypatch.setattr(chunks, "CHUNK", 4)
    desk = Desk(store)
    _, code = stocked(store)
    content = workbook(HEADER, *(line(desk, code, str(n)) for n in range(10)))
    died: set[tuple[str, int]] = set()

    for request in (JudgeLines, SaveLines):
        kind = job.KINDS[request.wire]

        def dying(session: Any, asked: Any, at: Any, kind: Any = kind) -> None:
            kind.effect(session, asked, at)
            with tenant_session(at.tenant) as reading:
                place = reading.get(RecordRun, asked.run_id).position
            if (kind.request.wire, place) not in died:
                died.add((kind.request.wire, place))
                raise RuntimeError("killed")

        monkeypatch.setitem(job.KINDS, request.wire, job.Kind(kind.request, dying, 60))

    run_id = desk.bring(content)
    for _ in range(12):
        drain(store, now=datetime.now(UTC).replace(year=2099))
    assert desk.counts(run_id) == ("JUDGED", 10, 0, 0, 0, 0, 0)
    desk.confirm(run_id)
    for _ in range(12):
        drain(store, now=datetime.now(UTC).replace(year=2099))

    assert len(died) == 6
    assert desk.counts(run_id) == ("DONE", 10, 0, 0, 0, 0, 10)
    assert kept(store) == 10
    for request in (JudgeLines(run_id=run_id), SaveLines(run_id=run_id)):
        with tenant_transaction(store) as session:
            publish(session, request)
    drain(store)
    assert kept(store) == 10


def test_who_lost_the_role_keeps_nothing(store: Tenant) -> None:
    desk = Desk(store)
    _, code = stocked(store)
    run_id = desk.bring(workbook(HEADER, line(desk, code)))
    provisioning.revoke_role(desk.person, store, "MGR")

    desk.confirm(run_id)

    assert desk.counts(run_id)[0] == "DONE"
    assert desk.problems(run_id) == {2: {("", "FORBIDDEN")}}
    assert kept(store) == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (workbook(["a", "b"], [1, 2]), "REQUIRED"),
        (workbook([*HEADER, "类别"], []), "DUPLICATE"),
        (b"PK\x03\x04 no zip", "TYPE"),
    ],
)
def test_what_is_no_workbook_of_this_form_is_refused(
    store: Tenant, content: bytes, code: str
) -> None:
    desk = Desk(store)
    run = desk.run(desk.bring(content))
    assert (run.state, run.refusal[0]["code"]) == ("REFUSED", code)


def test_a_warning_is_accepted_with_a_reason_by_who_may(store: Tenant) -> None:
    """Nobody is a second person in a file: gifts above the month's limit stay bad lines."""
    desk = Desk(store)
    _, code = stocked(store, cost_fen=300_00)
    with tenant_transaction(store) as session:
        guest = service.keep_new(session, PROFILES, typed=profile(), by=editor(ANNA)).number
    run_id = desk.bring(
        workbook([*HEADER, "顾客", "确认提示的原因"], [*line(desk, code), guest, "店长同意"])
    )
    assert desk.problems(run_id) == {2: {("cost_fen", "LIMIT")}}


def test_one_that_uses_a_uuid_of_nobody_is_a_bad_line(store: Tenant) -> None:
    desk = Desk(store)
    _, code = stocked(store)
    run_id = desk.bring(workbook(HEADER, line(desk, code, by=str(UUID(int=5)))))
    assert desk.problems(run_id) == {2: {("handed_by", "NOT_FOUND")}}
