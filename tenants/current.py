"""Which tenant this line of code works for; there is no default.

Only web/tenancy.py, workers/job.py and tenants/sessions.py enter a tenant (a house test checks).
Threads and generators started inside do not inherit it: they get LookupError, never a tenant.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tenants.registry import Tenant

_current: ContextVar[Tenant] = ContextVar("tenant")


@contextmanager
def entered(tenant: Tenant) -> Iterator[Tenant]:
    """Work for one tenant until the block ends."""
    token = _current.set(tenant)
    try:
        yield tenant
    finally:
        _current.reset(token)


def tenant() -> Tenant:
    """Say which tenant is worked for.

    Raises: LookupError when none was entered.
    """
    return _current.get()
