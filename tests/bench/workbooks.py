"""`python -m tests.bench.workbooks [FORM] [--rows N]`: a workbook in, in again, and out, weighed.

Shape: a line per stage: seconds, rows per second, milliseconds of this process's processor and
    statements per row, and the most memory it had until then. Files are read in child processes.
"""

import argparse
import io
import logging
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import structlog
import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import event, select

from shared.domain.catalog import queries as catalog
from shared.domain.registers import BY_CODE
from shared.events.jobs import publish
from shared.files import Shelf
from shared.records import asking, importing, runs
from shared.records.events import MakeExport
from shared.records.models import RecordLine, RecordRun
from shared.records.queries import Asked
from shared.records.views import WHOLE
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import engine, tenant_session, tenant_transaction
from tests.bench.servers import our_server
from tests.bench.sizes import SIZES
from tests.factories.records import handout
from tests.factories.tenants import new_person, new_store
from workers.testing import drain

AT = datetime.now(UTC)
Lines = Iterator[list[object]]
F04 = (
    "日期", "前台编号", "姓名", "性别", "生日", "电话", "微信", "顾客来源", "职业", "住址", "需求",
    "皮肤类型", "过敏史", "护理禁忌", "责任顾问", "个人信息同意", "敏感信息单独同意", "顾客签署",
)  # fmt: skip
F01 = ("派送时间", "类别", "品名", "数量", "派送原因", "活动", "派送人", "使用反馈")


def main() -> int:
    """Bring rows in, bring the same again, take them out."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.workbooks", description=__doc__)
    parser.add_argument("form", choices=FORMS, nargs="?", default="F04")
    parser.add_argument("--rows", type=int, default=50_000)
    given = parser.parse_args()
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    with our_server(SIZES["full"]):
        Weighing(given.form, given.rows).run()
    return 0


class Weighing:
    """One store, one manager, one form."""

    def __init__(self, form: str, rows: int) -> None:
        self.register, self.rows, self.store = BY_CODE[form], rows, new_store()
        self.person = new_person((self.store, BRINGS[form]))
        self.manager = new_person((self.store, "MGR"))
        self.content = workbook(*FORMS[form](self.store, self.person, rows))

    def run(self) -> None:
        """Tell each stage as it ends."""
        sys.stdout.write(f"{len(self.content) / 1e6:.1f} MB\n")
        first = self._brought_in("read and judge", self.content, self.person)
        with self._told("save"):
            with tenant_transaction(self.store) as session:
                importing.confirm(session, runs.for_update(session, first))
            drain(self.store)
        self._say_counts(first)
        self._brought_in("the same again", self.content, self.person)
        with self._told("export"):
            with tenant_transaction(self.store) as session:
                run = runs.begin(
                    session, self.register, "EXPORT", self._asker(self.manager), file_name="x.xlsx",
                    asked={**asking.as_json(Asked(sort="number")), **runs.view_as_json(WHOLE)},
                )  # fmt: skip
                publish(session, MakeExport(run_id=run.id))
            drain(self.store)
        taken_out = Shelf(self.store.name, "runs").get(run.file_key)
        self._brought_in("the export again", taken_out, self.manager)

    def _brought_in(self, what: str, content: bytes, person: UUID) -> int:
        with self._told(what):
            with tenant_transaction(self.store) as session:
                run = importing.receive(
                    session, Shelf(self.store.name, "runs"), self.register, self._asker(person),
                    file_name="x.xlsx", content=content,
                )  # fmt: skip
            drain(self.store)
        self._say_counts(run.id)
        return run.id

    def _asker(self, person: UUID) -> runs.Asker:
        return runs.Asker(id=person, now=AT, chinese=True)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        sent = 0

        def note(*_: object) -> None:
            nonlocal sent
            sent += 1

        event.listen(engine(), "before_cursor_execute", note)
        wall, processor = time.perf_counter(), time.process_time()
        yield
        seconds, worked = time.perf_counter() - wall, time.process_time() - processor
        event.remove(engine(), "before_cursor_execute", note)
        own, child = (
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        sys.stdout.write(
            f"{what:20} {seconds:6.1f} s {self.rows / seconds:7.0f} rows/s "
            f"{1000 * worked / self.rows:6.2f} ms/row {100 * sent / self.rows:7.1f} statements/100 "
            f"rows; at most {own:.0f} MiB, a child {child:.0f} MiB\n"
        )
        sys.stdout.flush()

    def _say_counts(self, run_id: int) -> None:
        with tenant_session(self.store) as session:
            run = session.get_one(RecordRun, run_id)
            bad = session.scalars(
                select(RecordLine.problems)
                .where(RecordLine.run_id == run_id, RecordLine.state == "BAD")
                .limit(1)
            ).first()
        sys.stdout.write(
            f"  {run.state}: {run.rows_new} new, {run.rows_same} same, {run.rows_bad} bad, "
            f"{run.rows_saved} saved {run.refusal or ''} {bad or ''}\n"
        )


def workbook(header: tuple[str, ...], lines: Lines) -> bytes:
    """Write a workbook as a spreadsheet does."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, header)
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for n, line in enumerate(lines, 1):
            for column, cell in enumerate(line):
                if isinstance(cell, datetime):
                    sheet.write_datetime(n, column, cell, day)
                else:
                    sheet.write(n, column, cell)
    return out.getvalue()


def profiles(store: Tenant, person: UUID, rows: int) -> tuple[tuple[str, ...], Lines]:
    """Guests with half of what the form has room for."""
    by, sign = str(person), str(UUID(int=9))
    return F04, (
        ["2025-06-10", by, f"王小{chr(0x4E00 + n % 5000)}", "女", f"{1960 + n % 40}-05-20",
         f"138{n:08d}", f"wx{n}", "路过", "教师", "朝阳区", "补水,祛斑", "混合性", "无", "无", by,
         "是", "是", sign]
        for n in range(rows)
    )  # fmt: skip


def handouts(store: Tenant, person: UUID, rows: int) -> tuple[tuple[str, ...], Lines]:
    """Samples of a campaign, of twenty products."""
    with tenant_transaction(store) as session:
        items = [handout(session, stocked=2 * rows)["item"] for _ in range(20)]
        codes = [one.code for one in catalog.by_ids(session, items).values()]
    at = datetime.fromisoformat("2025-06-10T10:00")  # as a spreadsheet has it: without a zone
    return F01, (
        [at, "样品", codes[n % 20], 1, "促销活动", "夏日", str(person), f"第{n}位"]
        for n in range(rows)
    )


def importing_codes(session, items):
    from shared.domain.catalog import queries

    return [queries.get(session, one).code for one in items]


FORMS: dict[str, Callable[[Tenant, UUID, int], tuple[tuple[str, ...], Lines]]] = {
    "F04": profiles,
    "F01": handouts,
}

# Who may bring in all of a form: the health part of a profile is the consultant's.
BRINGS: dict[str, Role] = {"F04": "CON", "F01": "MGR"}

if __name__ == "__main__":
    sys.exit(main())
