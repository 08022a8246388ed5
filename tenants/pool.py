"""The keyed pool: a connection logs in as one tenant and belongs to it for life.

There is no SET ROLE and no search_path switch to forget or to inject: the server refuses
everything that the tenant's own login may not do.
"""

import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import TupleRow

from shared import errors
from tenants import current
from tenants.logins import conninfo
from tenants.registry import Tenant
from tenants.services import has_died


class TenantPoolExhausted(errors.Unavailable):
    """Too many requests at once, please try again."""

    zh = "请求过多,请稍后再试"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections one process may hold, in all and per tenant, and for how long."""

    total: int = 40
    per_tenant: int = 8
    wait_seconds: float = 2.0
    max_age_seconds: float = 900.0


_STARTUP = (
    "-c search_path={schema} -c statement_timeout=15s -c idle_in_transaction_session_timeout=10s "
    "-c lock_timeout=5s -c row_security=on"
)


# Forget whatever the borrower set: channels and settings, back to those of the start-up.
_CLEAN = b"UNLISTEN *; RESET ALL"


class OneStatementCursor(psycopg.Cursor[Any]):
    """A cursor that always speaks the extended protocol: two statements in one call are refused."""

    def _execute_send(self, query: Any, **options: Any) -> None:
        super()._execute_send(query, **{**options, "force_extended": True})

    def _start_query(self, query: Any = None) -> PQGen[None]:
        self.connection.is_clean = False  # type: ignore[attr-defined]
        return super()._start_query(query)


class TenantConnection(psycopg.Connection[TupleRow]):
    """A tenant's connection; closing it gives it back to its pool.

    Its transactions end below psycopg: in the same round trip the connection becomes clean, and
    a rollback, which ends every question, keeps the prepared statements that psycopg would forget.
    """

    home: "TenantPool | None" = None
    tenant: Tenant
    born: float
    is_clean: bool = True  # since its last statement

    def commit(self) -> None:
        """Keep what was done."""
        self._end(b"COMMIT; " + _CLEAN)

    def rollback(self) -> None:
        """Undo what was done; what a lost connection did the server undoes by itself."""
        try:
            self._end(b"ROLLBACK; " + _CLEAN)
        except psycopg.OperationalError:
            if not self.closed:
                raise

    def clean(self) -> None:
        """Forget what the borrower left behind: an open transaction, settings, channels."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self.rollback()
        elif not self.is_clean:
            self._send(_CLEAN)

    def close(self) -> None:
        """Return to the pool, or close for good when it has none."""
        if self.home is None:
            super().close()
        else:
            self.home.take_back(self)

    def discard(self) -> None:
        """Close for good."""
        super().close()

    def _end(self, statements: bytes) -> None:
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._send(statements)

    def _send(self, statements: bytes) -> None:
        with self.lock:
            self._check_connection_ok()
            result = self.pgconn.exec_(statements)
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
        self.is_clean = True


class TenantPool:
    """Connections by tenant; least recently used idle ones make room.

    Locks: one condition for all counts; connecting and closing happen outside it.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._idle: OrderedDict[str, deque[TenantConnection]] = OrderedDict()
        self._in_use: dict[str, int] = {}
        self._total = 0
        self._changed = threading.Condition()
        self._counts = {"hit": 0, "miss": 0, "evicted": 0, "refused": 0}

    def get(self) -> TenantConnection:
        """Give a connection of the current tenant.

        Raises: LookupError when no tenant was entered, TenantPoolExhausted after the bounded wait.
        """
        tenant = current.tenant()
        while True:
            connection, victims = self._reserve(tenant)
            for victim in victims:
                victim.discard()
            if connection is None:
                return self._open(tenant)
            if self._is_usable(connection, tenant):
                return connection
            self._forget(connection)

    def take_back(self, connection: TenantConnection) -> None:
        """Make a returned connection clean and idle, or drop it."""
        clean = self._cleaned(connection)
        name = connection.tenant.name
        with self._changed:
            self._in_use[name] -= 1
            if not self._in_use[name]:
                del self._in_use[name]
            if clean:
                self._idle.setdefault(name, deque()).append(connection)
                self._idle.move_to_end(name)
            else:
                self._total -= 1
            self._changed.notify()
        if not clean:
            connection.discard()

    def evict(self, name: str) -> None:
        """Close a tenant's idle connections, as after its migration or suspension."""
        with self._changed:
            victims = self._idle.pop(name, deque())
            self._total -= len(victims)
            self._changed.notify_all()
        for victim in victims:
            victim.discard()

    def close(self) -> None:
        """Close every idle connection."""
        for name in list(self._idle):
            self.evict(name)

    def stats(self) -> dict[str, int]:
        """Count connections and what became of requests for them."""
        with self._changed:
            idle = sum(len(connections) for connections in self._idle.values())
            return {"total": self._total, "idle": idle, **self._counts}

    def _reserve(self, tenant: Tenant) -> tuple[TenantConnection | None, list[TenantConnection]]:
        """Take an idle connection (first) or a place for a new one, perhaps another's (second)."""
        deadline = time.monotonic() + self.limits.wait_seconds
        with self._changed:
            while True:
                waiting = self._idle.get(tenant.name)
                if waiting:
                    connection = waiting.pop()
                    if not waiting:
                        del self._idle[tenant.name]
                    self._lend(tenant.name, "hit")
                    return connection, []
                if self._in_use.get(tenant.name, 0) < self.limits.per_tenant:
                    if self._total < self.limits.total:
                        self._total += 1
                        self._lend(tenant.name, "miss")
                        return None, []
                    if self._idle:
                        self._lend(tenant.name, "miss")
                        return None, [self._oldest_idle()]
                if not self._changed.wait(deadline - time.monotonic()):
                    self._counts["refused"] += 1
                    raise TenantPoolExhausted

    def _lend(self, name: str, how: str) -> None:
        self._in_use[name] = self._in_use.get(name, 0) + 1
        self._counts[how] += 1

    def _oldest_idle(self) -> TenantConnection:
        name, connections = next(iter(self._idle.items()))
        victim = connections.popleft()
        if not connections:
            del self._idle[name]
        self._counts["evicted"] += 1
        return victim

    def _is_usable(self, connection: TenantConnection, tenant: Tenant) -> bool:
        age = time.monotonic() - connection.born
        same_version = connection.tenant.version == tenant.version
        young = age < self.limits.max_age_seconds
        return young and same_version and not connection.closed and not has_died(connection)

    def _open(self, tenant: Tenant) -> TenantConnection:
        try:
            connection = TenantConnection.connect(
                conninfo(tenant.name, options=_STARTUP.format(schema=tenant.name)),
                cursor_factory=OneStatementCursor,
            )
        except BaseException:
            self._give_up_place(tenant.name)
            raise
        connection.home, connection.tenant, connection.born = self, tenant, time.monotonic()
        return connection

    def _forget(self, connection: TenantConnection) -> None:
        self._give_up_place(connection.tenant.name)
        connection.discard()

    def _give_up_place(self, name: str) -> None:
        with self._changed:
            self._in_use[name] -= 1
            if not self._in_use[name]:
                del self._in_use[name]
            self._total -= 1
            self._changed.notify()

    def _cleaned(self, connection: TenantConnection) -> bool:
        try:
            if connection.closed:
                return False
            connection.clean()
            if connection.autocommit:
                connection.autocommit = False
        except psycopg.Error:
            return False
        return connection.pgconn.transaction_status == TransactionStatus.IDLE


@lru_cache(maxsize=1)
def pool() -> TenantPool:
    """Give this process's pool; made on first use, so after a fork."""
    return TenantPool()
