"""The jobs this process is running, and the thread that keeps their leases alive."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tenants.services import service
from workers import rows
from workers.loop import Loop
from workers.rows import Held


class Leases:
    """What this process holds right now."""

    def __init__(self) -> None:
        self._held: set[Held] = set()
        self._lock = threading.Lock()

    @contextmanager
    def held(self, held: Held) -> Iterator[None]:
        """Have a lease renewed while the block runs."""
        with self._lock:
            self._held.add(held)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(held)

    def renew(self) -> bool:
        """Renew all of them once; nothing more to do until the next beat."""
        with self._lock:
            holding = list(self._held)
        if holding:
            with service("app_dispatch") as connection:
                rows.renew(connection, holding)
        return False


LEASES = Leases()


def heartbeat() -> Loop:
    """Make the loop that renews this process's leases."""
    return Loop("heartbeat", LEASES.renew, pause_seconds=rows.HEARTBEAT_SECONDS)
