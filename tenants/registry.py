"""Which tenants exist: stores, headquarters, and the contracts that link them.

Shape: schema registry, tables tenants and contracts (alembic/registry). Names are opaque; the
slug only selects among a person's memberships.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared import errors
from tenants.services import Row, asking, service


class NoSuchTenant(errors.Missing):
    """There is no such tenant."""

    zh = "没有这个门店"


Kind = Literal["store", "hq"]
State = Literal["active", "suspended", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One store or one headquarters; `name` is its schema and its login."""

    name: str
    slug: str
    kind: Kind
    display_name: str
    code: str
    time_zone: str
    day_change_hour: int
    currency: str
    state: State
    suspended_at: datetime | None
    version: str  # tenant history; a pooled connection of another version is dropped
    hq: str | None  # a store's headquarters by the contract in force today
    hq_slug: str | None


# What every reader of a tenant selects; `t` is registry.tenants.
TENANT_COLUMNS = """
    t.name, t.slug, t.kind, t.display_name, t.code, t.time_zone, t.day_change_hour, t.currency,
    t.state, t.suspended_at, t.version || '/' || coalesce(t.hq_version, '') AS version,
    h.name AS hq, h.slug AS hq_slug
"""
TENANT_SOURCE = """
    registry.tenants t
    LEFT JOIN registry.contracts c ON c.store = t.name AND c.valid_from <= current_date
        AND (c.valid_to IS NULL OR current_date <= c.valid_to)
    LEFT JOIN registry.tenants h ON h.name = c.hq
"""


def tenant_of(row: Row) -> Tenant:
    """Build a tenant from a row of TENANT_COLUMNS; further columns are left alone."""
    return Tenant(**{field: row[field] for field in Tenant.__dataclass_fields__})


def tenant_by_name(name: str) -> Tenant | None:
    """Find a tenant by its opaque name, whatever its state; for workers."""
    with asking("app_dispatch") as connection:
        row = connection.execute(
            f"SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE} WHERE t.name = %s", [name]
        ).fetchone()
    return tenant_of(row) if row else None


def tenant_by_slug(slug: str) -> Tenant | None:
    """Find a tenant that is not retired by its slug; for operators, never for a request."""
    return _kept("slug", slug)


def kept(name: str) -> Tenant:
    """Give a tenant that is not retired by its opaque name; for operators, never for a request.

    Raises: NoSuchTenant.
    """
    found = _kept("name", name)
    if found is None:
        raise NoSuchTenant(name=name)
    return found


def named(slug: str) -> Tenant:
    """Give the tenant that is not retired of a slug; for operators, never for a request.

    Raises: NoSuchTenant.
    """
    found = tenant_by_slug(slug)
    if found is None:
        raise NoSuchTenant(slug=slug)
    return found


def all_tenants(*, hq: str | None = None) -> list[Tenant]:
    """List the tenants that are not retired, oldest first; with `hq`, the stores of one chain."""
    with service("app_provision") as connection:
        rows = connection.execute(
            f"SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE} "
            "WHERE t.state <> 'retired' AND (%(hq)s::name IS NULL OR c.hq = %(hq)s::name) "
            "ORDER BY t.created_at, t.code",
            {"hq": hq},
        ).fetchall()
    return [tenant_of(row) for row in rows]


def _kept(column: str, value: str) -> Tenant | None:
    with service("app_provision") as connection:
        row = connection.execute(
            f"SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE} WHERE t.{column} = %s "
            "AND t.state <> 'retired'",
            [value],
        ).fetchone()
    return tenant_of(row) if row else None
