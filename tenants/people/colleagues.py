"""Who works in a tenant, by name: what a list and a picker of staff need.

Shape: only present members; whoever left, or never was here, has no name to this tenant.
"""

from dataclasses import dataclass
from uuid import UUID

from tenants.registry import Tenant
from tenants.services import service


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member as the others see them."""

    name: str
    roles: tuple[str, ...]


def colleagues(tenant: Tenant) -> dict[UUID, Colleague]:
    """List the members of a tenant by name."""
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT p.id, p.name, array_agg(m.role ORDER BY m.role) AS roles "
            "FROM registry.memberships m "
            "JOIN registry.people p ON p.id = m.person_id AND p.disabled_at IS NULL "
            "WHERE m.tenant = %s GROUP BY p.id ORDER BY p.name, p.id",
            [tenant.name],
        ).fetchall()
    return {row["id"]: Colleague(row["name"], tuple(row["roles"])) for row in rows}
