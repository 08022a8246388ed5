"""Grade all guests once a month, and let a manager set a grade by hand.

Form: F02, C6; J14; event grade.changed.
Shape: what guests spent and when they came is handed down by whoever knows it (reporting).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from shared import errors
from shared.days import month_of
from shared.db.inserting import upsert_all
from shared.domain.customers import queries
from shared.domain.customers.forms.grading import GradingRow
from shared.domain.customers.models import Customer, Grading
from shared.domain.customers.rules import activity as activities
from shared.domain.customers.rules import grading as rules
from shared.domain.customers.rules.activity import Limits, Traces
from shared.domain.customers.rules.grading import Grade
from shared.events.jobs import publish, publish_all
from shared.events.notices import Notify
from shared.forms.record import State
from shared.records import numbers, periods
from shared.records.register import Editor, Register
from shared.records.writing import alter

GRADINGS = Register(form=GradingRow, model=Grading, owners=("consultant",), in_period=False)


class NotGradedYet(errors.Conflict):
    """The guest is graded for the first time with the end of this month."""

    code = "STATE"
    zh = "该顾客尚未分级,本月底首次分级后才能调整"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestFigures:
    """What one guest spent, and when the guest came and was called; who never came is not there."""

    customer_id: int
    spend_12m_fen: int
    spend_365_fen: int
    visits_12m: int
    visits_180: int
    last_visit: date
    planned_on: date | None = None
    last_contact: date | None = None
    has_debt: bool = False

    @property
    def traces(self) -> Traces:
        """Give what the activity is judged by."""
        return Traces(
            last_visit=self.last_visit,
            planned_on=self.planned_on,
            last_contact=self.last_contact,
            has_debt=self.has_debt,
        )


def span_of(as_of: date) -> tuple[date, date, date]:
    """Name the first days of what is counted as of a day: of 12 months, 365 and 180 days."""
    days_365, days_180 = (as_of - timedelta(days=n - 1) for n in (rules.M_DAYS, rules.F_DAYS))
    return rules.year_before(as_of), days_365, days_180


def grade(
    session: Session,
    *,
    figures: Sequence[GuestFigures],
    as_of: date,
    limits: Limits,
    now: datetime,
) -> int:
    """Grade every guest as of a day; a rerun gives the same rows. Gives how many were graded.

    Units: a month that is closed keeps the rows it has. A grade set by hand goes on while its last
        day lies behind `as_of`; a guest who since paid cannot stay P.
    Locks: the month, shared; the counter of the month's numbers; the rows that change.
    Emits: Notify grade.changed, for those whose grade differs from the month before.
    """
    guests = _guests(session)
    standing = _standing(session, as_of)
    if standing and not periods.is_open(session, month_of(as_of)):
        return len(standing)
    known = {one.customer_id: one for one in figures if one.customer_id in guests}
    ranked = rules.places({one: found.spend_12m_fen for one, found in known.items()})
    before = _before(session, as_of)
    rows = [
        {
            **_worth(known.get(guest), ranked.get(guest), limits, as_of),
            **_by_hand(standing.get(guest) or before.get(guest), as_of),
            "customer": guest, "as_of": as_of, "business_date": as_of, "consultant": consultant,
            "grade_before": before[guest].grade if guest in before else None,
            "state": State.SUBMITTED, "created_at": now,
        }
        for guest, consultant in guests.items()
    ]  # fmt: skip
    for row in rows:
        _settle(row)
    _number(session, rows, standing, as_of)
    first = ("number", "created_at")
    upsert_all(session, Grading, rows, key=("customer", "as_of"), first=first)
    _void_others(session, guests, as_of)
    if _is_newest(session, as_of):
        session.execute(_CARRY, {"as_of": as_of})
    publish_all(session, [_told(row, f"{as_of}") for row in rows if row["moved"] is not None])
    return len(rows)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One grade of a grading; shares and averages are computed by who shows them."""

    grade: str
    guests: int
    spend_fen: int
    visits: int
    moved_up: int
    moved_down: int
    without_consultant: int


def gradings(session: Session, *, limit: int = 12) -> list[date]:
    """List the days as of which guests were graded, the newest first."""
    return list(
        session.scalars(
            select(Grading.as_of).distinct().order_by(Grading.as_of.desc()).limit(limit)
        )
    )


def summary(session: Session, as_of: date, *, own_of: UUID | None = None) -> list[Summary]:
    """Sum up a grading by grade, in their order; a grade that nobody has is there with zeros.

    Form: F02 summary block.
    """
    counted = (
        select(
            Grading.grade, func.count(), func.sum(Grading.spend_12m_fen),
            func.sum(Grading.visits_12m),
            func.count().filter(Grading.moved == rules.Move.UP),
            func.count().filter(Grading.moved == rules.Move.DOWN),
            func.count().filter(Grading.consultant.is_(None)),
        )
        .where(Grading.as_of == as_of, Grading.state != State.VOID)
        .group_by(Grading.grade)
    )  # fmt: skip
    if own_of is not None:
        counted = counted.where(Grading.consultant == own_of)
    found = {row[0]: [int(value) for value in row[1:]] for row in session.execute(counted)}
    names = ("guests", "spend_fen", "visits", "moved_up", "moved_down", "without_consultant")
    return [
        Summary(
            grade=one, **dict(zip(names, found.get(one, [0] * len(names)), strict=True))
        )
        for one in Grade
    ]  # fmt: skip


