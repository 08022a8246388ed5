"""Opinions on the page of a guest."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.surveys.service.opinions import OPINIONS
from web.frame.guest_parts import Guest, Part
from web.records.of_guest import part_of


def part(session: Session, guest: Guest) -> Part | None:
    """Give what the guest said, to who may read it."""
    shown = ("overall", "reason", "suggestion")
    empty = _("No opinion was given yet.")
    return part_of(session, guest, OPINIONS, shown, icon="message-2", empty=empty)
