"""The threads that do jobs: one crew for our own work, one for each kind of other people's servers.

A mail server, an SMS provider or a webhook that hangs keeps the threads of its own crew waiting,
and nobody else's.
"""

import threading
from collections.abc import Sequence

from dramatiq import Broker, Worker

from shared.config import settings
from workers.broker import GRACE_SECONDS, OUTSIDE, QUEUES, queue_prefix

OUTSIDE_THREADS = 4  # of each; they wait more than they work
_STOP_MILLISECONDS = int((GRACE_SECONDS + 5) * 1000)


def start(broker: Broker, *, threads: int) -> list[Worker]:
    """Start every crew of this process; `threads` are those of our own work."""
    prefix = queue_prefix(settings())
    inside = [queue for queue in QUEUES if queue not in OUTSIDE]
    crews = [(inside, threads), *(([queue], OUTSIDE_THREADS) for queue in OUTSIDE)]
    workers = [
        Worker(broker, queues={prefix + queue for queue in queues}, worker_threads=count)
        for queues, count in crews
    ]
    # Each worker adds a middleware of its own, of which dramatiq warns once per worker.
    broker.logger.disabled = True
    for worker in workers:
        worker.start()
    broker.logger.disabled = False
    return workers


def stop(workers: Sequence[Worker]) -> None:
    """Stop them all at once, as none waits for another."""
    stopping = [
        threading.Thread(target=worker.stop, kwargs={"timeout": _STOP_MILLISECONDS})
        for worker in workers
    ]
    for thread in stopping:
        thread.start()
    for thread in stopping:
        thread.join()
