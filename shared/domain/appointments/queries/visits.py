"""Questions about visits: who is in the house, what was quoted, what is still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select, text
from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.models.visits import (
    Treatment,
    TreatmentProduct,
    Visit,
    VisitLine,
    VisitStep,
)
from shared.domain.appointments.rules.visits import OVER, PayBy
from shared.domain.customers import queries as customers
from shared.forms.record import State

_FINGERPRINT = text(
    """
    SELECT (SELECT string_agg(id || '.' || version, ' ' ORDER BY id)
            FROM visits WHERE business_date = :day),
        (SELECT string_agg(t.id || '.' || t.version, ' ' ORDER BY t.id)
            FROM treatments t JOIN visits v ON v.id = t.visit WHERE v.business_date = :day),
        (SELECT string_agg(id || '.' || version, ' ' ORDER BY id)
            FROM appointments WHERE business_date = :day),
        (SELECT string_agg(id || '.' || version, ' ' ORDER BY id) FROM resources)
    """
)


class NoSuchVisit(errors.Missing):
    """There is no such visit."""

    zh = "找不到该到店单"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something of a day that must be finished before the day closes."""

    kind: Literal["treatment", "visit"]
    id: int
    number: str


def get(session: Session, visit_id: int, *, own_of: UUID | None = None) -> Visit:
    """Give one visit; with `own_of` one in which that person serves.

    Raises: NoSuchVisit.
    """
    return _one(session, visit_id, own_of=own_of, is_held=False)


def for_update(session: Session, visit_id: int, *, own_of: UUID | None = None) -> Visit:
    """Give one visit and hold it.

    Locks: the row.
    Raises: NoSuchVisit.
    """
    return _one(session, visit_id, own_of=own_of, is_held=True)


def of_appointment(session: Session, appointment_id: int) -> Visit | None:
    """Find the visit that an appointment became."""
    wanted = select(Visit).where(Visit.appointment_id == appointment_id)
    return session.scalars(wanted).one_or_none()


def open_visit_of(session: Session, customer_ids: Iterable[int]) -> Visit | None:
    """Find the visit in which one of these profiles is in the house now."""
    wanted = select(Visit).where(Visit.customer_id.in_(set(customer_ids)), Visit.stage.not_in(OVER))
    return session.scalars(wanted.limit(1)).first()


def of_day(session: Session, day: date, *, own_of: UUID | None = None) -> Sequence[Visit]:
    """List the visits of a day by their arrival."""
    wanted = select(Visit).where(Visit.business_date == day)
    if own_of is not None:
        wanted = wanted.where(_serves(own_of))
    return session.scalars(wanted.order_by(Visit.arrived_at, Visit.id)).all()


def fingerprint(session: Session, day: date) -> tuple[Any, ...]:
    """Give what changes whenever the reception of a day does; versions say everything."""
    return tuple(session.execute(_FINGERPRINT, {"day": day}).one())


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Visit]:
    """Give the visits that exist among these ids."""
    found = session.scalars(select(Visit).where(Visit.id.in_(set(ids))))
    return {one.id: one for one in found}


def by_numbers(session: Session, numbers: Iterable[str]) -> dict[str, int]:
    """Give the ids of the visits that exist among these numbers."""
    found = session.execute(select(Visit.number, Visit.id).where(Visit.number.in_(set(numbers))))
    return dict(found.all())


def lines_of(session: Session, visit_ids: Iterable[int]) -> dict[int, list[VisitLine]]:
    """Give the lines of visits, in the order in which they were quoted."""
    wanted = select(VisitLine).where(VisitLine.visit_id.in_(set(visit_ids))).order_by(VisitLine.id)
    found: dict[int, list[VisitLine]] = {}
    for line in session.scalars(wanted):
        found.setdefault(line.visit_id, []).append(line)
    return found


def lines(session: Session, ids: Iterable[int]) -> dict[int, VisitLine]:
    """Give the lines that exist among these ids."""
    found = session.scalars(select(VisitLine).where(VisitLine.id.in_(set(ids))))
    return {one.id: one for one in found}


