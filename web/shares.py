"""No tenant takes all of a process from others: a third of its threads works for one at a time.

Some more requests may wait a moment for a place. When the tenant's own are slow, what comes beyond
is refused at once with 503 and `Retry-After`, so that others always find a thread. A tenant that is
alone has all of them.
Form: promise P5, abuse case D-07.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from shared import errors

WAIT_SECONDS = 1.0
SLOW_SECONDS = 0.25  # a burst of quick requests is through by then
ALONE_SECONDS = 60.0  # without a request of anybody else


class TenantBusy(errors.Unavailable):
    """Too many requests of this store at once, please try again."""

    zh = "本店同时请求过多,请稍后再试"


class Shares:
    """Which requests of each tenant are being answered in this process, and how many wait.

    Locks: one condition for all counts, held for no longer than counting.
    """

    def __init__(self, threads: int) -> None:
        self.most_at_work = -(-threads // 3)
        self.most_inside = max(threads - self.most_at_work, self.most_at_work + 1)
        self._begun: dict[str, list[float]] = {}  # when those at work began
        self._waiting: dict[str, int] = {}
        self._seen: dict[str, float] = {}  # the two tenants that came last
        self._changed = threading.Condition()

    @contextmanager
    def place(self, tenant: str) -> Iterator[None]:
        """Hold one of a tenant's places; wait a moment for one if need be.

        Raises: TenantBusy.
        """
        with self._changed:
            begun = self._take(tenant)
        try:
            yield
        finally:
            with self._changed:
                self._begun[tenant].remove(begun)
                if not self._begun[tenant]:
                    del self._begun[tenant]  # thousands of tenants pass through a process
                self._changed.notify_all()

    def _take(self, tenant: str) -> float:
        now = time.monotonic()
        self._seen.pop(tenant, None)
        self._seen = {**dict(list(self._seen.items())[-1:]), tenant: now}
        if not self._has_room(tenant):
            self._wait(tenant, now)
        begun = time.monotonic()
        self._begun.setdefault(tenant, []).append(begun)
        return begun

    def _wait(self, tenant: str, now: float) -> None:
        at_work, waiting = self._begun[tenant], self._waiting.get(tenant, 0)
        are_slow = now - min(at_work) > SLOW_SECONDS
        if are_slow and len(at_work) + waiting >= self.most_inside:
            raise TenantBusy
        self._waiting[tenant] = waiting + 1
        is_let_in = self._changed.wait_for(lambda: self._has_room(tenant), timeout=WAIT_SECONDS)
        self._waiting[tenant] -= 1
        if not self._waiting[tenant]:
            del self._waiting[tenant]
        if not is_let_in:
            raise TenantBusy

    def _has_room(self, tenant: str) -> bool:
        return len(self._begun.get(tenant, ())) < self.most_at_work or self._is_alone(tenant)

    def _is_alone(self, tenant: str) -> bool:
        since = time.monotonic() - ALONE_SECONDS
        return all(name == tenant or at < since for name, at in self._seen.items())
