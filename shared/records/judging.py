"""Judge forms before anything is written: one, or many at one sitting, by the same rules.

Shape: what marshmallow and what the capability refuse are told together; a form that is good counts
    for those after it.
Locks: the months of the forms, shared; what the capability's sitting holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from shared import errors
from shared.days import month_of
from shared.errors import DomainError, Problem, problem
from shared.forms.dumping import builder
from shared.forms.kinds import Instant, Signature
from shared.forms.loading import loader
from shared.forms.problems import problems_of
from shared.forms.record import Record, State, conditions, declared_fields, derived, entered
from shared.records import periods
from shared.records.attachments import NamedPictures
from shared.records.register import Attempt, Doubt, Editor, Register, Row, Sitting


class NeedsConfirmation(errors.Invalid):
    """Something is unusual; confirm it with a reason, or change it."""

    code = "CONFIRM"
    zh = "有需要确认的提示"

    def __init__(self, doubts: list[Doubt]) -> None:
        self.doubts = tuple(doubts)
        super().__init__(
            problems=tuple(
                Problem(d.field, d.code, d.zh, d.en, permission=":".join(d.permission),
                        needs_second=d.needs_second)
                for d in doubts
            )
        )  # fmt: skip


class ChangedMeanwhile(errors.Conflict):
    """Somebody else changed this meanwhile; load it again."""

    code = "CONFLICT"
    zh = "他人已修改,请刷新"


class NotInThisState(errors.Conflict):
    """This is not possible in the record's state."""

    zh = "当前状态不能执行该操作"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A form as it came: a new one, or a change of the record `before`.

    Shape: `typed` is the form as JSON says it; `confirmed` is why all warnings are accepted, empty
        when they are not; `is_spoilt`: it will not be kept whatever comes out, so it is judged and
        does not count for the others.
    """

    typed: Mapping[str, Any]
    before: Row | None = None
    confirmed: str = ""
    is_spoilt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A good form, ready to be written; `reason` is what its history is to say."""

    attempt: Attempt
    day: date
    reason: str | None


Verdict: TypeAlias = Judged | DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What judges at one sitting, and follows up what is kept: the capability, the pictures."""

    sitting: Sitting
    pictures: NamedPictures


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    attempt: Attempt
    problems: list[Problem]
    reasons: Mapping[tuple[str, str], str]  # (field, code) of a confirmed warning -> why


def judge(
    session: Session, register: Register, drafts: Sequence[Draft], *, by: Editor
) -> tuple[list[Verdict], Bench]:
    """Judge forms one after the other; give a verdict on each.

    Raises: nothing of a form; the error that refuses it is its verdict.
    """
    read = [_read(register, draft, by) for draft in drafts]
    attempts = [one.attempt for one in read]
    bench = Bench(
        sitting=register.sitting(session, attempts),
        pictures=NamedPictures(session, register, attempts),
    )
    months, verdicts = _Months(session), list[Verdict]()
    for draft, one in zip(drafts, read, strict=True):
        try:
            found = _judged(register, draft, one, bench, months)
        except DomainError as refused:
            verdicts.append(refused)
            continue
        if not draft.is_spoilt:
            bench.sitting.count_in(found.attempt)
            bench.pictures.count_in(found.attempt)
        verdicts.append(found)
    return verdicts, bench


def plain(register: Register, row: Row) -> dict[str, Any]:
    """Write a record's own fields as JSON values, for its history and for comparing."""
    return builder(register.form, frozenset({*entered(register.form), *derived(register.form)}))(
        row
    )


