"""The job centre as JSON: this tenant's own jobs, and a second chance for those given up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate

from shared.events import queries
from web import paging
from web.api import ApiBlueprint
from web.auth import requires
from web.extensions import db

blueprint = ApiBlueprint("jobs", __name__, description="任务中心 job centre")
STATES = ("queued", "sent", "running", "done", "dead")


class Job(Schema):
    """A job of this tenant."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    queue = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    run_at = fields.AwareDateTime(required=True)
    attempt = fields.Integer(required=True)
    max_attempt = fields.Integer(required=True)
    error_class = fields.String(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class JobsAsked(paging.PageAsked):
    """All jobs, or those in one state."""

    state = fields.String(load_default=None, validate=validate.OneOf(STATES, error="ENUM"))


@blueprint.call("GET", "/jobs")
@requires("job_centre", "R")
@blueprint.takes(JobsAsked, "query")
@blueprint.gives(200, paging.page_of(Job))
def list_jobs(asked: dict[str, Any]) -> paging.Page:
    """List jobs, newest first."""
    after = paging.after(asked)
    rows = queries.recent_jobs(
        db.session(),
        tenant=g.tenant.name,
        limit=asked["limit"] + 1,
        state=asked["state"],
        before=(datetime.fromisoformat(after[0]), UUID(after[1])) if after else None,
    )
    return paging.page(
        rows,
        limit=asked["limit"],
        position=lambda job: [job.created_at.isoformat(), str(job.id)],
    )


@blueprint.call("POST", "/jobs/<uuid:job_id>/rerun")
@requires("job_centre", "U")
@blueprint.gives(200, Job)
def rerun_job(job_id: UUID) -> queries.Job:
    """Put a job that was given up back into the queue."""
    return queries.rerun_dead(db.session(), job_id, tenant=g.tenant.name, now=g.now)
