"""Ring for due job rows, fair between tenants, and hand letters over.

A row is marked `sent` and committed *before* the bell: no lock on a row outlives a slow broker,
because a web request that publishes the same unique work would wait for it. Dying in between costs
a minute: the lease of `sent` runs out and the sweeper rings again. Any number of dispatchers is
safe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol
from uuid import UUID, uuid4

from psycopg import Connection

from shared.domain.franchise.events import ReadLetters
from tenants.services import service
from workers import metrics, rows
from workers.broker import Toll
from workers.loop import BrokerAway
from workers.rows import Held, Row

POLL_SECONDS = 0.1
BATCH = 200  # rows marked in one transaction
TENANTS = 200  # tenants looked at in one round; the next round goes on after them
LETTER_JOBS = 4  # of one receiver may wait; further letters gather
LETTERS_A_JOB = 50  # their ids must fit into a job's arguments

# How many jobs of one tenant may be sent or running at once, by queue.
LANES = {"now": 8, "reports": 4, "bulk": 2, "mail": 2, "texts": 2, "hooks": 2}


class Ring(Protocol):
    """What tells a worker that a job is due; both may raise BrokerAway."""

    def keep_alive(self) -> None:
        """See that it could ring now."""

    def ring(self, tolls: Sequence[Toll]) -> None:
        """Ring for some jobs."""


@dataclass(frozen=True, slots=True)
class Due:
    """One job marked as sent."""

    held: Held
    tenant: str
    queue: str
    kind: str
    lag_seconds: float = 0.0  # since it was due


# The tenants that have something waiting, by jumping from one to the next in the index; of each
# the first due rows that its lanes have room for; from all of these everybody's first before
# anybody's second.
_MARK_SENT = """
    WITH RECURSIVE waiting (tenant, seen) AS (
        (SELECT tenant, 1 FROM ops.job WHERE state = 'queued' AND tenant > %(after)s::name
            AND (%(only)s::name[] IS NULL OR tenant = ANY(%(only)s::name[]))
         ORDER BY tenant LIMIT 1)
        UNION ALL
        SELECT n.tenant, w.seen + 1 FROM waiting w CROSS JOIN LATERAL (
            SELECT tenant FROM ops.job WHERE state = 'queued' AND tenant > w.tenant
                AND (%(only)s::name[] IS NULL OR tenant = ANY(%(only)s::name[]))
            ORDER BY tenant LIMIT 1) n
        WHERE w.seen < %(tenants)s),
    picked AS (
        SELECT due.id, due.place FROM waiting w
        JOIN registry.tenants t ON t.name = w.tenant AND t.state = 'active'
        CROSS JOIN unnest(%(queues)s::text[], %(rooms)s::int[]) AS lane(queue, room)
        CROSS JOIN LATERAL (
            SELECT count(*) AS jobs FROM ops.job b
            WHERE b.tenant = w.tenant AND b.state IN ('sent', 'running') AND b.queue = lane.queue
        ) busy
        CROSS JOIN LATERAL (
            SELECT q.id, q.run_at, row_number() OVER (ORDER BY q.run_at, q.id) AS place FROM (
                SELECT j.id, j.run_at FROM ops.job j
                WHERE j.tenant = w.tenant AND j.state = 'queued' AND j.queue = lane.queue
                    AND j.run_at <= coalesce(%(now)s, now())
                    AND (j.uniq IS NULL OR NOT EXISTS (
                        SELECT FROM ops.job s WHERE s.tenant = j.tenant AND s.kind = j.kind
                            AND s.uniq = j.uniq AND s.state IN ('sent', 'running')))
                ORDER BY j.run_at, j.id LIMIT greatest(lane.room - busy.jobs, 0)) q
        ) due
        ORDER BY due.place, due.run_at LIMIT %(batch)s),
    free AS (
        SELECT j.id, p.place FROM ops.job j JOIN picked p USING (id)
        WHERE j.state = 'queued' FOR UPDATE OF j SKIP LOCKED),
    marked AS (
        UPDATE ops.job j SET state = 'sent', lease_by = %(lease)s,
            lease_until = now() + %(seconds)s * interval '1 second'
        FROM free WHERE j.id = free.id
        RETURNING j.id, j.tenant, j.queue, j.kind, j.run_at, free.place,
            extract(epoch FROM clock_timestamp() - j.run_at)::float8 AS lag)
    SELECT m.*, r.* FROM (
        SELECT max(seen) AS seen, (SELECT tenant FROM waiting ORDER BY tenant DESC LIMIT 1) AS last
        FROM waiting) r
    LEFT JOIN marked m ON true ORDER BY m.place, m.run_at
