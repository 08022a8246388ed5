"""The same web application without tenancy: one store, one login, an ordinary pool.

Who asks is still looked up by the token, as any application would; which tenant that is, and as
what, is not asked, and connections are SQLAlchemy's own.
Shape: ROLLBOOK_BENCH_SLUG names the store.
"""

import os
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import QueuePool

from tenants import current, registry, sessions
from tenants.logins import conninfo
from tenants.people import identity
from tenants.people.identity import Person, Visit
from tenants.registry import Tenant
from tenants.services import service
from web import tenancy
from web.app import create_app

TENANT = registry.named(os.environ["ROLLBOOK_BENCH_SLUG"])
_WHO = """
    SELECT p.id, p.login, p.name, p.locale FROM registry.api_tokens s
    JOIN registry.people p ON p.id = s.person_id AND p.disabled_at IS NULL
    WHERE s.token_hash = %s AND s.revoked_at IS NULL
"""


def engine_options() -> dict[str, Any]:
    """Connect as the one store."""
    address = conninfo(TENANT.name, options=f"-c search_path={TENANT.name}")
    return {
        "creator": lambda: psycopg.connect(address),
        "poolclass": QueuePool,
        "pool_size": 8,
        "use_native_hstore": False,
        "hide_parameters": True,
    }


def visit_by_token(token: str, *, slug: str | None, now: datetime) -> Visit | None:
    """Look up the person alone."""
    with service("app_auth") as connection:
        row = connection.execute(_WHO, [identity.digest(token)]).fetchone()
    return Visit(Person(**row), TENANT, frozenset({"MGR", "FD"})) if row else None


def entered(_tenant: Tenant) -> AbstractContextManager[None]:
    """Enter nothing."""
    return nullcontext()


sessions.engine_options = engine_options
identity.visit_by_token = visit_by_token
current.entered = entered  # type: ignore[assignment]
tenancy.check_connection = lambda session: None

app = create_app()
