"""Look for jobs that were given up.

Form: J28; event job.failed.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shared.domain.notifications.queries import telling
from shared.events import queries as jobs
from shared.events.jobs import publish
from shared.events.notices import Notify

LOOKS_BACK = timedelta(days=35)
AGGREGATION = "franchise.aggregate_month"  # the headquarters' own admins hear of these as well
# A mail that could not be sent is in the send log; a mail about it might not be sent either.
_SILENT = {"notifications.send_mail"}


def watch_jobs(session: Session, *, tenant: str, now: datetime) -> None:
    """Tell the operator of each job that was given up; one that fails once more is told again.

    Shape: `tenant` is the opaque name: the operator sees no business data.
    Emits: Notify.
    """
    told = telling.told_keys(session, event="job.failed")
    for dead in jobs.given_up(session, tenant=tenant, since=now - LOOKS_BACK):
        key = f"{dead.id}/{dead.finished_at:%Y%m%dT%H%M%S}"
        if key in told or dead.kind in _SILENT:
            continue
        failed = Notify(
            event="job.failed",
            key=key,
            facts={"job": dead.kind, "tenant": tenant, "key": str(dead.id)},
            to_roles=("HQA",) if dead.kind == AGGREGATION else (),
        )
        publish(session, failed, run_at=now)
