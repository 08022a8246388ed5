"""Looks at the jobs all the time, as somebody who waits for them would."""

import threading
from contextlib import suppress

from tenants.logins import connect


class Sampler(threading.Thread):
    """Who is late, and by how much."""

    LATE_SECONDS = 90

    def __init__(self) -> None:
        super().__init__(name="sampler", daemon=True)
        self._ended = threading.Event()
        self.late: dict[str, str] = {}
        self.worst_seconds = 0.0

    def run(self) -> None:
        """Look every other second, also past a database that is away."""
        while not self._ended.wait(2):
            with suppress(Exception), connect("app_dispatch") as connection:
                self._look(connection)

    def stop(self) -> None:
        """End."""
        self._ended.set()
        self.join(15)

    def _look(self, connection: object) -> None:
        rows = connection.execute(  # type: ignore[attr-defined]
            """
            SELECT id, kind, state, extract(epoch FROM now() - since)::float FROM (
                SELECT id, kind, state,
                    CASE WHEN state = 'queued' THEN run_at ELSE lease_until END AS since
                FROM ops.job WHERE state IN ('queued', 'sent', 'running')) j
            WHERE since < now() ORDER BY since LIMIT 50
            """
        ).fetchall()
        for job_id, kind, state, seconds in rows:
            self.worst_seconds = max(self.worst_seconds, seconds)
            if seconds > self.LATE_SECONDS:
                self.late[str(job_id)] = f"{kind} {state}, {seconds:.0f} s late"
