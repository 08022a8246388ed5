"""The product's processes with one more kind of job, which does nothing: `... noop PART`.

Parts are those of `workers.run`, and two of the bell alone: `hear` takes messages without a job
row and notes when, `ring COUNT` sends some and prints the seconds.
"""

import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

import dramatiq
from dramatiq import Worker
from sqlalchemy.orm import Session

from shared.config import settings
from shared.events.messages import Request
from tests.bench.marks import mark
from workers import broker, run
from workers.broker import Bell, Toll
from workers.dispatcher import BATCH
from workers.job import At, job

THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing(Request):
    """Do nothing."""

    wire: ClassVar[str] = "bench.nothing"


@job(Nothing)
def do_nothing(session: Session, request: Nothing, at: At) -> None:
    """Do nothing."""


def hear() -> int:
    """Take messages as a worker does, without looking at a row."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(_broker(), worker_threads=THREADS)
    worker.start()
    stop.wait()
    worker.stop()
    return 0


def ring(count: int) -> float:
    """Send messages as the dispatcher does, confirmed by the broker; give the seconds."""
    bell = Bell(_broker(), settings())
    bell.ring(_tolls(1))
    tolls = _tolls(count)
    began = time.perf_counter()
    for first in range(0, count, BATCH):
        bell.ring(tolls[first : first + BATCH])
    return time.perf_counter() - began


def _tolls(count: int) -> list[Toll]:
    return [Toll("now", uuid4(), "t_0000000000") for _ in range(count)]


def _broker() -> dramatiq.Broker:
    def answer(**_message: Any) -> None:
        mark()

    return broker.build(settings(), answer=answer)


if __name__ == "__main__":
    part, *rest = sys.argv[1:]
    if part == "hear":
        sys.exit(hear())
    if part == "ring":
        sys.stdout.write(f"{ring(int(rest[0]))}\n")
    else:
        sys.exit(run.main([part, *rest]))
