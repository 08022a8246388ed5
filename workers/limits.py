"""How long a piece of work may take, and how it is told to stop.

Why not dramatiq's own TimeLimit and ShutdownNotifications: their exception may strike after the
work is over, in the midst of a commit or of dramatiq's loop, whose thread then dies unseen. Here
it strikes inside the `with` block or not at all.

Units: neither can end a call into C that does not return; the server's statement time-out and the
lease are there for those.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dramatiq.middleware import Interrupt, Shutdown, TimeLimitExceeded
from dramatiq.threading import raise_thread_exception as _raise_in


@dataclass(slots=True)
class _Watched:
    until: float  # time.monotonic()
    reason: type[Interrupt]


@dataclass(slots=True)
class Limits:
    """The deadlines of this process's working threads, watched by one thread of its own.

    Locks: one condition; an exception is raised while holding it, so that a thread that has
    taken itself off the list cannot be struck any more.
    """

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _working: dict[int, _Watched] = field(default_factory=dict)
    _closing_at: float | None = None
    _watcher: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Run a block for at most so long; a limit around it goes on when it is over.

        Raises: TimeLimitExceeded; Shutdown when the process is told to stop meanwhile.
        """
        thread = threading.get_ident()
        outer = self._working.get(thread)
        try:
            self._watch(thread, time.monotonic() + seconds)
            yield
        finally:
            self._let_go(thread, outer)

    def close(self, *, grace_seconds: float) -> None:
        """Let running blocks go on for so long, then interrupt them; new ones get what is left."""
        with self._changed:
            self._closing_at = time.monotonic() + grace_seconds
            for watched in self._working.values():
                self._hasten(watched)
            self._changed.notify_all()

    def reopen(self) -> None:
        """Forget that the process was told to stop; for a worker started anew in it."""
        with self._changed:
            self._closing_at = None

    def _watch(self, thread: int, until: float) -> None:
        with self._changed:
            watched = _Watched(until, TimeLimitExceeded)
            self._hasten(watched)
            self._working[thread] = watched
            # Started on first use, so after a fork.
            if self._watcher is None or not self._watcher.is_alive():
                self._watcher = threading.Thread(target=self._run, name="limits", daemon=True)
                self._watcher.start()
            self._changed.notify_all()

    def _hasten(self, watched: _Watched) -> None:
        if self._closing_at is not None and self._closing_at < watched.until:
            watched.until, watched.reason = self._closing_at, Shutdown

    def _let_go(self, thread: int, outer: _Watched | None) -> None:
        with self._changed:
            self._working.pop(thread, None)
            if outer is not None:
                self._working[thread] = outer
                self._changed.notify_all()
        for _ in range(2):
            pass  # an exception that was already on its way arrives here, inside the block

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                late = [thread for thread, it in self._working.items() if it.until <= now]
                for thread in late:
                    _interrupt(thread, self._working.pop(thread).reason)
                nearest = min((it.until for it in self._working.values()), default=None)
                self._changed.wait(None if nearest is None else max(nearest - now, 0.01))


def _interrupt(thread: int, reason: type[Interrupt]) -> None:
    _raise_in(thread, reason)  # type: ignore[no-untyped-call]


LIMITS = Limits()
