"""Keep many forms in one transaction: each is judged as a single one, and told by itself.

Shape: they are judged at one sitting and written together, some twenty statements for all. When the
    database refuses what the sitting could not see (a desk at the same moment), they are
    taken one after the other, so that one costs no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.errors import DomainError, Problem, problem
from shared.records import queries
from shared.records.judging import Bench, ChangedMeanwhile, Draft, Judged, Verdict, judge
from shared.records.queries import NoSuchRecord
from shared.records.register import Editor, Register, Row
from shared.records.writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A form to keep: a new one, or a change of one in the version that was seen.

    Shape: `confirmed` is why all warnings are accepted, empty when they are not; `is_spoilt`: it
        will not be kept, what else is wrong with it is asked.
    """

    typed: dict[str, Any]
    record_id: int | None = None
    version: int | None = None
    confirmed: str = ""
    is_spoilt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an entry: its record, or everything that is wrong."""

    record_id: int | None = None
    problems: tuple[Problem, ...] = ()
    is_conflict: bool = False

    @classmethod
    def refused(cls, error: DomainError) -> "Outcome":
        """Say why nothing became of it."""
        whole = problem("", error.code, zh=error.message_zh, en=error.message_en)
        is_conflict = isinstance(error, ChangedMeanwhile)
        return cls(problems=error.problems or (whole,), is_conflict=is_conflict)


def keep_all(
    session: Session, register: Register, entries: Sequence[Entry], *, by: Editor
) -> list[Outcome]:
    """Keep the good ones, tell of each other one what is wrong.

    Locks: as single ones, until the transaction ends; records by id.
    """
    try:
        with session.begin_nested():
            return _kept(session, register, entries, by)
    except IntegrityError:
        if len(entries) == 1:
            return [Outcome(problems=(problem("", "DUPLICATE"),))]
    return [one for entry in entries for one in keep_all(session, register, [entry], by=by)]


def judge_all(
    session: Session, register: Register, entries: Sequence[Entry], *, by: Editor
) -> list[Outcome]:
    """Tell of each what would become of it; nothing is written.

    Locks: none that last: the savepoint lets go of them.
    """
    with session.begin_nested() as trial:
        verdicts, _ = _judged(session, register, entries, by)
        trial.rollback()
    return [
        Outcome.refused(verdict) if isinstance(verdict, DomainError) else Outcome()
        for verdict in verdicts
    ]


def _kept(
    session: Session, register: Register, entries: Sequence[Entry], by: Editor
) -> list[Outcome]:
    verdicts, bench = _judged(session, register, entries, by)
    good = [
        verdict
        for entry, verdict in zip(entries, verdicts, strict=True)
        if isinstance(verdict, Judged) and not entry.is_spoilt
    ]
    rows = iter(write(session, register, good, bench, by=by))
    return [
        Outcome.refused(verdict) if isinstance(verdict, DomainError)
        else Outcome(record_id=None if entry.is_spoilt else next(rows).id)
        for entry, verdict in zip(entries, verdicts, strict=True)
    ]  # fmt: skip


def _judged(
    session: Session, register: Register, entries: Sequence[Entry], by: Editor
) -> tuple[list[Verdict], Bench]:
    """Judge those whose record is there in the version seen; the others are answered already."""
    ids = [entry.record_id for entry in entries if entry.record_id is not None]
    held = queries.hold(session, register, ids, own_of=by.own_of)
    answered: dict[int, Verdict] = {}
    drafts: list[Draft] = []
    changing: set[int] = set()
    for place, entry in enumerate(entries):
        try:
            before = _taken_up(held, entry, changing)
        except DomainError as refused:
            answered[place] = refused
        else:
            drafts.append(
                Draft(
                    typed=entry.typed, before=before, confirmed=entry.confirmed,
                    is_spoilt=entry.is_spoilt,
                )
            )  # fmt: skip
    verdicts, bench = judge(session, register, drafts, by=by)
    judged = iter(verdicts)
    return [
        answered[place] if place in answered else next(judged) for place in range(len(entries))
    ], bench


def _taken_up(held: Mapping[int, Row], entry: Entry, changing: set[int]) -> Row | None:
    """Give the record of an entry; whoever comes second in one sitting finds it changed."""
    if entry.record_id is None:
        return None
    row = held.get(entry.record_id)
    if row is None:
        raise NoSuchRecord(record_id=entry.record_id)
    if row.version != entry.version or row.id in changing:
        raise ChangedMeanwhile(record_id=row.id, version=row.version)
    if not entry.is_spoilt:
        changing.add(row.id)
    return row
