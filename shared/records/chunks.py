"""Judge and keep the lines of a file, so many at once: each chunk is one transaction and one job.

Units: a chunk costs some twenty-five statements, whatever its size; it holds the form's counter
    while its rows are written, a fraction of a second.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.orm import Session

from shared.db.inserting import insert_all
from shared.events.jobs import publish
from shared.forms.record import declared_fields
from shared.records import lines, runs
from shared.records.bulk import Entry, Outcome, judge_all, keep_all
from shared.records.columns import columns
from shared.records.directories import Around
from shared.records.events import JudgeLines, SaveLines
from shared.records.models import RecordKey, RecordLine, RecordRun
from shared.records.queries import by_numbers
from shared.records.register import Editor, Register
from shared.records.views import View

CHUNK = 500  # lines of one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """For whom a file is brought in, and what they may: make new ones, change some."""

    register: Register
    around: Around
    by: Editor
    views: tuple[View | None, View | None]


@dataclass(slots=True, kw_only=True)
class _Line:
    """A line while its chunk is at work; columns as of `RecordLine`."""

    line_no: int
    texts: lines.Texts
    key: UUID | None
    state: str
    record_id: int | None
    version: int | None
    typed: dict[str, Any]
    problems: list[dict[str, Any]] = field(default_factory=list)

    def note(self, said: lines.Said) -> None:
        self.state, self.version, self.typed = said.state, said.version, said.typed
        self.record_id = said.record.id if said.record is not None else None
        self.problems = [asdict(one) for one in said.problems]

    def refuse(self, outcome: Outcome) -> None:
        known = {one["field"] for one in self.problems}
        self.problems += [asdict(one) for one in outcome.problems if one.field not in known]
        self.state = "CONFLICT" if outcome.is_conflict else "BAD"

    def entry(self) -> Entry:
        return Entry(
            typed=self.typed, record_id=self.record_id, version=self.version,
            confirmed=self.texts.get("confirmations", ""), is_spoilt=self.state == "BAD",
        )  # fmt: skip


def judge_lines(session: Session, run: RecordRun, bringing: Bringing) -> None:
    """Judge the next lines of a file and ask for the rest; at the end it waits to be confirmed.

    Emits: JudgeLines while lines are left.
    """
    part = _next(session, run, bringing.register, ["WAITING"])
    _judge(session, part, bringing)
    _count(run, part, {"NEW": "rows_new", "CHANGED": "rows_changed", **_AFTER})
    _write(session, run, part)
    run.rows_done += len(part)
    if len(part) == CHUNK:
        run.position = part[-1].line_no
        publish(session, JudgeLines(run_id=run.id))
    else:
        run.state, run.position, run.rows_done = "JUDGED", 0, 0


def save_lines(session: Session, run: RecordRun, bringing: Bringing, *, now: datetime) -> None:
    """Keep the next good lines of a file and ask for the rest; at the end, say so.

    Emits: SaveLines while lines are left, and what each kept record emits.
    """
    part = _next(session, run, bringing.register, ["NEW", "CHANGED"])
    _save(session, part, bringing)
    _count(run, part, {"SAVED": "rows_saved", **_AFTER})
    _write(session, run, part)
    run.rows_done += len(part)
    if len(part) == CHUNK:
        run.position = part[-1].line_no
        publish(session, SaveLines(run_id=run.id))
    else:
        run.state, run.finished_at = "DONE", now


# state of a line -> what counts it; NEW and CHANGED are counted when judged, SAVED when kept
_AFTER = {"SAME": "rows_same", "CONFLICT": "rows_conflict", "BAD": "rows_bad"}

_WRITE = text(
    """
    UPDATE record_lines AS line
    SET state = given.state, record_id = given.record_id, version = given.version,
        typed = nullif(given.typed, 'null'), problems = given.problems
    FROM jsonb_to_recordset(:lines) AS given (
        line_no int, state text, record_id bigint, version int, typed jsonb, problems jsonb
    )
    WHERE line.run_id = :run_id AND line.line_no = given.line_no
    """
).bindparams(bindparam("lines", type_=JSONB))


def _next(session: Session, run: RecordRun, register: Register, states: list[str]) -> list[_Line]:
    found = session.execute(
        select(
            RecordLine.line_no, RecordLine.raw, RecordLine.key, RecordLine.state,
            RecordLine.record_id, RecordLine.version, RecordLine.typed,
        )
        .where(
            RecordLine.run_id == run.id,
            RecordLine.line_no > run.position,
            RecordLine.state.in_(states),
        )
        .order_by(RecordLine.line_no)
        .limit(CHUNK)
    )  # fmt: skip
    header = lines.header_of(register, run.columns)
    return [
        _Line(
            line_no=row.line_no, texts=header.texts(row.raw), key=row.key, state=row.state,
            record_id=row.record_id, version=row.version, typed=row.typed or {},
        )
        for row in found
    ]  # fmt: skip


def _judge(session: Session, part: Sequence[_Line], bringing: Bringing) -> None:
    kept = _kept_keys(session, bringing.register, part)
    fresh = [line for line in part if line.key not in kept]
    for line in part:
        if line.key in kept:
            line.note(lines.Said(state="SAME"))
    reading = _reading(session, [line.texts for line in fresh], bringing)
    for line in fresh:
        line.note(lines.read_line(line.texts, reading))
    # Also those with a bad cell: whatever else is wrong is told at once.
    tried = [line for line in fresh if line.state in ("NEW", "CHANGED", "BAD") and line.typed]
    entries = [line.entry() for line in tried]
    outcomes = judge_all(session, bringing.register, entries, by=bringing.by)
    for line, outcome in zip(tried, outcomes, strict=True):
        if outcome.problems:
            line.refuse(outcome)


def _reading(session: Session, texts: Sequence[lines.Texts], bringing: Bringing) -> lines.Reading:
    register, around = bringing.register, bringing.around
    fields = declared_fields(register.form)
    view = bringing.views[1]
    numbers = {cells["number"] for cells in texts if cells.get("number")}
    rows = by_numbers(session, register, numbers, own_of=view.own_of if view else None)
    around.learn(session, fields, list(rows.values()))
    return lines.Reading(
        register=register,
        columns={column.name: column for column in columns(register)},
        rows=rows,
        known=around.known(session, fields, texts),
        manners=[around.manner(chinese=True), around.manner(chinese=False)],
        views=bringing.views,
    )


def _save(session: Session, part: Sequence[_Line], bringing: Bringing) -> None:
    register = bringing.register
    kept = _kept_keys(session, register, part)
    fresh = [line for line in part if line.key not in kept]
    for line in part:
        if line.key in kept:
            line.state, line.record_id = "SAME", kept[line.key]  # another run was faster
    outcomes = _permitted(session, [line.entry() for line in fresh], bringing)
    for line, outcome in zip(fresh, outcomes, strict=True):
        if outcome.problems:
            line.refuse(outcome)
        else:
            line.state, line.record_id = "SAVED", outcome.record_id
    made = [
        {"form": register.code, "key": line.key, "record_id": line.record_id}
        for line in fresh
        if line.key is not None and line.state == "SAVED"
    ]
    insert_all(session, RecordKey, made)


def _permitted(session: Session, entries: list[Entry], bringing: Bringing) -> list[Outcome]:
    """Keep the lines; whoever lost the permission since the file was judged keeps none."""
    may_make, may_change = (view is not None for view in bringing.views)
    allowed = [may_change if entry.record_id else may_make for entry in entries]
    chosen = [entry for entry, may in zip(entries, allowed, strict=True) if may]
    kept = iter(keep_all(session, bringing.register, chosen, by=bringing.by))
    return [next(kept) if may else Outcome.refused(runs.NotPermittedAnyMore()) for may in allowed]


def _kept_keys(
    session: Session, register: Register, part: Collection[_Line]
) -> dict[UUID | None, int]:
    keys = [line.key for line in part if line.key is not None]
    if not keys:
        return {}
    found = session.execute(
        select(RecordKey.key, RecordKey.record_id).where(
            RecordKey.form == register.code,
            RecordKey.key == any_(literal(keys, ARRAY(PG_UUID(as_uuid=True)))),
        )
    )
    return {row.key: row.record_id for row in found}


def _count(run: RecordRun, part: Sequence[_Line], columns: dict[str, str]) -> None:
    found = Counter(line.state for line in part)
    for state, column in columns.items():
        setattr(run, column, getattr(run, column) + found[state])


def _write(session: Session, run: RecordRun, part: Sequence[_Line]) -> None:
    if not part:
        return
    given = [
        {
            "line_no": line.line_no, "state": line.state, "record_id": line.record_id,
            "version": line.version, "typed": line.typed or None, "problems": line.problems,
        }
        for line in part
    ]  # fmt: skip
    session.execute(_WRITE, {"run_id": run.id, "lines": given})
