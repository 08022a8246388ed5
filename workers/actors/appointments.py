"""Jobs of the appointments: reminders, who did not come."""

from sqlalchemy.orm import Session

from shared.days import business_day
from shared.domain.appointments.events import RemindGuests, SweepNoShows
from shared.domain.appointments.service import moving
from shared.records.register import Editor
from workers.job import At, job


@job(RemindGuests, time_limit_s=60)
def remind_guests(session: Session, request: RemindGuests, at: At) -> None:
    """Remind of what comes (J01)."""
    moving.remind(session, by=_nobody(at))


@job(SweepNoShows, time_limit_s=60)
def sweep_no_shows(session: Session, request: SweepNoShows, at: At) -> None:
    """Note who did not come (J02)."""
    moving.sweep_no_shows(session, by=_nobody(at))


def _nobody(at: At) -> Editor:
    tenant = at.tenant
    return Editor(
        id=None, permits=lambda resource, verb: False, now=at.now, today=at.today,
        day_of=lambda instant: business_day(
            instant, zone=tenant.time_zone, change_hour=tenant.day_change_hour
        ),
        zone=tenant.time_zone,
    )  # fmt: skip
