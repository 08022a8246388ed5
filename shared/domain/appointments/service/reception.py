"""Receive guests: seated, greeted, interviewed, told when they wait too long, let go unserved.

Form: W2, the rows of the front desk and the consultant before a quote.
Locks: the visit, then its appointment; its month, shared.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.events import AppointmentCancelled
from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.queries import resources
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.resources import SERVING, Kind
from shared.domain.appointments.rules.stages import Stage
from shared.domain.appointments.rules.visits import LeftReason, Step, VisitStage
from shared.domain.appointments.service import moving, turns, visit_steps
from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.appointments.service.visit_steps import Arrival
from shared.domain.customers import queries as customers
from shared.errors import Problem, problem
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.records import queries as records_queries
from shared.records import service as records
from shared.records.register import Editor


def walk_in(session: Session, arrival: Arrival, *, by: Editor) -> Visit:
    """Seat a guest who comes without a booking; who serves leaves the head of the turn queue.

    Raises: FormInvalid, visit_steps.IsHereAlready, periods.MonthClosed.
    """
    problems = _seat_problems(session, arrival.staff_id, arrival.place_id, by)
    if not customers.known(session, [arrival.customer_id]):
        problems.insert(0, problem("customer", "NOT_FOUND"))
    _raise_if(problems)
    if arrival.staff_id is not None and not arrival.is_requested:
        turns.take_turn(session, day=by.today, person=arrival.staff_id)
    return visit_steps.open_visit(session, arrival, by=by)


def seat(
    session: Session, visit: Visit, *, staff_id: UUID | None, place_id: int | None, by: Editor
) -> None:
    """Say anew who serves the guest of a held visit, and in which bed; nobody moves at the till.

    Raises: FormInvalid, rules.VisitStepRefused.
    """
    if visit.stage in rules.OVER:
        raise rules.VisitStepRefused(now=visit.stage)
    _raise_if(_seat_problems(session, staff_id, place_id, by))
    visit.staff_id, visit.place_id = staff_id, place_id
    visit.version += 1


def greet(session: Session, visit: Visit, *, by: Editor) -> None:
    """Note that a guest was greeted, on the visit and on its booking (SLA-03).

    Raises: rules.VisitStepRefused.
    """
    visit_steps.note_greeted(session, visit, by=by)
    if visit.appointment_id is not None:
        row = records_queries.for_update(session, APPOINTMENTS, visit.appointment_id)
        if row.greeted_at is None:
            row.greeted_at = by.now
            records.note_action(session, APPOINTMENTS, row, action="GREET", by=by, reason=None)


def consult(
    session: Session, visit: Visit, *, is_health_declined: bool, needs: str | None, by: Editor
) -> None:
    """Begin the interview: with consent to health data, or knowing that the guest gives none.

    Raises: FormInvalid (CONSENT), rules.VisitStepRefused.
    """
    rules.check_visit_step(VisitStage(visit.stage), Step.CONSULT)
    guest = customers.by_ids(session, [visit.customer_id])[visit.customer_id]
    if not guest.consent_sensitive and not is_health_declined:
        ask = {
            "zh": "请先取得敏感信息单独同意,或注明顾客不同意",
            "en": "ask for consent to health data, or note that the guest declines",
        }
        _raise_if([problem("is_health_declined", "CONSENT", **ask)])
    visit_steps.move(session, visit, Step.CONSULT, by=by)
    visit.is_health_declined = is_health_declined and not guest.consent_sensitive
    visit.needs = needs


def leave(
    session: Session, visit: Visit, *, reason: LeftReason, note: str | None, by: Editor
) -> None:
    """Let a guest go who was not served; the booking is cancelled with the reason.

    Emits: Notify `visit.left`; AppointmentCancelled.
    Raises: rules.VisitStepRefused.
    """
    visit_steps.leave(session, visit, reason, by=by, reason=note)
    if booking := moving.booking_of(session, visit, Stage.ARRIVED):
        why = {"cancel_reason": rules.cancel_reason(reason)}
        moving.step(session, booking, Stage.CANCELLED, by=by, reason=note, values=why)
        publish(session, AppointmentCancelled(appointment_id=booking.id, is_late=False))


def watch_waiting(session: Session, *, visit_id: int, by: Editor) -> None:
    """Tell the manager of a guest who still waits ten minutes after the start; once.

    Locks: the visit.
    Emits: Notify `visit.waiting`.
    """
    visit = queries.for_update(session, visit_id)
    if visit.stage != VisitStage.WAITING or visit.waiting_told_at is not None:
        return
    visit.waiting_told_at = by.now
    minutes = int((by.now - visit.arrived_at).total_seconds() // 60)
    told = Notify(
        event="visit.waiting",
        key=str(visit.id),
        facts={"minutes": str(minutes)},
        records={"customer": f"customers/{visit.customer_id}"},
    )
    publish(session, told)


def _seat_problems(
    session: Session, staff_id: UUID | None, place_id: int | None, by: Editor
) -> list[Problem]:
    problems = []
    members = by.members() if by.members is not None and staff_id is not None else None
    if members is not None and staff_id is not None and not SERVING & {*members.get(staff_id, ())}:
        problems.append(problem("staff", "NOT_FOUND"))
    if place_id is not None:
        place = resources.by_ids(session, [place_id]).get(place_id)
        if place is None or place.kind != Kind.PLACE or not place.is_active:
            problems.append(problem("place", "NOT_FOUND"))
    return problems


def _raise_if(problems: list[Problem]) -> None:
    if problems:
        raise errors.FormInvalid(problems=tuple(problems))
