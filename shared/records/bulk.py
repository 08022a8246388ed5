"""Keep many forms in one transaction: each is checked as a single one, and told by itself.

Shape: months are asked for once and histories written together; the checks and what a form causes
    run one after the other, each in a savepoint, so that each sees what those before it did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared.errors import DomainError, Problem, problem
from shared.records import service
from shared.records.judging import NeedsConfirmation
from shared.records.register import Editor, Register
from shared.records.service import ChangedMeanwhile, Kept, Months


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A form to keep: a new one, or a change of one in the version that was seen.

    Shape: `confirmed` is why all warnings are accepted; empty when they are not.
    """

    typed: dict[str, Any]
    record_id: int | None = None
    version: int | None = None
    confirmed: str = ""


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

    Locks: as a single one, until the transaction ends.
    """
    months, kept, outcomes = Months(), list[Kept](), list[Outcome]()
    for entry in entries:
        try:
            with session.begin_nested():
                one = _kept(session, register, entry, by, months)
        except DomainError as error:
            outcomes.append(Outcome.refused(error))
        except IntegrityError:
            # Friendlier checks see most of it; this is two of one file, or a desk at the same time.
            outcomes.append(Outcome(problems=(problem("", "DUPLICATE"),)))
        else:
            kept.append(one)
            outcomes.append(Outcome(record_id=one.row.id))
    service.note_all(session, register, kept, by=by)
    return outcomes


def judge_all(
    session: Session, register: Register, entries: Sequence[Entry], *, by: Editor
) -> list[Outcome]:
    """Tell of each what would become of it: it is kept and taken back.

    Locks: none that last: taking back lets go of them.
    """
    with session.begin_nested() as trial:
        outcomes = keep_all(session, register, entries, by=by)
        trial.rollback()
    return outcomes


def _kept(session: Session, register: Register, entry: Entry, by: Editor, months: Months) -> Kept:
    try:
        return _written(session, register, entry, entry.typed, by, months)
    except NeedsConfirmation as warned:
        if not entry.confirmed:
            raise
        accepted = [
            {"field": doubt.field, "code": doubt.code, "reason": entry.confirmed[:200]}
            for doubt in warned.doubts
        ]
        typed = {**entry.typed, "confirmations": accepted}
        return _written(session, register, entry, typed, by, months)


def _written(
    session: Session, register: Register, entry: Entry, typed: Mapping[str, Any], by: Editor,
    months: Months,
) -> Kept:  # fmt: skip
    if entry.record_id is None or entry.version is None:
        return service.add(session, register, typed=typed, by=by, months=months)
    row = service.held(session, register, record_id=entry.record_id, version=entry.version, by=by)
    return service.alter(session, register, row=row, typed=typed, by=by, months=months)
