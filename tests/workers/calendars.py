"""A store's calendar at the hours a test names: the clock strikes, what is published gets done."""

from datetime import UTC, date, datetime, timedelta

from tenants.logins import connect
from tenants.registry import Tenant
from workers import clock
from workers.testing import drain


def at(day: date, hour: int, minute: int) -> datetime:
    """Give a moment on the store's clock, Shanghai's."""
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
    return local - timedelta(hours=8)


def clock_strikes(shop: Tenant, *, since: datetime, now: datetime) -> None:
    """Let the shop's calendar write what falls due between two moments, and do it."""
    with connect("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.clock WHERE tenant = %s", [shop.name])
    clock.know_newcomers(since)
    while clock.tick(now):
        pass
    work(shop, now=now)


def work(shop: Tenant, *, now: datetime) -> None:
    """Do all that was published, as if it had been published by then."""
    while True:
        with connect("app_dispatch") as connection:
            connection.execute(
                "UPDATE ops.job SET run_at = least(run_at, %s) WHERE tenant = %s"
                " AND state = 'queued'",
                [now, shop.name],
            )
        if not drain(shop, now=now):
            return
