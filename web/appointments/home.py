"""Appointments on the home page: how many guests come today, who waits for an answer."""

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shared.domain.appointments.queries import board as queries
from shared.domain.appointments.rules.stages import ARRIVED_ONCE, BUSY
from web.appointments import board
from web.frame import formats
from web.frame.home_parts import Figure, Line, Part

MOST = 5


def part(session: Session) -> Part:
    """Give the day's appointments to who may read them, requests to who may confirm them."""
    if not g.actor.may("F03", "R"):
        return Part()
    rows = queries.appointments(session, g.today, g.today, own_of=board.own_of())
    coming = [row for row in rows if row.stage in BUSY]
    arrived = [row for row in coming if row.stage in ARRIVED_ONCE]
    waiting = queries.requests(session, limit=MOST) if g.actor.may("F03", "U") else ()
    return Part(
        figures=[
            Figure(
                name=_("Appointments today"),
                value=formats.count(len(coming)),
                foot=ngettext("%(num)s arrived", "%(num)s arrived", len(arrived)),
                url=url_for("appointment_pages.day"),
            )
        ],
        tasks=[
            Line(
                stamp=_("To confirm"),
                tone="warn",
                text=f"{formats.moment(row.start_at, g.tenant.time_zone)} {row.number}",
                url=url_for("booking_pages.move", record_id=row.id),
            )
            for row in waiting
        ],
    )
