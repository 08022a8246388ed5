"""Lead an appointment from stage to stage: cancelled, not come, arrived, and what follows.

Form: W1. The steps there are stand in rules/stages.py; whoever serves guests calls `advance`.
Locks: the appointment; its month, shared.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.domain.appointments.events import (
    AppointmentArrived,
    AppointmentCancelled,
    AppointmentMissed,
)
from shared.domain.appointments.models.bookings import Appointment
from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.queries import resources
from shared.domain.appointments.rules import stages
from shared.domain.appointments.rules.stages import CancelReason, Stage
from shared.domain.appointments.service import telling, turns, visit_steps
from shared.domain.appointments.service.booking import APPOINTMENTS, occupy
from shared.domain.catalog import queries as catalog
from shared.domain.customers import queries as customers
from shared.events.jobs import publish, publish_all
from shared.forms.record import State
from shared.records import periods, queries
from shared.records import service as records
from shared.records.judging import check_state
from shared.records.register import Editor

SWEPT_DAYS = 35  # what lies further back is left to people


def advance(
    session: Session,
    *,
    appointment_id: int,
    version: int,
    to: Stage,
    by: Editor,
    reason: str | None = None,
) -> Appointment:
    """Take one step of W1, seen in a version, and write down who, when and why.

    Raises: queries.NoSuchRecord, ChangedMeanwhile, NotInThisState, stages.StepRefused,
        periods.MonthClosed.
    """
    row: Appointment = records.held(
        session, APPOINTMENTS, record_id=appointment_id, version=version, by=by
    )
    return step(session, row, to, by=by, reason=reason)


def step(
    session: Session, row: Appointment, to: Stage, *, by: Editor, reason: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> Appointment:  # fmt: skip
    """Take one step with an appointment that is held.

    Shape: `values` are further columns that are written with the stage.
    Raises: as `advance`; sqlalchemy's IntegrityError (23P01) when what it needs is taken.
    """
    check_state(row, State.SUBMITTED)
    stages.check_step(Stage(row.stage), to)
    periods.check_open(session, row.business_date)
    for name, value in {"stage": to, **(values or {})}.items():
        setattr(row, name, value)
    session.flush()  # what it keeps busy follows from the row
    occupy(session, row, on_purpose=set(), by=by)
    records.note_action(session, APPOINTMENTS, row, action=to, by=by, reason=reason)
    return row


def cancel(
    session: Session,
    *,
    appointment_id: int,
    version: int,
    why: CancelReason,
    by: Editor,
    note: str | None = None,
) -> Appointment:
    """Cancel a request or a booking, or what a guest who came does not want any more.

    Emits: AppointmentCancelled, Notify.
    Raises: as `advance`.
    """
    row: Appointment = records.held(
        session, APPOINTMENTS, record_id=appointment_id, version=version, by=by
    )
    is_late = stages.is_late_cancel(stage=Stage(row.stage), start_at=row.start_at, now=by.now)
    values = {"cancel_reason": why, "is_late_cancel": is_late}
    if row.stage == Stage.ARRIVED:
        visit_steps.end_for(session, row, by=by, reason=note)
    step(session, row, Stage.CANCELLED, by=by, reason=note, values=values)
    publish(session, AppointmentCancelled(appointment_id=row.id, is_late=is_late))
    publish(session, _about(session, row, by).notice("appt.cancelled"))
    return row


def arrive(session: Session, *, appointment_id: int, version: int, by: Editor) -> Appointment:
    """Check a guest in on the day of the booking, also one who was taken for a no-show.

    Who comes back needs person and room again: taken meanwhile, it is refused by the constraint.
    Emits: AppointmentArrived, Notify.
    Raises: as `advance`; StepRefused on another day.
    """
    row: Appointment = records.held(
        session, APPOINTMENTS, record_id=appointment_id, version=version, by=by
    )
    if row.business_date != by.today:
        raise stages.StepRefused(day=row.business_date)
    step(session, row, Stage.ARRIVED, by=by, values={"arrived_at": by.now})
    visit_steps.open_for(session, row, by=by)
    if row.requested_staff is None and row.assigned_staff is not None:
        turns.take_turn(session, day=by.today, person=row.assigned_staff)
    room = "" if row.room is None else resources.get(session, row.room).name
    guest = customers.by_ids(session, [row.customer or 0]).get(row.customer or 0)
    told = _about(session, row, by).notice(
        "appt.arrived", to=(guest.consultant if guest else None,), room=room
    )
    publish_all(session, [AppointmentArrived(appointment_id=row.id), told])
    return row


def greet(session: Session, *, appointment_id: int, version: int, by: Editor) -> Appointment:
    """Note that a guest who arrived was greeted (SLA-03: within a minute); the first time counts.

    Raises: queries.NoSuchRecord, ChangedMeanwhile, stages.StepRefused.
    """
    row: Appointment = records.held(
        session, APPOINTMENTS, record_id=appointment_id, version=version, by=by
    )
    if row.stage != Stage.ARRIVED or row.greeted_at is not None:
        raise stages.StepRefused(now=row.stage)
    row.greeted_at = by.now
    visit_steps.greet_for(session, row, by=by)
    records.note_action(session, APPOINTMENTS, row, action="GREET", by=by, reason=None)
    return row


def mark_no_show(session: Session, *, appointment_id: int, version: int, by: Editor) -> Appointment:
    """Note that a guest did not come; who comes later that day is checked in all the same.

    Emits: AppointmentMissed, Notify.
    Raises: as `advance`; stages.TooEarly before thirty minutes have passed.
    """
    row: Appointment = records.held(
        session, APPOINTMENTS, record_id=appointment_id, version=version, by=by
    )
    return _missed(session, row, by)


def sweep_no_shows(session: Session, *, by: Editor) -> int:
    """Note all who did not come; one that somebody is just changing is left for the next run.

    Locks: those appointments.
    """
    late = session.scalars(
        select(Appointment)
        .where(
            Appointment.stage == Stage.CONFIRMED,
            Appointment.state == State.SUBMITTED,
            Appointment.start_at <= by.now - stages.NO_SHOW_AFTER,
            Appointment.start_at > by.now - timedelta(days=SWEPT_DAYS),
        )
        .order_by(Appointment.id)
        .with_for_update(skip_locked=True)
    ).all()
    return _each(late, lambda row: _missed(session, row, by))


def remind(session: Session, *, by: Editor) -> int:
    """Remind of what begins within a day, and of what begins within two hours, each once.

    Units: who booked within the day has just been told, and is not reminded of that.
    Emits: Notify; its key names the start, so a moved time is told anew.
    """
    due = session.scalars(
        select(Appointment)
        .where(
            Appointment.stage == Stage.CONFIRMED,
            Appointment.state == State.SUBMITTED,
            Appointment.start_at > by.now,
            Appointment.start_at <= by.now + timedelta(hours=24),
        )
        .order_by(Appointment.start_at, Appointment.id)
        .with_for_update(skip_locked=True)
    ).all()
    return _each(due, lambda row: _remind(session, row, by))


def booking_of(session: Session, visit: Visit, stands: Stage) -> Appointment | None:
    """Hold the booking of a visit, when it stands where it is expected.

    Locks: the appointment.
    """
    if visit.appointment_id is None:
        return None
    row: Appointment = queries.for_update(session, APPOINTMENTS, visit.appointment_id)
    return row if row.stage == stands else None


def _missed(session: Session, row: Appointment, by: Editor) -> Appointment:
    if by.now - row.start_at < stages.NO_SHOW_AFTER and row.stage == Stage.CONFIRMED:
        raise stages.TooEarly(start_at=row.start_at)
    step(session, row, Stage.NO_SHOW, by=by)
    guest = customers.by_ids(session, [row.customer or 0]).get(row.customer or 0)
    told = _about(session, row, by).notice("appt.noshow", to=(guest.consultant if guest else None,))
    publish_all(session, [AppointmentMissed(appointment_id=row.id), told])
    return row


def _remind(session: Session, row: Appointment, by: Editor) -> bool:
    kind = "2h" if row.start_at - by.now <= timedelta(hours=2) else "24h"
    column = "reminded_hours_at" if kind == "2h" else "reminded_day_at"
    ahead = timedelta(hours=2 if kind == "2h" else 24)
    if getattr(row, column) == row.start_at or row.agreed_at > row.start_at - ahead:
        return False
    setattr(row, column, row.start_at)
    key = f"{kind}/{row.start_at:%Y%m%d%H%M}"
    publish(session, _about(session, row, by).notice("appt.reminder", key=key))
    return True


def _each(rows: Sequence[Appointment], act: Callable[[Appointment], object]) -> int:
    return sum(bool(act(row)) for row in rows)


def _about(session: Session, row: Appointment, by: Editor) -> telling.About:
    offers = catalog.offers(session, row.items)
    names = [offers[one].name for one in row.items if one in offers]
    return telling.About(row, by=by, items=names)
