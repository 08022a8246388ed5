"""A SQLAlchemy session in exactly one tenant.

One engine, so one cache of compiled statements, over the keyed pool: the engine itself keeps no
connection, and each connection is the current tenant's own login.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.orm import Session, SessionTransaction

from tenants.current import entered
from tenants.pool import TenantConnection, pool
from tenants.registry import Tenant

URL = "postgresql+psycopg://"


class WrongTenant(Exception):
    """A session made for one tenant was used while another was entered."""


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
    info = {"tenant": tenant.name}
    with entered(tenant), Session(engine(), expire_on_commit=False, info=info) as session:
        yield session


@contextmanager
def tenant_transaction(tenant: Tenant) -> Iterator[Session]:
    """Enter a tenant and give a session that is committed when the block ends well; for commands.

    Web requests and jobs have their own single commit and use `tenant_session`.
    """
    with tenant_session(tenant) as session:
        yield session
        session.commit()


def below(session: Session) -> TenantConnection:
    """Give a session's own connection, in its transaction: what is asked there costs half."""
    own = session.connection().connection.driver_connection
    assert isinstance(own, TenantConnection)
    return own


@contextmanager
def before(session: Session) -> Iterator[TenantConnection]:
    """Give a session's own connection before its transaction begins.

    Units: each statement is a transaction of its own, one round trip instead of three.
    """
    own = below(session)
    own.autocommit = True
    yield own
    own.autocommit = False


@event.listens_for(Session, "after_begin")
def _stay_in_one_tenant(session: Session, _: SessionTransaction, connection: Connection) -> None:
    """Check each transaction's login: a session opens its connection late, and must not follow."""
    made_for = session.info.get("tenant")
    own = connection.connection.driver_connection
    if made_for and getattr(own, "tenant", None) and own.tenant.name != made_for:  # type: ignore[union-attr]
        raise WrongTenant(made_for)
