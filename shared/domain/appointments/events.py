"""What happens to appointments and visits, for those who act on it; what the calendar asks."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

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
class ReactionObserved(Fact):
    """A guest's skin reacted badly to a treatment: seen at the signature, or told later.

    Shape: `late_reaction_id` names what was told later; `told_to` who heard it first (X2). Injured
    skin is of severity L1 (W3), whatever the guest calls it.
    """

    wire: ClassVar[str] = "appointments.reaction_observed"
    treatment_id: int
    day: date
    customer_id: int
    observed_at: datetime
    told_to: UUID | None = None
    late_reaction_id: int | None = None
    severity: str = "L1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestLeft(Fact):
    """A guest who was served left the house; whoever calls back plans it."""

    wire: ClassVar[str] = "appointments.guest_left"
    visit_id: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWaiting(Request):
    """Tell the manager of a guest who still waits."""

    wire: ClassVar[str] = "appointments.watch_waiting"
    visit_id: int

    def uniq(self) -> str:
        """One waiting look at each visit."""
        return str(self.visit_id)


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
