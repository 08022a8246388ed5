"""One embedded PostgreSQL per test process; each test's tenants are as good as new."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from deploy.local.postgres import UNSAFE_BUT_FAST, Cluster
from shared import files
from shared.config import settings
from tenants import migrations
from tenants.pool import pool
from tenants.registry import Tenant
from tenants.services import close_services, service
from tenants.sessions import engine, tenant_session
from tests.factories import given_back
from tests.factories.tenants import new_hq, new_store

# A machine under load is no fault of the code: no example has a time limit, here and in CI.
hypothesis_settings.register_profile(
    "rollbook", hypothesis_settings.get_profile("ci"), derandomize="CI" in os.environ
)
hypothesis_settings.load_profile("rollbook")

# Hundreds of tenants are made, used for a moment and thrown away with the server.
SHORT_LIVED = {
    **UNSAFE_BUT_FAST,
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
}


def point_to(url: str, data: Path, **more: str) -> None:
    """Make this process use a database; whatever it had opened elsewhere is closed."""
    pool().close()
    close_services()
    for cache in (pool, engine, settings, files.store):
        cache.cache_clear()
    os.environ.update(
        {
            "ROLLBOOK_DATABASE_URL": url,
            "ROLLBOOK_DATABASE_AUTH": "peer",
            "ROLLBOOK_SECRET_KEY": "test-" * 8,
            "ROLLBOOK_MASTER_KEY": "master-" * 8,
            "ROLLBOOK_DATA": str(data),
            "ROLLBOOK_BROKER_URL": "stub://",
            "ROLLBOOK_DEVELOPMENT": "1",
            **more,
        }
    )


@pytest.fixture(scope="session")
def embedded() -> Iterator[Cluster]:
    """A running embedded PostgreSQL with the shared schemas at head."""
    with tempfile.TemporaryDirectory() as files, Cluster.throwaway(options=SHORT_LIVED) as running:
        try:
            point_to(running.url, Path(files))
            migrations.upgrade_registry()
            yield running
        finally:
            pool().close()
            close_services()


@pytest.fixture(scope="session")
def cluster(embedded: Cluster) -> Cluster:
    """The server that this process works on; tests/tenancy has two of them."""
    return embedded


@pytest.fixture(autouse=True)
def tenants_go_back() -> Iterator[None]:
    """Put the tenants of each test into the stock, which the next ones are taken from."""
    given_back.forget()
    yield
    given_back.give_back()


@pytest.fixture(scope="session")
def shared_store(cluster: Cluster) -> Tenant:
    """One store for all tests that leave nothing in a store; `store` gives it to those."""
    return given_back.keep(new_store())


@pytest.fixture
def store(request: pytest.FixtureRequest, cluster: Cluster) -> Tenant:
    """A fresh store without a headquarters; the shared one for a test marked `shares_store`."""
    if request.node.get_closest_marker("shares_store"):
        shared: Tenant = request.getfixturevalue("shared_store")
        return shared
    return new_store()


@pytest.fixture
def no_failures(cluster: Cluster) -> None:
    """Forget how often signing in failed: all tests of a process come from one address."""
    with service("app_auth") as connection:
        connection.execute("DELETE FROM registry.sign_in_failures")


@pytest.fixture
def hq(cluster: Cluster) -> Tenant:
    """A fresh headquarters."""
    return new_hq()


@pytest.fixture
def store_session(store: Tenant) -> Iterator[Session]:
    """A session in the fresh store; the test commits when it wants to."""
    with tenant_session(store) as session:
        yield session