class _Months:
    """Months that are held open for the forms of one sitting, each asked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_open: dict[date, bool] = {}

    def check_open(self, day: date) -> None:
        month = month_of(day)
        if month not in self._is_open:
            self._is_open[month] = periods.is_open(self._session, month)
        if not self._is_open[month]:
            raise periods.MonthClosed(day=day)


def _read(register: Register, draft: Draft, by: Editor) -> _Read:
    """Load a form: all entered values, None where one is wrong or left out."""
    form, before = register.form, draft.before
    whole = dict(draft.typed)
    if before is not None:
        standing = builder(form, frozenset(entered(form)))(before)
        whole = {**{name: value for name, value in standing.items() if value is not None}, **whole}
    problems: list[Problem] = []
    try:
        loaded = loader(form).load(whole)
    except ValidationError as error:
        problems = [one for one in problems_of(error) if not _is_on_paper(form, one, by)]
        loaded = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
    values = {name: loaded.get(name) for name in entered(form)}
    given = [] if problems else loaded.get("confirmations") or []
    return _Read(
        attempt=Attempt(values=values, before=before, by=by, was=_own(register, before)),
        problems=problems,
        reasons={(one["field"], one["code"]): one["reason"] for one in given},
    )


def _own(register: Register, row: Row | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {name: getattr(row, name) for name in (*entered(register.form), *derived(register.form))}


def _judged(register: Register, draft: Draft, read: _Read, bench: Bench, months: _Months) -> Judged:
    attempt, problems = read.attempt, read.problems
    if attempt.before is not None:
        check_state(attempt.before, State.DRAFT, State.SUBMITTED)
    _check_future(register.form, attempt)
    _keep_unamended(register, attempt)
    bench.sitting.check(attempt)
    bench.pictures.check(attempt)
    _require_computed(register.form, attempt, problems)
    known = {p.field for p in problems}
    problems += [p for p in attempt.problems if p.field not in known]
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    confirmed = _confirmed(attempt, read.reasons, draft.confirmed)
    day = register.day(attempt.values, attempt.by)
    if register.in_period:
        stood = {attempt.before.business_date} if attempt.before is not None else set[date]()
        for touched in sorted({day, *stood}):
            months.check_open(touched)
    return Judged(attempt=attempt, day=day, reason=_reason(draft.typed, confirmed))


def check_state(row: Row, *allowed: State) -> None:
    """Make sure that a record is in one of these states.

    Raises: NotInThisState.
    """
    if row.state not in allowed:
        raise NotInThisState(state=row.state)


def _check_future(form: type[Record], attempt: Attempt) -> None:
    for name, found in entered(form).items():
        if isinstance(found, Instant) and found.past:
            value = attempt.values[name]
            if value is not None and value > attempt.by.now:
                attempt.refuse(name, "FUTURE")


def _keep_unamended(register: Register, attempt: Attempt) -> None:
    """Refuse other changes of a form of which only some fields may be amended."""
    amendable = register.form.sheet.amendable
    if not amendable or attempt.before is None:
        return
    for name in entered(register.form).keys() - {*amendable}:
        if attempt.values[name] != attempt.was[name]:
            attempt.refuse(name, "STATE", zh="提交后不能修改", en="stays as it was handed in")


def _require_computed(form: type[Record], attempt: Attempt, problems: list[Problem]) -> None:
    """Ask for what computed values make necessary, but nobody for what they may not fill in."""
    known = {p.field for p in problems}
    everything = {**attempt.values, **attempt.computed}
    for name, condition in conditions(form).items():
        is_missing = name not in known and everything.get(name) is None
        if is_missing and condition.holds(everything) and _may_fill(form, name, attempt.by):
            problems.append(problem(name, "REQUIRED"))


def _is_on_paper(form: type[Record], found: Problem, by: Editor) -> bool:
    is_missing = by.signs_on_paper and found.code == "REQUIRED"
    return is_missing and isinstance(declared_fields(form).get(found.field), Signature)


def _may_fill(form: type[Record], name: str, by: Editor) -> bool:
    if by.signs_on_paper and isinstance(declared_fields(form)[name], Signature):
        return False
    guard = form.sheet.guarded.get(declared_fields(form)[name].metadata["class"])
    return guard is None or by.permits(guard, "C") or by.permits(guard, "U")


def _confirmed(
    attempt: Attempt, reasons: Mapping[tuple[str, str], str], for_all: str
) -> str | None:
    """Match warnings with confirmations.

    Raises: NeedsConfirmation with those that nobody entitled confirmed.
    """
    given, open_ones = [], []
    for doubt in attempt.doubts:
        reason = reasons.get((doubt.field, doubt.code)) or for_all[:200]
        if reason and _may_confirm(doubt, attempt.by):
            given.append(f"{doubt.code}: {reason}")
        else:
            open_ones.append(doubt)
    if open_ones:
        raise NeedsConfirmation(open_ones)
    return "; ".join(given) or None


def _may_confirm(doubt: Doubt, by: Editor) -> bool:
    if doubt.needs_second:
        return by.approver_id is not None and by.approver_id != by.id
    has_signed = by.approver_id is not None and doubt.permission[1] == "A"  # who signs approves
    return has_signed or by.permits(*doubt.permission)


def _reason(typed: Mapping[str, Any], confirmed: str | None) -> str | None:
    given = typed.get("change_reason")
    parts = [part for part in (given if isinstance(given, str) else None, confirmed) if part]
    return "; ".join(parts)[:200] or None
