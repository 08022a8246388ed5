"""What happens to appointments, for those who act on it; what the calendar asks."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from shared.events.messages import Fact, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentRequested(Fact):
    """Somebody asked for a time; it is to be confirmed."""

    wire: ClassVar[str] = "appointments.requested"
    appointment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentConfirmed(Fact):
    """A time was agreed, with a person and a room."""

    wire: ClassVar[str] = "appointments.confirmed"
    appointment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMoved(Fact):
    """A booked appointment has another time or another person."""

    wire: ClassVar[str] = "appointments.moved"
    appointment_id: int
    old_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentCancelled(Fact):
    """An appointment was cancelled, late or in time."""

    wire: ClassVar[str] = "appointments.cancelled"
    appointment_id: int
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentArrived(Fact):
    """The guest of an appointment is there; a visit begins."""

    wire: ClassVar[str] = "appointments.arrived"
    appointment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentMissed(Fact):
    """The guest of an appointment did not come."""

    wire: ClassVar[str] = "appointments.missed"
    appointment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindGuests(Request):
    """Remind guests and beauticians of what comes (J01)."""

    wire: ClassVar[str] = "appointments.remind_guests"

    def uniq(self) -> str:
        """One waiting request."""
        return "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepNoShows(Request):
    """Note who did not come (J02)."""

    wire: ClassVar[str] = "appointments.sweep_no_shows"

    def uniq(self) -> str:
        """One waiting request."""
        return "all"
