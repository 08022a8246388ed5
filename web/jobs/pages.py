"""The job centre as a page: what runs in the background, and a second chance for what gave up."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta
from flask_babel import gettext as _

from shared.errors import Conflict
from shared.events import queries
from web.auth import requires
from web.extensions import db
from web.forms import reasons_of
from web.frame import labels, live

blueprint = Blueprint("job_pages", __name__, url_prefix="/s/<slug>/jobs")

MOST = 100
UNFINISHED = "unfinished"  # what somebody may have to look at; the rest is the machine's own


@blueprint.get("")
@requires("job_centre", "R")
def jobs() -> ResponseReturnValue:
    """List the newest jobs: what is not finished, or all, or those in one state."""
    state = _state()
    return render_template("job_centre/jobs.html", jobs=_jobs(state), state=state)


@blueprint.get("/listed")
@requires("job_centre", "R")
def listed() -> ResponseReturnValue:
    """Give the list alone, for the page that follows it; unchanged, it is not even written."""
    state = _state()
    found = _jobs(state)
    minute = g.now.replace(second=0, microsecond=0)  # ages move on too
    facts = (minute, [(job.id, job.state, job.attempt) for job, _age in found])
    return live.part("job_centre/listed.html", facts=facts, jobs=found, state=state)


@blueprint.post("/<uuid:job_id>/rerun")
@requires("job_centre", "U")
def run_again(job_id: UUID) -> ResponseReturnValue:
    """Put a job that gave up back into the queue."""
    try:
        queries.rerun_dead(db.session(), job_id, tenant=g.tenant.name, now=g.now)
        flash(_("The job is queued again."), "good")
    except Conflict as error:
        flash(reasons_of(error)[""][0], "bad")
    return redirect(url_for("job_pages.jobs"), 303)


def _state() -> str:
    state = request.args.get("state", UNFINISHED)
    return state if state in {UNFINISHED, *dict(labels.choices("job_state"))} else ""


def _jobs(state: str) -> list[tuple[queries.Job, str]]:
    found = queries.recent_jobs(db.session(), tenant=g.tenant.name, limit=MOST, state=state or None)
    return [(job, _age(g.now - job.created_at)) for job in found]


def _age(age: timedelta) -> str:
    return str(format_timedelta(max(age, timedelta()), granularity="second", threshold=1.5))
