"""A SQLAlchemy session in exactly one tenant.

One engine, so one cache of compiled statements, over the keyed pool: the engine itself keeps no
connection, and each connection is the current tenant's own login.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.orm import Session

from tenants.current import entered
from tenants.pool import pool
from tenants.registry import Tenant

URL = "postgresql+psycopg://"


def engine_options() -> dict[str, Any]:
    """List what an engine over the keyed pool needs; also for Flask-SQLAlchemy's."""
    return {
        "creator": lambda: pool().get(),
        "poolclass": NullPool,
        "use_native_hstore": False,  # else every checkout asks the server for hstore
        "hide_parameters": True,  # no personal data in error texts
    }


@lru_cache(maxsize=1)
def engine() -> Engine:
    """Give this process's engine."""
    return create_engine(URL, **engine_options())


@contextmanager
def tenant_session(tenant: Tenant) -> Iterator[Session]:
    """Enter a tenant and give a session in it; what the caller did not commit is rolled back."""
    with entered(tenant), Session(engine(), expire_on_commit=False) as session:
        yield session
