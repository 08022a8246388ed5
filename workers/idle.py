"""Work until nothing is due any more: for who loads data and waits for the end of it.

Safe beside other dispatchers and workers: what they hold is waited for.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from tenants.registry import Tenant
from tenants.services import service
from workers import job, leases
from workers.broker import Toll
from workers.dispatcher import Dispatcher, Due
from workers.wiring import LOADED

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 300.0  # without one job ending
SOON_SECONDS = 120  # a retry due by then is waited for

_ACTORS = LOADED  # importing them is what makes them known

Told = Callable[[str, str], None]


class StillBusy(Exception):
    """Jobs wait or run, and none has ended for a long time."""


class _NoBell:
    """We run what we mark ourselves."""

    def keep_alive(self) -> None: ...

    def ring(self, tolls: Sequence[Toll]) -> None: ...


def work_until_idle(
    tenants: Sequence[Tenant], *, threads: int = 3, told: Told | None = None
) -> Counter[tuple[str, str]]:
    """Deliver the letters and do the jobs of some tenants until none is due, sent or running.

    Shape: how often each (kind, outcome of `workers.job.run`); `told` hears of each as it ends.
    Raises: StillBusy after five minutes without an end in sight.
    """
    names = [tenant.name for tenant in tenants]
    dispatcher = Dispatcher(_NoBell(), only=names)
    outcomes: Counter[tuple[str, str]] = Counter()
    heartbeat = leases.heartbeat()
    try:
        with ThreadPoolExecutor(threads, thread_name_prefix="idle") as workers:
            _work(dispatcher, workers, outcomes, names, told)
    finally:
        heartbeat.stop()
    return outcomes


def _work(
    dispatcher: Dispatcher,
    workers: ThreadPoolExecutor,
    outcomes: Counter[tuple[str, str]],
    names: list[str],
    told: Told | None,
) -> None:
    running: dict[Future[str], Due] = {}
    last_end = time.monotonic()
    while True:
        letters = dispatcher.deliver_letters()
        due = dispatcher.mark_sent()
        running.update({workers.submit(job.run, one.held.id, one.tenant): one for one in due})
        if not running and not letters and not _pending(names):
            return
        for future in wait(running, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
            one, outcome = running.pop(future), future.result()
            outcomes[one.kind, outcome] += 1
            last_end = time.monotonic()
            if told:
                told(one.kind, outcome)
        if not running and not due and not letters:
            time.sleep(LOOK_SECONDS)  # a retry's pause, or another process's work
        if time.monotonic() - last_end > PATIENCE_SECONDS:
            raise StillBusy(", ".join(sorted({one.kind for one in running.values()})))


def _pending(names: list[str]) -> bool:
    with service("app_dispatch") as connection:
        row = connection.execute(
            """
            SELECT EXISTS (
                SELECT FROM ops.job j JOIN registry.tenants t ON t.name = j.tenant
                WHERE j.tenant = ANY(%s) AND t.state = 'active' AND (j.state IN ('sent', 'running')
                    OR (j.state = 'queued' AND j.run_at < now() + %s * interval '1 second'))
            ) AS pending
            """,
            [names, SOON_SECONDS],
        ).fetchone()
    return bool(row and row["pending"])
