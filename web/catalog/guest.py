"""Samples and gifts on the page of a guest."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from shared.domain.catalog.service.handouts import HANDOUTS
from web.frame.guest_parts import Guest, Part
from web.records.of_guest import part_of


def part(session: Session, guest: Guest) -> Part | None:
    """Give what the guest was given, to who may read it."""
    shown = ("kind", "item", "qty", "reason", "feedback")
    empty = _("No sample or gift was given yet.")
    return part_of(session, guest, HANDOUTS, shown, icon="gift", empty=empty)
