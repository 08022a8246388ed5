"""Jobs of all declared forms: workbooks out and in, papers, and forgetting them."""

from io import BytesIO

from sqlalchemy.orm import Session

from shared.days import business_day
from shared.domain.directories import DIRECTORIES
from shared.domain.registers import BY_CODE
from shared.files import Shelf
from shared.forms.tables import FileRefused
from shared.records import (
    answers,
    attachments,
    chunks,
    exporting,
    importing,
    printing,
    runs,
    typesetting,
)
from shared.records.chunks import Bringing
from shared.records.directories import Around
from shared.records.events import (
    ForgetAnswers,
    ForgetFiles,
    JudgeLines,
    MakeExport,
    ReadImport,
    SaveLines,
    SetPaper,
)
from shared.records.models import RecordRun
from shared.records.paper import Printing
from shared.records.register import Editor, Register
from shared.records.views import WHOLE, View, view_of
from tenants.people import permissions
from tenants.people.directory import Colleague, members
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from workers.job import At, job, outside


class _Desk:
    """What a job knows of its tenant and of the person it works for."""

    def __init__(self, tenant: Tenant, run: RecordRun) -> None:
        self.tenant, self.run = tenant, run
        self.register: Register = BY_CODE[run.form]
        self.shelf = Shelf(tenant.name, "runs")
        colleagues: list[Colleague] = members(tenant)
        self._asker = next((one for one in colleagues if one.id == run.asked_by), None)
        self.around = Around(
            zone=tenant.time_zone,
            people={one.id: one.name for one in colleagues},
            directories=DIRECTORIES,
            readable=lambda resource: self.reach(resource, "R") in ("all", "own"),
        )

    @property
    def asker_name(self) -> str:
        return self._asker.name if self._asker else ""

    def reach(self, resource: str, verb: str) -> permissions.Reach | None:
        return permissions.reach(self._asker.roles if self._asker else (), resource, verb)

    def view(self, verb: str) -> View | None:
        """Say what the person may take out or bring in now."""
        return view_of(self.register, verb, reach=self.reach, person_id=self.run.asked_by)

    def printing(self, view: View) -> Printing:
        """Say for whom something is printed."""
        return Printing(
            register=self.register, view=view, around=self.around,
            chinese=self.run.language == "zh", store=self.tenant.display_name, at=self.run.asked_at,
        )  # fmt: skip

    def bringing(self, at: At) -> Bringing:
        """Say for whom a file is brought in."""
        make, change = self.view("C"), self.view("U")
        by = Editor(
            id=self.run.asked_by,
            permits=lambda resource, verb: self.reach(resource, verb) is not None,
            now=at.now,
            today=at.today,
            day_of=lambda instant: business_day(
                instant, zone=at.tenant.time_zone, change_hour=at.tenant.day_change_hour
            ),
            zone=at.tenant.time_zone,
            own_of=change.own_of if change else None,
            signs_on_paper=True,
        )
        return Bringing(register=self.register, around=self.around, by=by, views=(make, change))


@job(MakeExport, time_limit_s=900)
def make_export(session: Session, request: MakeExport, at: At) -> None:
    """Make a workbook, all of it in one snapshot; our own transaction begins at the end."""
    runs.settle(session, request.run_id, lambda: _exported(request.run_id, at), now=at.now)


@job(SetPaper, time_limit_s=120)
def set_paper(session: Session, request: SetPaper, at: At) -> None:
    """Set a record, or an empty form, as PDF."""
    runs.settle(session, request.run_id, lambda: _set(session, request.run_id, at), now=at.now)


@job(ReadImport, time_limit_s=300)
def read_import(session: Session, request: ReadImport, at: At) -> None:
    """Read a workbook that was sent."""
    run = runs.for_update(session, request.run_id)
    if not importing.is_unread(run):
        return
    desk = _Desk(at.tenant, run)
    try:
        with outside(session):  # a transaction that waits so long is ended by the server
            table = importing.open_file(desk.shelf, run)
        run = runs.for_update(session, request.run_id)
        if importing.is_unread(run):
            importing.set_apart(session, run, desk.register, table)
    except FileRefused as error:
        runs.refuse(session, request.run_id, error, now=at.now)


@job(JudgeLines, time_limit_s=120)
def judge_lines(session: Session, request: JudgeLines, at: At) -> None:
    """Judge the next lines of a workbook."""
    run = runs.for_update(session, request.run_id)
    if run.state == "WAITING":
        chunks.judge_lines(session, run, _Desk(at.tenant, run).bringing(at))


@job(SaveLines, time_limit_s=120)
def save_lines(session: Session, request: SaveLines, at: At) -> None:
    """Keep the next good lines of a workbook."""
    run = runs.for_update(session, request.run_id)
    if run.state == "SAVING":
        chunks.save_lines(session, run, _Desk(at.tenant, run).bringing(at), now=at.now)


@job(ForgetFiles, time_limit_s=300)
def forget_files(session: Session, request: ForgetFiles, at: At) -> None:
    """Remove files whose time is over (J27)."""
    runs.forget_old(session, Shelf(at.tenant.name, "runs"), now=at.now)
    attachments.forget_untaken(session, Shelf(at.tenant.name, "attachments"), now=at.now)


def _exported(run_id: int, at: At) -> int:
    def tell(done: int) -> None:
        with tenant_transaction(at.tenant) as noting:
            runs.note_progress(noting, run_id, done)

    out = BytesIO()
    with tenant_session(at.tenant) as reading:
        exporting.one_snapshot(reading)
        run = runs.waiting(reading, run_id)
        desk = _Desk(at.tenant, run)
        view = desk.view("X")
        if view is None:
            raise runs.NotPermittedAnyMore
        wanted = exporting.wanted_of(
            desk.register, run, view, store=at.tenant.display_name, asked_by=desk.asker_name
        )
        rows = exporting.export(
            reading, out, wanted, desk.around, exporting.Hearing(tell=tell, read=reading.rollback)
        )
        desk.shelf.put(run.file_key, out.getvalue())
    return rows


@job(ForgetAnswers, time_limit_s=60)
def forget_answers(session: Session, request: ForgetAnswers, at: At) -> None:
    """Delete what is older than three days."""
    answers.forget_old(session, now=at.now)


def _set(session: Session, run_id: int, at: At) -> int:
    run = runs.waiting(session, run_id)
    desk = _Desk(at.tenant, run)
    view = desk.view("R")
    if view is None:
        raise runs.NotPermittedAnyMore
    seen = view if run.asked["record_id"] else WHOLE  # nothing is hidden on an empty one
    made = printing.paper_of(session, run, desk.printing(seen))
    pictures = printing.pictures_of(Shelf(at.tenant.name, "attachments"), made)
    desk.shelf.put(run.file_key, typesetting.pdf(made, pictures))
    return 1
