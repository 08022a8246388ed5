"""What the database holds, counted when a monitor asks: jobs, letters, tenants, the clock.

The dispatcher's process tells it. With two of them a monitor takes the greater of the two answers.
Units: each statement reads an index of what is not done; what is done is never counted.
"""

from collections.abc import Iterator

import psycopg
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.errors import Unavailable
from tenants.services import Row, service

_AGE = "extract(epoch FROM now() - min({since}))::float8"

# Due ones of tenants that may work; a retry in ten minutes and a suspended store do not wait.
_JOBS = f"""
    SELECT j.queue, 'queued' AS state, count(*) AS count, {_AGE.format(since="j.run_at")} AS age
    FROM ops.job j JOIN registry.tenants t ON t.name = j.tenant AND t.state = 'active'
    WHERE j.state = 'queued' AND j.run_at <= now() GROUP BY 1
    UNION ALL
    SELECT queue, state, count(*), {_AGE.format(since="run_at")}
    FROM ops.job WHERE state IN ('sent', 'running') GROUP BY 1, 2
    UNION ALL
    SELECT queue, 'dead', count(*), {_AGE.format(since="run_at")}
    FROM ops.job WHERE state = 'dead' GROUP BY 1
    UNION ALL
    SELECT queue, 'later', count(*), NULL
    FROM ops.job WHERE state = 'queued' AND run_at > now() GROUP BY 1
"""
_LETTERS = f"""
    SELECT count(*) AS count, {_AGE.format(since="sent_at")} AS age
    FROM ops.letter WHERE delivered_at IS NULL
"""
_TENANTS = """
    SELECT kind, state, version, coalesce(hq_version, '') AS hq_version, count(*) AS count
    FROM registry.tenants GROUP BY 1, 2, 3, 4
"""
_CLOCK = f"""
    SELECT coalesce({_AGE.format(since="c.next_at")}, 0) AS age
    FROM ops.clock c JOIN registry.tenants t ON t.name = c.tenant AND t.state = 'active'
    WHERE c.next_at <= now()
"""


class Census(Collector):
    """Counts anew for every scrape; without a database it says that and no more."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Promise nothing, so that registering asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count."""
        up = GaugeMetricFamily("rollbook_database_up", "Whether the database answered just now.")
        try:
            found = self._count()
        except (psycopg.Error, Unavailable):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found

    def _count(self) -> list[GaugeMetricFamily]:
        with service("app_dispatch") as connection:
            jobs = connection.execute(_JOBS).fetchall()
            letters = connection.execute(_LETTERS).fetchall()
            tenants = connection.execute(_TENANTS).fetchall()
            clock = connection.execute(_CLOCK).fetchall()
        by_state = ["queue", "state"]
        ages = [row for row in jobs if row["age"] is not None]
        return [
            _family("rollbook_jobs", "Jobs that are not done.", by_state, jobs),
            _family(
                "rollbook_jobs_oldest_seconds",
                "Since when the oldest job of a state has been due.",
                by_state,
                ages,
                "age",
            ),
            _family("rollbook_letters_undelivered", "Letters on their way.", [], letters),
            _family(
                "rollbook_clock_lag_seconds",
                "How late the clock is with its most belated schedule.",
                [],
                clock,
                "age",
            ),
            _family(
                "rollbook_tenants",
                "Tenants by kind, state and version of their tables.",
                ["kind", "state", "version", "hq_version"],
                tenants,
            ),
        ]


def _family(
    name: str, documentation: str, labels: list[str], rows: list[Row], value: str = "count"
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=labels)
    for row in rows:
        family.add_metric([row[label] for label in labels], float(row[value] or 0))
    return family
