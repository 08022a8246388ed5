"""Appointments and treatment cards on the page of a guest."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.appointments.service.booking import APPOINTMENTS
from shared.domain.appointments.service.treating import TREATMENTS
from web.frame.guest_parts import Guest, Part
from web.records.of_guest import part_of


def appointments(session: Session, guest: Guest) -> Part | None:
    """Give the newest appointments, to who may read them."""
    shown = ("start_at", "items", "assigned_staff")
    empty = _("Nothing was booked yet.")
    return part_of(session, guest, APPOINTMENTS, shown, icon="calendar", empty=empty)


def treatments(session: Session, guest: Guest) -> Part | None:
    """Give what was done, by whom and how it felt, to who may read it."""
    shown = ("item", "beautician", "guest_feeling", "next_date")
    empty = _("Nothing was treated yet.")
    return part_of(session, guest, TREATMENTS, shown, icon="signature", empty=empty)
