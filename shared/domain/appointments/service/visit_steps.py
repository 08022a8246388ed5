"""Open a visit and write down each of its steps: what booking, reception and treatments share.

Form: W2, its first row.
Locks: the visit; its month, shared; the counter of visit numbers.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from shared import errors
from shared.domain.appointments.events import WatchWaiting
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.models.visits import Visit, VisitStep
from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules import visits as rules
from shared.domain.appointments.rules.visits import LeftReason, Step, VisitStage
from shared.domain.customers import queries as customers
from shared.errors import problem
from shared.events.jobs import publish
from shared.events.notices import Notify
from shared.records import numbers, periods
from shared.records.judging import ChangedMeanwhile
from shared.records.register import Editor

NUMBERS = "V"


class IsHereAlready(errors.Conflict):
    """This guest is in the house already."""

    code = "DUPLICATE"
    zh = "该顾客已在店内"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Who came, to whom, to which bed; `planned_at` is the start of the booking."""

    customer_id: int
    planned_at: datetime
    appointment_id: int | None = None
    staff_id: UUID | None = None
    place_id: int | None = None
    is_requested: bool = False


def open_visit(session: Session, arrival: Arrival, *, by: Editor) -> Visit:
    """Seat a guest who came; one who is in the house already is not let in twice.

    Emits: WatchWaiting, ten minutes after the guest should have been served.
    Raises: periods.MonthClosed, IsHereAlready.
    """
    periods.check_open(session, by.today)
    people = customers.whole_person(session, arrival.customer_id)
    if there := queries.open_visit_of(session, people):
        raise IsHereAlready(problems=(problem("customer", "DUPLICATE"),), number=there.number)
    [number] = numbers.take(session, form=NUMBERS, days=[by.today])
    visit = Visit(
        number=number,
        business_date=by.today,
        customer_id=arrival.customer_id,
        appointment_id=arrival.appointment_id,
        stage=VisitStage.WAITING,
        place_id=arrival.place_id,
        staff_id=arrival.staff_id,
        is_requested=arrival.is_requested,
        planned_at=arrival.planned_at,
        arrived_at=by.now,
        version=1,
    )
    session.add(visit)
    session.flush()  # its step and its job carry the id
    note(session, visit, Step.ARRIVE, by=by)
    due_at = max(arrival.planned_at, by.now) + rules.WAITS_AT_MOST
    publish(session, WatchWaiting(visit_id=visit.id), run_at=due_at)
    return visit


def open_for(session: Session, row: Appointment, *, by: Editor) -> Visit:
    """Open the visit of an appointment whose guest is there.

    Raises: as `open_visit`; FormInvalid for an appointment of nobody known.
    """
    if row.customer is None:
        raise errors.FormInvalid(problems=(problem("customer", "REQUIRED"),))
    arrival = Arrival(
        customer_id=row.customer,
        planned_at=row.start_at,
        appointment_id=row.id,
        staff_id=row.assigned_staff,
        place_id=row.room,
        is_requested=row.requested_staff is not None,
    )
    return open_visit(session, arrival, by=by)


def end_for(session: Session, row: Appointment, *, by: Editor, reason: str | None) -> None:
    """End the visit of an appointment that is cancelled although its guest came.

    Locks: the visit.
    Raises: rules.VisitStepRefused when something was begun.
    """
    found = queries.of_appointment(session, row.id)
    if found is not None:
        visit = queries.for_update(session, found.id)
        leave(session, visit, LeftReason.OTHER, by=by, reason=reason)


def greet_for(session: Session, row: Appointment, *, by: Editor) -> None:
    """Note on the visit of an appointment that its guest was greeted.

    Locks: the visit.
    """
    found = queries.of_appointment(session, row.id)
    if found is not None and found.greeted_at is None:
        note_greeted(session, queries.for_update(session, found.id), by=by)


def hold(
    session: Session, visit_id: int, *, version: int, by: Editor, own_of: UUID | None = None
) -> Visit:
    """Hold a visit in the version that somebody saw, in a month that is open.

    Locks: the visit.
    Raises: queries.NoSuchVisit, ChangedMeanwhile, periods.MonthClosed.
    """
    visit = queries.for_update(session, visit_id, own_of=own_of)
    if visit.version != version:
        raise ChangedMeanwhile(visit_id=visit_id, version=visit.version)
    periods.check_open(session, visit.business_date)
    return visit


def move(
    session: Session, visit: Visit, step: Step, *, by: Editor, reason: str | None = None
) -> None:
    """Take a step of W2 with a held visit, and write it down.

    Raises: rules.VisitStepRefused.
    """
    visit.stage = rules.check_visit_step(VisitStage(visit.stage), step)
    visit.version += 1
    note(session, visit, step, by=by, reason=reason)


def note(
    session: Session, visit: Visit, step: Step, *, by: Editor, reason: str | None = None
) -> None:
    """Write down who did what with a visit."""
    session.add(
        VisitStep(
            visit_id=visit.id, step=step, stage=visit.stage, at=by.now, by_id=by.id,
            reason=reason and reason[:200],
        )
    )  # fmt: skip


def note_greeted(session: Session, visit: Visit, *, by: Editor) -> None:
    """Note that a guest who waits was greeted; the first time counts (SLA-03).

    Raises: rules.VisitStepRefused.
    """
    if visit.greeted_at is not None or visit.stage in rules.OVER:
        raise rules.VisitStepRefused(now=visit.stage)
    visit.greeted_at = by.now
    visit.version += 1
    note(session, visit, Step.GREET, by=by)


def leave(
    session: Session, visit: Visit, why: LeftReason, *, by: Editor, reason: str | None
) -> None:
    """Let a held visit end without a treatment.

    Emits: Notify `visit.left`.
    Raises: rules.VisitStepRefused, also when something was begun.
    """
    if visit.started_at is not None:
        raise rules.VisitStepRefused(now=visit.stage, step=str(Step.LEAVE))
    move(session, visit, Step.LEAVE, by=by, reason=reason)
    visit.left_at, visit.left_reason = by.now, why
    guest = customers.by_ids(session, [visit.customer_id]).get(visit.customer_id)
    zh, en = rules.LEFT_REASONS[why]
    told = Notify(
        event="visit.left",
        key=str(visit.id),
        facts={"reason": zh},
        facts_en={"reason": en},
        records={"customer": f"customers/{visit.customer_id}"},
        to_people=(guest.consultant,) if guest and guest.consultant else (),
    )
    publish(session, told)
