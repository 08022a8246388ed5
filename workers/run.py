"""Run the background processes: `python -m workers.run PART`.

`all` is the embedded default: everything in one process over the in-process broker. In server
mode run `dispatcher` (with the sweeper and the post of account mails), `clock` and `provisioner`
(the warm stock) once or more, and `dramatiq workers.main`.
SIGTERM and SIGINT end it: short jobs finish, long ones go back to the queue.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType

import structlog
from dramatiq import Broker, Worker
from prometheus_client import REGISTRY

from shared.config import settings
from tenants.pool import pool
from tenants.services import close_services
from workers import crew, errands, logs
from workers.broker import Bell
from workers.census import Census
from workers.clock import TICK_SECONDS, Clock
from workers.dispatcher import POLL_SECONDS, Dispatcher
from workers.endpoint import Endpoint
from workers.loop import Loop
from workers.outgoing.post import PAUSE_SECONDS, Post
from workers.provisioner import STOCK_SECONDS, Provisioner
from workers.sweeper import SWEEP_SECONDS, Sweeper, sweep_everything
from workers.wiring import make_broker

PARTS = ("dispatcher", "clock", "provisioner", "worker", "all")
LOOK_SECONDS = 0.5  # how often the main thread looks after the others

log = structlog.get_logger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one part, or all, until told to stop; 1 when a thread of it died."""
    given = _arguments(arguments)
    logs.configure()
    stop = threading.Event()
    _stop_on_signals(stop)
    broker = None if given.part in ("clock", "provisioner") else make_broker()
    loops = _loops(given.part, broker)
    works = given.part in ("worker", "all")
    workers = crew.start(broker, threads=given.threads) if broker and works else []
    if given.part in ("dispatcher", "all"):
        REGISTRY.register(Census())
    endpoint = Endpoint(loops=loops, uses_broker=broker is not None)
    log.info("ready", part=given.part)
    while not stop.wait(LOOK_SECONDS) and all(loop.is_alive() for loop in loops):
        pass
    log.info("stopping", part=given.part)
    endpoint.close()
    return _stop(loops, workers, broker, was_told=stop.is_set())


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers.run", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--threads", type=int, default=8, help="jobs at once in this process")
    given = parser.parse_args(arguments)
    if settings().is_embedded and given.part in ("dispatcher", "worker"):
        parser.error("the stub:// broker lives in one process: run `all`")
    return given


def _stop_on_signals(stop: threading.Event) -> None:
    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)


def _loops(part: str, broker: Broker | None) -> list[Loop]:
    loops: list[Loop] = []
    if part in ("dispatcher", "all") and broker:
        step: Callable[[], bool] = Dispatcher(Bell(broker, settings())).step
        if settings().is_embedded:
            # What was sent or running in the in-process broker died with the last process.
            step = _after(sweep_everything, step)
        loops.append(Loop("dispatcher", step, pause_seconds=POLL_SECONDS))
        loops.append(Loop("sweeper", Sweeper().step, pause_seconds=SWEEP_SECONDS))
        loops.append(Loop("post", Post().step, pause_seconds=PAUSE_SECONDS))
    if part in ("clock", "all"):
        loops.append(Loop("clock", Clock().step, pause_seconds=TICK_SECONDS))
    if part in ("provisioner", "all"):
        loops.append(Loop("provisioner", Provisioner().step, pause_seconds=STOCK_SECONDS))
        loops.append(Loop("errands", errands.step, pause_seconds=errands.LOOK_SECONDS))
    return loops


def _after(first: Callable[[], None], step: Callable[[], bool]) -> Callable[[], bool]:
    waiting = [first]

    def steps() -> bool:
        while waiting:
            waiting[0]()
            waiting.pop()
        return step()

    return steps


def _stop(
    loops: list[Loop], workers: list[Worker], broker: Broker | None, *, was_told: bool
) -> int:
    for loop in loops:
        loop.stop()
    crew.stop(workers)
    if broker:
        broker.close()
    pool().close()
    close_services()
    return 0 if was_told else 1


if __name__ == "__main__":
    sys.exit(main())
