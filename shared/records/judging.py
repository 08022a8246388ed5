"""Judge a form before it is kept: everything that is wrong is told at once, doubts are confirmed.

Shape: `typed` is the form as JSON says it; what marshmallow, the declaration's conditions and the
    capability refuse are told together.
"""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from shared import errors
from shared.errors import Problem, problem
from shared.forms.kinds import Instant
from shared.forms.problems import problems_of
from shared.forms.record import Record, conditions, declared_fields, derived, entered
from shared.records import attachments
from shared.records.register import Attempt, Doubt, Editor, Register, Row


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


def judged(
    session: Session, register: Register, typed: Mapping[str, Any], *,
    before: Row | None, by: Editor,
) -> tuple[Attempt, str | None]:  # fmt: skip
    """Load and check; give the attempt and why its warnings were confirmed.

    Raises: FormInvalid with everything that is wrong, NeedsConfirmation.
    """
    values, problems, confirmations = _loaded(register.form, typed, before)
    attempt = Attempt(values=values, before=before, by=by, was=_own(register, before))
    for name, found in entered(register.form).items():
        if isinstance(found, Instant) and found.past and (values[name] or by.now) > by.now:
            attempt.refuse(name, "FUTURE")
    _keep_unamended(register, attempt)
    register.check(session, attempt)
    attachments.check(session, register, attempt)
    _require_computed(register.form, attempt, problems)
    known = {p.field for p in problems}
    problems += [p for p in attempt.problems if p.field not in known]
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    return attempt, _confirmed(attempt, confirmations)


def _keep_unamended(register: Register, attempt: Attempt) -> None:
    """Refuse other changes of a form of which only some fields may be amended."""
    amendable = register.form.sheet.amendable
    if not amendable or attempt.before is None:
        return
    for name in entered(register.form).keys() - {*amendable}:
        if attempt.values[name] != attempt.was[name]:
            attempt.refuse(name, "STATE", zh="提交后不能修改", en="stays as it was handed in")


def _own(register: Register, row: Row | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {name: getattr(row, name) for name in (*entered(register.form), *derived(register.form))}


def _loaded(
    form: type[Record], typed: Mapping[str, Any], before: Row | None
) -> tuple[dict[str, Any], list[Problem], list[dict[str, Any]]]:
    """Give all entered values (None where wrong or left out), what is wrong, the confirmations."""
    whole = dict(typed)
    if before is not None:
        own = {name: found.serialize(name, before) for name, found in entered(form).items()}
        whole = {**{name: value for name, value in own.items() if value is not None}, **whole}
    problems: list[Problem] = []
    try:
        read = form().load(whole)
    except ValidationError as error:
        problems = list(problems_of(error))
        read = dict(error.valid_data) if isinstance(error.valid_data, dict) else {}
    values = {name: read.get(name) for name in entered(form)}
    confirmations = read.get("confirmations")
    return values, problems, confirmations if isinstance(confirmations, list) else []


def _require_computed(form: type[Record], attempt: Attempt, problems: list[Problem]) -> None:
    """Ask for what computed values make necessary, but nobody for what they may not fill in."""
    known = {p.field for p in problems}
    everything = {**attempt.values, **attempt.computed}
    for name, condition in conditions(form).items():
        is_missing = name not in known and everything.get(name) is None
        if is_missing and condition.holds(everything) and _may_fill(form, name, attempt.by):
            problems.append(problem(name, "REQUIRED"))


def _may_fill(form: type[Record], name: str, by: Editor) -> bool:
    guard = form.sheet.guarded.get(declared_fields(form)[name].metadata["class"])
    return guard is None or by.permits(guard, "C") or by.permits(guard, "U")


def _confirmed(attempt: Attempt, confirmations: list[dict[str, Any]]) -> str | None:
    """Match warnings with confirmations.

    Raises: NeedsConfirmation with those that nobody entitled confirmed.
    """
    reasons = {(c["field"], c["code"]): c["reason"] for c in confirmations}
    given, open_ones = [], []
    for doubt in attempt.doubts:
        reason = reasons.get((doubt.field, doubt.code))
        if reason is not None and _may_confirm(doubt, attempt.by):
            given.append(f"{doubt.code}: {reason}")
        else:
            open_ones.append(doubt)
    if open_ones:
        raise NeedsConfirmation(open_ones)
    return "; ".join(given) or None


def _may_confirm(doubt: Doubt, by: Editor) -> bool:
    if doubt.needs_second:
        return by.approver_id is not None and by.approver_id != by.id
    return by.approver_id is not None or by.permits(*doubt.permission)
