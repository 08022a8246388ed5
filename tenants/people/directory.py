"""Who works in a tenant and how to reach them, for workers; no passwords, no other tenants."""

import re
from dataclasses import dataclass
from uuid import UUID

from tenants.registry import Tenant
from tenants.services import service

_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9]{6,19}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A member of one tenant; mail goes to the confirmed address, else to the sign-in name."""

    id: UUID
    name: str
    locale: str
    roles: frozenset[str]
    mail: str | None
    phone: str | None


def member(tenant: Tenant, person_id: UUID) -> Colleague | None:
    """Find one of them."""
    found = _read(tenant, person_id)
    return found[0] if found else None


def members(tenant: Tenant) -> list[Colleague]:
    """List the people who may sign in and hold a role in a tenant."""
    return _read(tenant, None)


def _read(tenant: Tenant, person_id: UUID | None) -> list[Colleague]:
    with service("app_dispatch") as connection:
        rows = connection.execute(
            """
            SELECT p.id, p.name, p.login, p.email, p.locale, array_agg(m.role) AS roles
            FROM registry.memberships m
            JOIN registry.people p ON p.id = m.person_id AND p.disabled_at IS NULL
            WHERE m.tenant = %(tenant)s AND (%(person)s::uuid IS NULL OR p.id = %(person)s)
            GROUP BY p.id, p.name, p.login, p.email, p.locale ORDER BY p.name, p.id
            """,
            {"tenant": tenant.name, "person": person_id},
        ).fetchall()
    return [
        Colleague(
            id=row["id"],
            name=row["name"],
            locale=row["locale"],
            roles=frozenset(row["roles"]),
            mail=row["email"] or (row["login"] if _MAIL.fullmatch(row["login"]) else None),
            phone=row["login"] if _PHONE.fullmatch(row["login"]) else None,
        )
        for row in rows
    ]
