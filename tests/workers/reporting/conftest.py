"""A store whose calendar alone is due."""

from collections.abc import Iterator

import pytest

from deploy.local.postgres import Cluster
from tenants.logins import connect
from tenants.registry import Tenant
from tests.factories.tenants import new_store
from workers.schedules import SCHEDULES


@pytest.fixture
def shop(cluster: Cluster) -> Iterator[Tenant]:
    """A store whose calendar alone is due."""
    with connect("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.clock")
        connection.execute(
            "INSERT INTO ops.clock (tenant, schedule, next_at, wall, time_zone, change_hour)"
            " SELECT name, schedule, 'infinity', 'infinity', time_zone, day_change_hour"
            " FROM registry.tenants, unnest(%s::text[]) AS s (schedule)",
            [[schedule.id for schedule in SCHEDULES]],
        )
    yield new_store()
    with connect("app_dispatch") as connection:  # nobody can read such a time
        connection.execute("DELETE FROM ops.clock WHERE next_at = 'infinity'")
