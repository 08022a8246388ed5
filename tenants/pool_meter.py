"""What the tenant pool does, as metrics: the pool counts, this reads it now and then.

Units: counters since the process started; no tenant is ever named.
"""

import threading

from prometheus_client import Counter, Gauge

from tenants.pool import pool

RESULTS = ("hit", "miss", "evicted", "refused")

REQUESTS = Counter(
    "rollbook_pool_requests",
    "Requests for a tenant's connection: hit, miss (connected anew), evicted (an idle one of "
    "another tenant made room), refused (none free in time).",
    ["result"],
)
CONNECTIONS = Gauge(
    "rollbook_pool_connections",
    "Tenants' connections of this process.",
    ["state"],
    multiprocess_mode="livesum",
)

_lock = threading.Lock()
_seen = dict.fromkeys(RESULTS, 0)


def sample() -> None:
    """Bring the metrics up to what the pool has counted."""
    with _lock:
        stats = pool().stats()
        for result in RESULTS:
            if stats[result] > _seen[result]:
                REQUESTS.labels(result).inc(stats[result] - _seen[result])
            _seen[result] = stats[result]
        CONNECTIONS.labels("idle").set(stats["idle"])
        CONNECTIONS.labels("in_use").set(stats["total"] - stats["idle"])
