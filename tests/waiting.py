"""Wait for what another thread or process does; never for ever."""

import time
from collections.abc import Callable

from tenants.logins import connect
from tenants.registry import Tenant

PATIENCE_SECONDS = 30


def until(
    condition: Callable[[], bool],
    what: str = "what was waited for",
    *,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Return once the condition holds; fail when patience ends, naming `what` was awaited."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.01)


def is_waiting(tenant: Tenant) -> bool:
    """Whether a connection of the tenant waits for a lock of another."""
    with connect("app_provision") as connection:
        row = connection.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND usename = %s)",
            [tenant.name],
        ).fetchone()
    return bool(row and row[0])
