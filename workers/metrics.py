"""What a worker process counts: jobs run, the dispatcher's lag, its loops' last steps.

Labels are kinds, queues and outcomes: never a tenant, never an argument.
"""

from prometheus_client import Counter, Gauge, Histogram

RUNS = Counter("rollbook_job_runs", "Attempts at jobs that ended.", ["kind", "outcome"])
SECONDS = Histogram(
    "rollbook_job_seconds",
    "Time an attempt took.",
    ["kind"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0),
)
LAG = Histogram(
    "rollbook_dispatch_lag_seconds",
    "Time from when a job was due until its bell rang.",
    ["queue"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 3600.0),
)
STEPPED = Gauge(
    "rollbook_loop_last_step_timestamp_seconds", "When a loop last ended a step.", ["loop"]
)
