"""No tenant takes all of a process: a third of its threads works for one, two thirds at most wait.

A request beyond that is refused at once with 503 and `Retry-After`, so that others find a thread.
Form: promise P5, abuse case D-07.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from shared import errors

WAIT_SECONDS = 1.0


class TenantBusy(errors.Unavailable):
    """Too many requests of this store at once, please try again."""

    zh = "本店同时请求过多,请稍后再试"


class Shares:
    """How many requests of each tenant are being answered in this process.

    Locks: one condition for all counts, held for no longer than counting.
    """

    def __init__(self, threads: int) -> None:
        self.most_at_work = -(-threads // 3)
        self.most_inside = max(threads - self.most_at_work, self.most_at_work)
        self._at_work: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def place(self, tenant: str) -> Iterator[None]:
        """Hold one of a tenant's places; wait a moment for one if few others do.

        Raises: TenantBusy.
        """
        with self._changed:
            self._take(tenant)
        try:
            yield
        finally:
            with self._changed:
                self._give_back(self._at_work, tenant)
                self._give_back(self._inside, tenant)
                self._changed.notify_all()

    def _take(self, tenant: str) -> None:
        if self._inside[tenant] >= self.most_inside:
            raise TenantBusy
        self._inside[tenant] += 1
        if not self._changed.wait_for(
            lambda: self._at_work[tenant] < self.most_at_work, timeout=WAIT_SECONDS
        ):
            self._give_back(self._inside, tenant)
            raise TenantBusy
        self._at_work[tenant] += 1

    def _give_back(self, counts: Counter[str], tenant: str) -> None:
        counts[tenant] -= 1
        if not counts[tenant]:
            del counts[tenant]  # thousands of tenants pass through a process