def steps_of(session: Session, visit_ids: Iterable[int]) -> dict[int, list[VisitStep]]:
    """Give the steps of visits, the first first."""
    wanted = select(VisitStep).where(VisitStep.visit_id.in_(set(visit_ids))).order_by(VisitStep.id)
    found: dict[int, list[VisitStep]] = {}
    for step in session.scalars(wanted):
        found.setdefault(step.visit_id, []).append(step)
    return found


def cards_of(session: Session, visit_ids: Iterable[int]) -> dict[int, list[Treatment]]:
    """Give the treatment cards of visits that are not void."""
    wanted = select(Treatment).where(
        Treatment.visit.in_(set(visit_ids)), Treatment.state != State.VOID
    )
    found: dict[int, list[Treatment]] = {}
    for card in session.scalars(wanted.order_by(Treatment.id)):
        found.setdefault(card.visit, []).append(card)
    return found


def cards_of_lines(session: Session, line_ids: Iterable[int]) -> dict[int, list[Treatment]]:
    """Give all cards of some lines, void ones too."""
    found: dict[int, list[Treatment]] = {}
    wanted = select(Treatment).where(Treatment.line.in_(set(line_ids)))
    for card in session.scalars(wanted.order_by(Treatment.id)):
        found.setdefault(card.line, []).append(card)
    return found


def products_of(
    session: Session, treatment_ids: Iterable[int]
) -> dict[int, list[TreatmentProduct]]:
    """Give the products used in treatments, in their order."""
    wanted = select(TreatmentProduct).where(TreatmentProduct.treatment_id.in_(set(treatment_ids)))
    found: dict[int, list[TreatmentProduct]] = {}
    for used in session.scalars(wanted.order_by(TreatmentProduct.place)):
        found.setdefault(used.treatment_id, []).append(used)
    return found


def due_lines(session: Session, visit_id: int) -> list[VisitLine]:
    """List what the guest agreed to and pays at the till."""
    found = lines_of(session, [visit_id]).get(visit_id, [])
    return [one for one in found if one.agreed_at is not None and one.pay_by == PayBy.SINGLE]


def deposits_of(session: Session, appointment_ids: Iterable[int | None]) -> dict[int | None, int]:
    """Tell what is left of deposits paid for appointments, in fen."""
    asked = {one for one in appointment_ids if one is not None}
    if not asked:
        return {}
    wanted = select(Appointment.id, Appointment.deposit_paid_fen).where(Appointment.id.in_(asked))
    return dict(session.execute(wanted).all())


def previous_card(session: Session, card: Treatment) -> Treatment | None:
    """Find the guest's last signed card of the same item before this one."""
    people = customers.whole_person(session, card.customer)
    wanted = select(Treatment).where(
        Treatment.customer.in_(people),
        Treatment.item == card.item,
        Treatment.state != State.VOID,
        Treatment.signed_at.is_not(None),
        Treatment.id != card.id,
        Treatment.started_at < card.started_at,
    )
    return session.scalars(wanted.order_by(Treatment.started_at.desc()).limit(1)).first()


def open_things(session: Session, day: date) -> list[Open]:
    """List what keeps a day from closing: unsigned treatment cards, visits that are not settled.

    Form: F08 validation; W12.
    """
    unsigned = session.scalars(
        select(Treatment)
        .where(
            Treatment.business_date == day,
            Treatment.state != State.VOID,
            Treatment.signed_at.is_(None),
        )
        .order_by(Treatment.id)
    )
    unsettled = session.scalars(
        select(Visit).where(Visit.business_date == day, Visit.stage.not_in(OVER)).order_by(Visit.id)
    )
    return [Open(kind="treatment", id=one.id, number=one.number) for one in unsigned] + [
        Open(kind="visit", id=one.id, number=one.number) for one in unsettled
    ]


def _one(session: Session, visit_id: int, *, own_of: UUID | None, is_held: bool) -> Visit:
    wanted = select(Visit).where(Visit.id == visit_id)
    if own_of is not None:
        wanted = wanted.where(_serves(own_of))
    if is_held:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NoSuchVisit(visit_id=visit_id)
    return found


def _serves(person_id: UUID) -> ColumnElement[bool]:
    in_it = or_(Treatment.beautician == person_id, Treatment.assistant == person_id)
    return or_(
        Visit.staff_id == person_id,
        exists().where(Treatment.visit == Visit.id, Treatment.state != State.VOID, in_it),
    )