_CARRY = text(
    """
    UPDATE customers SET grade = one.grade FROM gradings one
    WHERE one.customer = customers.id AND one.as_of = :as_of AND one.state <> 'VOID'
          AND customers.grade IS DISTINCT FROM one.grade
    """
)


def _guests(session: Session) -> dict[int, UUID | None]:
    """Name all living profiles with their consultants, in their order."""
    living = select(Customer.id, Customer.consultant).where(
        Customer.state != State.VOID, Customer.restricted_at.is_(None)
    )
    return dict(session.execute(living.order_by(Customer.id)).all())


_OVERRIDE = (Grading.override_grade, Grading.override_reason, Grading.override_until)


def _standing(session: Session, as_of: date) -> dict[int, Any]:
    wanted = select(Grading.customer, Grading.number, Grading.grade, *_OVERRIDE)
    return {row.customer: row for row in session.execute(wanted.where(Grading.as_of == as_of))}


def _before(session: Session, as_of: date) -> dict[int, Any]:
    """Give each guest's last grading before a day."""
    wanted = (
        select(Grading.customer, Grading.number, Grading.grade, *_OVERRIDE)
        .ext(distinct_on(Grading.customer))
        .where(Grading.as_of < as_of, Grading.state != State.VOID)
        .order_by(Grading.customer, Grading.as_of.desc())
    )
    return {row.customer: row for row in session.execute(wanted)}


def _worth(
    known: GuestFigures | None, place: rules.Place | None, limits: Limits, as_of: date
) -> dict[str, Any]:
    """Write what a guest was worth; who never came was worth nothing yet."""
    if known is None or place is None:
        cycle = rules.CYCLES[Grade.P]
        return {
            "computed_grade": Grade.P, "spend_12m_fen": 0, "spend_365_fen": 0, "visits_12m": 0,
            "visits_180": 0, "before_fen": 0, "total_fen": 0, "last_visit": None, "rfm": None,
            "segment": None, "activity": None, "contact_cycle": cycle,
            "next_contact": rules.next_contact(None, cycle, on=as_of),
        }  # fmt: skip
    digits = rules.rfm(
        days_since=(as_of - known.last_visit).days,
        visits_180=known.visits_180,
        spend_365_fen=known.spend_365_fen,
    )
    cycle = rules.CYCLES[place.grade]
    return {
        "computed_grade": place.grade, "spend_12m_fen": known.spend_12m_fen,
        "spend_365_fen": known.spend_365_fen, "visits_12m": known.visits_12m,
        "visits_180": known.visits_180, "before_fen": place.before_fen,
        "total_fen": place.total_fen, "last_visit": known.last_visit, "rfm": digits,
        "segment": rules.segment(digits),
        "activity": activities.activity(known.traces, limits, on=as_of), "contact_cycle": cycle,
        "next_contact": rules.next_contact(known.traces.met_on, cycle, on=as_of),
    }  # fmt: skip


def _by_hand(row: Any, as_of: date) -> dict[str, Any]:
    """Carry a grade that was set by hand, while it is valid."""
    if row is None or row.override_grade is None or row.override_until <= as_of:
        return {"override_grade": None, "override_reason": None, "override_until": None}
    return {
        "override_grade": row.override_grade,
        "override_reason": row.override_reason,
        "override_until": row.override_until,
    }


def _settle(row: dict[str, Any]) -> None:
    """Say which grade counts, where it moved, and how often the guest is called by it."""
    if row["override_grade"] == Grade.P != row["computed_grade"]:
        row["override_grade"] = row["override_reason"] = row["override_until"] = None
    row["grade"] = row["override_grade"] or row["computed_grade"]
    row["moved"] = rules.moved(row["grade_before"], row["grade"])


def _number(
    session: Session, rows: list[dict[str, Any]], standing: Mapping[int, Any], as_of: date
) -> None:
    new = [row for row in rows if row["customer"] not in standing]
    given = iter(numbers.take(session, form=GRADINGS.code, days=[as_of] * len(new)))
    for row in rows:
        there = standing.get(row["customer"])
        row["number"] = next(given) if there is None else there.number


def _void_others(session: Session, guests: Mapping[int, UUID | None], as_of: date) -> None:
    """Void the rows of those who were merged away or asked to be erased since."""
    gone = select(Customer.id).where(
        or_(Customer.state == State.VOID, Customer.restricted_at.is_not(None))
    )
    session.execute(
        update(Grading)
        .where(Grading.as_of == as_of, Grading.state != State.VOID, Grading.customer.in_(gone))
        .values(state=State.VOID)
    )


def _is_newest(session: Session, as_of: date) -> bool:
    return session.scalar(select(func.max(Grading.as_of))) == as_of


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
    }
    action = "OVERRIDE" if new is not None else "OVERRIDE_END"
    alter(session, GRADINGS, row, values, action=action, by=by)
    session.execute(update(Customer).where(Customer.id == row.customer).values(grade=counts))
    if old != counts:
        told = {"customer": row.customer, "consultant": row.consultant, "grade": counts}
        publish(session, _told({**told, "grade_before": old}, f"hand/{row.id}/{row.version}"))


def _told(row: Mapping[str, Any], what: str) -> Notify:
    """Tell the consultant of a changed grade; `what` names the change once for ever."""
    return Notify(
        event="grade.changed",
        key=f"{row['customer']}/{what}",
        facts={"old": str(row["grade_before"]), "new": str(row["grade"])},
        records={"customer": f"customers/{row['customer']}"},
        to_people=(row["consultant"],) if row["consultant"] else (),
    )
