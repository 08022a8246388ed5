"""Grade all guests once a month.

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

from shared.days import month_of
from shared.db.inserting import upsert_all
from shared.domain.customers.forms.grading import GradingRow
from shared.domain.customers.models import Customer, Grading
from shared.domain.customers.rules import activity as activities
from shared.domain.customers.rules import grading as rules
from shared.domain.customers.rules.activity import Limits, Traces
from shared.domain.customers.rules.grading import Grade
from shared.events.jobs import publish_all
from shared.events.notices import Notify
from shared.forms.record import State
from shared.records import numbers, periods
from shared.records.register import Register

GRADINGS = Register(form=GradingRow, model=Grading, owners=("consultant",), in_period=False)


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
    Locks: the rows of this grading; the month, shared; the counter of the month's numbers.
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
    _void_others(session, as_of)
    if _is_newest(session, as_of):
        session.execute(_CARRY, {"as_of": as_of})
    publish_all(session, [change_told(row, f"{as_of}") for row in rows if row["moved"] is not None])
    return len(rows)


def change_told(row: Mapping[str, Any], what: str) -> Notify:
    """Tell the consultant of a changed grade; `what` names the change once for ever."""
    return Notify(
        event="grade.changed",
        key=f"{row['customer']}/{what}",
        facts={"old": str(row["grade_before"]), "new": str(row["grade"])},
        records={"customer": f"customers/{row['customer']}"},
        to_people=(row["consultant"],) if row["consultant"] else (),
    )


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
    """Give the rows of a grading that is done again, held: a manager may set a grade meanwhile."""
    wanted = select(Grading.customer, Grading.number, Grading.grade, *_OVERRIDE)
    held = wanted.where(Grading.as_of == as_of).order_by(Grading.id).with_for_update()
    return {row.customer: row for row in session.execute(held)}


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
        return {
            "computed_grade": Grade.P, "spend_12m_fen": 0, "spend_365_fen": 0, "visits_12m": 0,
            "visits_180": 0, "before_fen": 0, "total_fen": 0, "last_visit": None, "rfm": None,
            "segment": None, "activity": None, "met_on": None,
        }  # fmt: skip
    digits = rules.rfm(
        days_since=(as_of - known.last_visit).days,
        visits_180=known.visits_180,
        spend_365_fen=known.spend_365_fen,
    )
    return {
        "computed_grade": place.grade, "spend_12m_fen": known.spend_12m_fen,
        "spend_365_fen": known.spend_365_fen, "visits_12m": known.visits_12m,
        "visits_180": known.visits_180, "before_fen": place.before_fen,
        "total_fen": place.total_fen, "last_visit": known.last_visit, "rfm": digits,
        "segment": rules.segment(digits),
        "activity": activities.activity(known.traces, limits, on=as_of),
        "met_on": known.traces.met_on,
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
    row["contact_cycle"] = rules.CYCLES[row["grade"]]
    row["next_contact"] = rules.next_contact(
        row.pop("met_on"), row["contact_cycle"], on=row["as_of"]
    )


def _number(
    session: Session, rows: list[dict[str, Any]], standing: Mapping[int, Any], as_of: date
) -> None:
    new = [row for row in rows if row["customer"] not in standing]
    given = iter(numbers.take(session, form=GRADINGS.code, days=[as_of] * len(new)))
    for row in rows:
        there = standing.get(row["customer"])
        row["number"] = next(given) if there is None else there.number


def _void_others(session: Session, as_of: date) -> None:
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
