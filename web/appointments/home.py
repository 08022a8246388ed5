"""Appointments on the home page: who comes today, who waits for an answer or in the house."""

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from shared.domain.appointments.models.visits import Visit
from shared.domain.appointments.queries import board as queries
from shared.domain.appointments.queries import visits
from shared.domain.appointments.rules.stages import ARRIVED_ONCE, BUSY
from shared.domain.appointments.rules.visits import OVER, WAITS_AT_MOST, VisitStage
from web.appointments import board
from web.appointments import visits as shown
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
    here = _in_the_house(session)
    return Part(
        alarms=[_too_long(one) for one in here if _waits_too_long(one)],
        figures=[
            Figure(
                name=_("Appointments today"),
                value=formats.count(len(coming)),
                foot=ngettext("%(num)s arrived", "%(num)s arrived", len(arrived)),
                url=url_for("appointment_pages.day"),
            ),
            *_house(here),
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


def _in_the_house(session: Session) -> list[Visit]:
    """List who is here now, to whom the reception is shown."""
    if not g.actor.may("visits", "R"):
        return []
    found = visits.of_day(session, g.today, own_of=shown.own_of())
    return [one for one in found if one.stage not in OVER]


def _house(here: list[Visit]) -> list[Figure]:
    if not g.actor.may("visits", "R"):
        return []
    waiting = sum(one.stage == VisitStage.WAITING for one in here)
    return [
        Figure(
            name=_("Guests in the house"),
            value=formats.count(len(here)),
            foot=ngettext("%(num)s waits", "%(num)s wait", waiting),
            url=url_for("reception_pages.board"),
        )
    ]


def _waits_too_long(one: Visit) -> bool:
    due = max(one.planned_at, one.arrived_at) + WAITS_AT_MOST
    return one.stage == VisitStage.WAITING and g.now > due


def _too_long(one: Visit) -> Line:
    return Line(
        stamp=_("Waits too long"),
        tone="bad",
        text=f"{one.number} · {formats.clock(one.arrived_at, g.tenant.time_zone)}",
        url=url_for("visit_pages.visit", visit_id=one.id),
    )
