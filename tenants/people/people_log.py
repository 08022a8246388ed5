"""Who changed whose roles: rows that no login of ours may alter or delete."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from tenants.registry import Tenant
from tenants.services import service


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does something, and when; nobody is the operator of the machine."""

    actor_id: UUID | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Whose roles, before and after; an invited person has no id yet."""

    who: str
    person_id: UUID | None = None
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who changed whose roles; without an actor it was the operator of the machine."""

    id: UUID
    at: datetime
    actor: str | None
    who: str
    action: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def changes(
    tenant: Tenant, *, limit: int, before: tuple[datetime, UUID] | None = None
) -> list[Change]:
    """List who changed whose roles, newest first."""
    at, last = before or (None, None)
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT l.id, l.at, a.name AS actor, l.who, l.action, l.old, l.new "
            "FROM registry.people_log l LEFT JOIN registry.people a ON a.id = l.actor_id "
            "WHERE l.tenant = %(tenant)s AND (%(at)s::timestamptz IS NULL "
            "  OR (l.at, l.id) < (%(at)s::timestamptz, %(last)s::uuid)) "
            "ORDER BY l.at DESC, l.id DESC LIMIT %(limit)s",
            {"tenant": tenant.name, "at": at, "last": last, "limit": limit},
        ).fetchall()
    return [Change(**{**row, "old": tuple(row["old"]), "new": tuple(row["new"])}) for row in rows]


def note(
    connection: Connection[DictRow], tenant: Tenant, action: str, entry: Entry, *, by: Act
) -> None:
    """Write an entry in the caller's transaction."""
    connection.execute(
        "INSERT INTO registry.people_log (tenant, at, actor_id, person_id, who, action, old, new) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            *(tenant.name, by.now, by.actor_id, entry.person_id, entry.who[:120], action),
            *(list(entry.old), list(entry.new)),
        ],
    )
