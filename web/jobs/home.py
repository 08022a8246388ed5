"""What the home page shows of the job centre: an alarm where jobs gave up."""

from flask import g, url_for
from flask_babel import ngettext, pgettext
from sqlalchemy.orm import Session

from shared.events import queries
from web.frame.home_parts import Line, Part

MOST_DEAD = 100


def part(session: Session) -> Part:
    """Jobs that nobody will try again by themselves, for who may look at jobs."""
    if not g.actor.may("job_centre", "R"):
        return Part()
    dead = queries.recent_jobs(session, tenant=g.tenant.name, limit=MOST_DEAD, state="dead")
    alarm = Line(
        stamp=pgettext("job", "Dead"),
        tone="bad",
        text=ngettext("%(num)s job gave up", "%(num)s jobs gave up", len(dead)),
        url=url_for("job_pages.jobs", state="dead"),
    )
    return Part(alarms=[alarm] if dead else ())
