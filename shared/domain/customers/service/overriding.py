"""Set a guest's grade by hand, and let the computed one count again.

Form: F02 override; event grade.changed.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.customers import queries
from shared.domain.customers.models import Customer, Grading
from shared.domain.customers.rules import grading as rules
from shared.domain.customers.rules.grading import Grade
from shared.domain.customers.service.grading import GRADINGS, change_told
from shared.events.jobs import publish
from shared.forms.record import State
from shared.records.register import Editor
from shared.records.writing import alter


class NotGradedYet(errors.Conflict):
    """The guest is graded for the first time with the end of this month."""

    code = "STATE"
    zh = "该顾客尚未分级,本月底首次分级后才能调整"


def set_by_hand(
    session: Session, *, customer_id: int, new: Mapping[str, Any], by: Editor
) -> Grading:
    """Set a guest's grade by hand until a day.

    Shape: `new` is a loaded GradeOverride.
    Locks: the guest's newest grading.
    Emits: Notify grade.changed.
    Raises: NoSuchCustomer, NotGradedYet, FormInvalid.
    """
    row = _newest(session, customer_id)
    problems = []
    if not by.today <= new["until"] <= rules.last_until(by.today):
        problems.append(
            errors.problem(
                "until", "RANGE", zh="有效期最多为今后六个月", en="at most six months ahead"
            )
        )
    if new["grade"] == Grade.P and row.computed_grade != Grade.P:
        problems.append(
            errors.problem("grade", "RANGE", zh="已有付费到店", en="the guest has paid visits")
        )
    if new["grade"] == Grade.A and queries.get(session, customer_id).consultant is None:
        problems.append(
            errors.problem(
                "grade", "REQUIRED", zh="A 级顾客须有责任顾问", en="grade A needs a consultant"
            )
        )
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
    _change(session, row, new["grade"], new["until"], new["reason"], by)
    return row


def take_back(session: Session, *, customer_id: int, by: Editor) -> Grading:
    """Let the computed grade count again.

    Locks: the guest's newest grading.
    Emits: Notify grade.changed.
    Raises: NoSuchCustomer, NotGradedYet.
    """
    row = _newest(session, customer_id)
    if row.override_grade is not None:
        _change(session, row, None, None, None, by)
    return row


def newest(session: Session, customer_id: int) -> Grading | None:
    """Give a guest's newest grading."""
    return session.scalars(_of(customer_id).limit(1)).one_or_none()


def explained(row: Grading) -> tuple[str, str]:
    """Say in words why a guest has the computed grade."""
    return rules.explained(row.computed_grade, before=row.share_before, own=row.share)


def _of(customer_id: int) -> Any:
    of_guest = select(Grading).where(Grading.customer == customer_id, Grading.state != State.VOID)
    return of_guest.order_by(Grading.as_of.desc())


def _newest(session: Session, customer_id: int) -> Grading:
    queries.get(session, customer_id)
    held = _of(customer_id).limit(1).with_for_update().execution_options(populate_existing=True)
    found: Grading | None = session.scalars(held).one_or_none()
    if found is None:
        raise NotGradedYet(customer_id=customer_id)
    return found


def _change(
    session: Session,
    row: Grading,
    new: str | None,
    until: date | None,
    reason: str | None,
    by: Editor,
) -> None:
    counts = new or row.computed_grade
    old = row.grade
    values = {
        "override_grade": new,
        "override_until": until,
        "override_reason": reason,
        "grade": counts,
        "moved": rules.moved(row.grade_before, counts),
        "contact_cycle": rules.CYCLES[Grade(counts)],
        "next_contact": rules.next_contact(
            row.last_visit, rules.CYCLES[Grade(counts)], on=by.today
        ),
    }
    action = "OVERRIDE" if new is not None else "OVERRIDE_END"
    alter(session, GRADINGS, row, values, action=action, by=by)
    session.execute(update(Customer).where(Customer.id == row.customer).values(grade=counts))
    if old != counts:
        told = {"customer": row.customer, "consultant": row.consultant, "grade": counts}
        publish(session, change_told({**told, "grade_before": old}, f"hand/{row.id}/{row.version}"))