"""


class Dispatcher:
    """Goes round the tenants; remembers where it stopped."""

    def __init__(self, ring: Ring, *, only: Sequence[str] | None = None) -> None:
        self._ring = ring
        self._only = list(only) if only else None
        self._after = ""

    def step(self, now: datetime | None = None) -> bool:
        """Hand over letters, mark what is due and ring for it; say whether there may be more.

        Raises: BrokerAway, after what was not rung for is queued again.
        """
        self._ring.keep_alive()
        self.deliver_letters()
        due = self.mark_sent(now)
        self._ring_for(due)
        return bool(due) or self.is_midway

    def mark_sent(self, now: datetime | None = None) -> list[Due]:
        """Choose due rows, everybody's first before anybody's second, and commit them as sent."""
        lease = uuid4()
        given = {
            "after": self._after,
            "tenants": TENANTS,
            "queues": list(LANES),
            "rooms": list(LANES.values()),
            "now": now,
            "only": self._only,
            "batch": BATCH,
            "lease": lease,
            "seconds": rows.SENT_SECONDS,
        }
        with service("app_dispatch") as connection:
            found = connection.execute(_MARK_SENT, given).fetchall()
        self._after = found[0]["last"] if found[0]["seen"] == TENANTS else ""
        return [
            Due(Held(row["id"], lease), row["tenant"], row["queue"], row["kind"], row["lag"])
            for row in found
            if row["id"]
        ]

    @property
    def is_midway(self) -> bool:
        """Whether the round goes on after the tenants looked at last."""
        return bool(self._after)

    def deliver_letters(self) -> int:
        """Give each receiver a job for the letters that wait for it; count the letters.

        Whoever has several such jobs waiting gets no more: the letters gather meanwhile, and one
        job reads them all. So a backlog shrinks as fast as it can be read.
        """
        with service("app_dispatch") as connection:
            waiting = connection.execute(
                """
                SELECT id, receiver FROM ops.letter
                WHERE delivered_at IS NULL
                    AND (%(only)s::name[] IS NULL OR receiver = ANY(%(only)s::name[]))
                    AND receiver NOT IN (
                        SELECT tenant FROM ops.job
                        WHERE state = 'queued' AND kind = %(kind)s AND run_at <= now()
                        GROUP BY tenant HAVING count(*) >= %(most)s)
                ORDER BY receiver, sent_at LIMIT 1000 FOR UPDATE SKIP LOCKED
                """,
                {"only": self._only, "kind": ReadLetters.wire, "most": LETTER_JOBS},
            ).fetchall()
            for receiver, letters in groupby(waiting, key=lambda row: str(row["receiver"])):
                _write_jobs(connection, receiver, [row["id"] for row in letters])
            if waiting:
                connection.execute(
                    "UPDATE ops.letter SET delivered_at = now() WHERE id = ANY(%s)",
                    [[row["id"] for row in waiting]],
                )
        return len(waiting)

    def _ring_for(self, due: list[Due]) -> None:
        if not due:
            return
        try:
            self._ring.ring([Toll(one.queue, one.held.id, one.tenant) for one in due])
        except BrokerAway:
            with service("app_dispatch") as connection:
                for left in due:  # what was heard and begun all the same is not ours any more
                    rows.give_back(connection, left.held, error_class=None)
            raise
        for one in due:
            metrics.LAG.labels(one.queue).observe(one.lag_seconds)


def _write_jobs(connection: Connection[Row], receiver: str, letters: list[UUID]) -> None:
    for first in range(0, len(letters), LETTERS_A_JOB):
        some = tuple(letters[first : first + LETTERS_A_JOB])
        rows.write_job(connection, receiver, ReadLetters(letters=some))
