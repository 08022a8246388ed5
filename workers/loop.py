"""A step repeated until the process stops, patient with a database or broker that is away."""

import threading
import time
from collections.abc import Callable

import psycopg
import structlog

from shared.errors import Unavailable
from workers import metrics

log = structlog.get_logger(__name__)

LONGEST_PAUSE_SECONDS = 5.0


class BrokerAway(Exception):
    """The broker did not take a message."""


AWAY = (psycopg.Error, Unavailable, BrokerAway)


class Loop:
    """One thread that repeats a step; the step says whether there is more to do at once."""

    def __init__(self, name: str, step: Callable[[], bool], *, pause_seconds: float) -> None:
        self.name = name
        self._step = step
        self._pause = pause_seconds
        self._stop = threading.Event()
        self._stepped_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self, *, timeout_seconds: float = 10.0) -> None:
        """Ask the loop to end after its step and wait for it."""
        self._stop.set()
        self._thread.join(timeout_seconds)

    def is_alive(self) -> bool:
        """Whether it still runs; a mistake in a step ends it."""
        return self._thread.is_alive()

    def idle_seconds(self) -> float:
        """How long ago its last step ended well."""
        return time.monotonic() - self._stepped_at

    def _run(self) -> None:
        waits = 0
        while not self._stop.is_set():
            try:
                more = self._step()
            except AWAY as error:
                if not waits:  # once, not every few seconds
                    log.warning("waiting", loop=self.name, error_class=type(error).__name__)
                waits += 1
                self._stop.wait(min(self._pause + 0.2 * 2 ** min(waits, 6), LONGEST_PAUSE_SECONDS))
                continue
            self._stepped_at = time.monotonic()
            metrics.STEPPED.labels(self.name).set_to_current_time()
            if waits:
                log.info("going on", loop=self.name)
                waits = 0
            if not more:
                self._stop.wait(self._pause)
