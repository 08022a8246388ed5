"""Run due jobs to the end in the calling thread, through the real dispatcher and wrapper."""

from collections.abc import Sequence
from datetime import datetime

from tenants.registry import Tenant
from workers import job
from workers.broker import Toll
from workers.dispatcher import Dispatcher
from workers.wiring import LOADED

MOST = 5000  # jobs; more is a circle

_ACTORS = LOADED  # importing them is what makes them known


class NoBell:
    """A ring for those who run jobs themselves."""

    def keep_alive(self) -> None:
        """Nothing to keep."""

    def ring(self, tolls: Sequence[Toll]) -> None:
        """Nobody to ring for: the caller runs what was marked."""


def drain(*tenants: Tenant, now: datetime | None = None) -> list[tuple[str, str]]:
    """Deliver letters and run jobs until none is due; with tenants, only theirs.

    Shape: (kind, outcome) in the order run; outcomes as of `workers.job.run`. Give a later `now`
    to have what failed tried again at once.
    Raises: AssertionError after 5000 jobs.
    """
    dispatcher = Dispatcher(NoBell(), only=[tenant.name for tenant in tenants])
    outcomes: list[tuple[str, str]] = []
    found = False
    while True:
        letters = dispatcher.deliver_letters()
        due = dispatcher.mark_sent(now)
        for one in due:
            outcomes.append((one.kind, job.run(one.held.id, one.tenant, now=now)))
        found = found or bool(due or letters)
        if not dispatcher.is_midway:
            if not found:  # in a whole round
                return outcomes
            found = False
        assert len(outcomes) < MOST, f"jobs ask for each other without end: {outcomes[-5:]}"
