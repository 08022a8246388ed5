"""The people of one tenant: who they are, as what, and who changed that.

Shape: every change is a row of registry.people_log that no login of ours may alter or delete. A
person's sessions in a tenant end when the roles there change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from shared import errors
from shared.errors import problem
from tenants.people import people_log
from tenants.people.people_log import Act, Entry
from tenants.registry import Kind, Tenant
from tenants.services import service

# whom a manager, or a headquarters' admin, may take on; in the order of the specification
ROLES_OF: dict[Kind, tuple[str, ...]] = {
    "store": ("MGR", "FD", "CON", "BEA", "SDA", "TEC", "AUD"),
    "hq": ("HQA", "HQN", "SDA", "TEC", "AUD"),
}
KEEPER: dict[Kind, str] = {"store": "MGR", "hq": "HQA"}  # without one nobody could take on another


class NoSuchMember(errors.Missing):
    """There is no such member."""


class LastKeeper(errors.Conflict):
    """The last manager, or headquarters admin, must stay."""

    zh = "最后一位店长(总部管理员)不能被移除"


class RolesMoved(errors.Conflict):
    """Somebody changed these roles meanwhile."""

    code = "CONFLICT"
    zh = "该人员的角色已被他人修改,请刷新"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person who works in a tenant."""

    id: UUID
    login: str
    name: str
    roles: tuple[str, ...]
    since: datetime
    has_second_factor: bool


def check_roles(roles: Iterable[str], *, kind: Kind, field: str = "roles") -> tuple[str, ...]:
    """Give the roles in the specification's order, each once.

    Raises: FormInvalid when there is none, or one that this kind of tenant does not have.
    """
    wanted = set(roles)
    if not wanted:
        raise errors.FormInvalid(problems=(problem(field, "REQUIRED"),))
    if wanted - set(ROLES_OF[kind]):
        raise errors.FormInvalid(problems=(problem(field, "ENUM"),))
    return tuple(role for role in ROLES_OF[kind] if role in wanted)


_MEMBERS = """
    SELECT p.id, p.login, p.name, min(m.since) AS since, array_agg(m.role) AS roles,
        EXISTS (SELECT FROM registry.second_factors f
                WHERE f.person_id = p.id AND f.secret IS NOT NULL) AS has_second_factor
    FROM registry.memberships m
    JOIN registry.people p ON p.id = m.person_id AND p.disabled_at IS NULL
    WHERE m.tenant = %(tenant)s AND (%(person)s::uuid IS NULL OR p.id = %(person)s)
    GROUP BY p.id ORDER BY p.name, p.id
"""


def members(tenant: Tenant) -> list[Member]:
    """List who works in a tenant."""
    with service("app_auth") as connection:
        return _read(connection, tenant)


def member(tenant: Tenant, person_id: UUID) -> Member:
    """Give one member.

    Raises: NoSuchMember.
    """
    with service("app_auth") as connection:
        return _one(connection, tenant, person_id)


def change_roles(
    tenant: Tenant,
    person_id: UUID,
    roles: Sequence[str],
    *,
    by: Act,
    seen: Sequence[str] | None = None,
) -> Member:
    """Give a member these roles and no others; `seen` are those the actor believed to change.

    Locks: the tenant's keepers.
    Raises: NoSuchMember, LastKeeper, RolesMoved, FormInvalid.
    """
    wanted = check_roles(roles, kind=tenant.kind)
    with service("app_auth") as connection:
        keepers = _locked_keepers(connection, tenant)
        found = _one(connection, tenant, person_id)
        if seen is not None and set(seen) != set(found.roles):
            raise RolesMoved
        if set(wanted) == set(found.roles):
            return found
        is_keeper = KEEPER[tenant.kind] in wanted
        if not is_keeper and keepers == {person_id}:
            raise LastKeeper(slug=tenant.slug)
        connection.execute(
            "DELETE FROM registry.memberships WHERE person_id = %s AND tenant = %s "
            "AND role <> ALL(%s)",
            [person_id, tenant.name, list(wanted)],
        )
        give_roles(connection, tenant, person_id, wanted, now=found.since)  # works here since then
        _note_change(connection, tenant, found, now=by.now, is_keeper=is_keeper)
        people_log.note(connection, tenant, "ROLES", _entry(found, wanted), by=by)
        return _one(connection, tenant, person_id)


def end_membership(tenant: Tenant, person_id: UUID, *, by: Act) -> Member:
    """Let a member go; sessions and tokens open nothing here any more. Gives who it was.

    Locks: the tenant's keepers.
    Raises: NoSuchMember, LastKeeper.
    """
    with service("app_auth") as connection:
        keepers = _locked_keepers(connection, tenant)
        found = _one(connection, tenant, person_id)
        if keepers == {person_id}:
            raise LastKeeper(slug=tenant.slug)
        connection.execute(
            "DELETE FROM registry.memberships WHERE person_id = %s AND tenant = %s",
            [person_id, tenant.name],
        )
        connection.execute(
            "UPDATE registry.api_tokens SET revoked_at = %s "
            "WHERE person_id = %s AND tenant = %s AND revoked_at IS NULL",
            [by.now, person_id, tenant.name],
        )
        _note_change(connection, tenant, found, now=by.now, is_keeper=False)
        people_log.note(connection, tenant, "LEFT", _entry(found, ()), by=by)
    return found


def give_roles(
    connection: Connection[DictRow],
    tenant: Tenant,
    person_id: UUID,
    roles: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Give roles in the caller's transaction; those that are held stay as they are."""
    connection.execute(
        "INSERT INTO registry.memberships (person_id, tenant, role, since) "
        "SELECT %s, %s, role, %s FROM unnest(%s::text[]) AS role ON CONFLICT DO NOTHING",
        [person_id, tenant.name, now, list(roles)],
    )


def note_roles_changed(
    connection: Connection[DictRow], tenant: Tenant, person_id: UUID, *, now: datetime
) -> None:
    """End a person's sessions in a tenant, in the caller's transaction."""
    connection.execute(
        "INSERT INTO registry.role_changes AS c (person_id, tenant, at) VALUES (%s, %s, %s) "
        "ON CONFLICT (person_id, tenant) DO UPDATE SET at = greatest(c.at, excluded.at)",
        [person_id, tenant.name, now],
    )


def _entry(whom: Member, new: Sequence[str]) -> Entry:
    who = f"{whom.name} {whom.login}"
    return Entry(who=who, person_id=whom.id, old=whom.roles, new=tuple(new))


def _read(
    connection: Connection[DictRow], tenant: Tenant, person_id: UUID | None = None
) -> list[Member]:
    rows = connection.execute(_MEMBERS, {"tenant": tenant.name, "person": person_id}).fetchall()
    order = ("HQA", "HQN", *ROLES_OF["store"])
    return [
        Member(**{**row, "roles": tuple(sorted(row["roles"], key=order.index))}) for row in rows
    ]


def _one(connection: Connection[DictRow], tenant: Tenant, person_id: UUID) -> Member:
    found = _read(connection, tenant, person_id)
    if not found:
        raise NoSuchMember
    return found[0]


def _locked_keepers(connection: Connection[DictRow], tenant: Tenant) -> set[UUID]:
    rows = connection.execute(
        "SELECT m.person_id FROM registry.memberships m "
        "JOIN registry.people p ON p.id = m.person_id AND p.disabled_at IS NULL "
        "WHERE m.tenant = %s AND m.role = %s ORDER BY m.person_id FOR UPDATE OF m",
        [tenant.name, KEEPER[tenant.kind]],
    ).fetchall()
    return {row["person_id"] for row in rows}


def _note_change(
    connection: Connection[DictRow], tenant: Tenant, whom: Member, *, now: datetime, is_keeper: bool
) -> None:
    """End sessions; what a former keeper has offered to others is off."""
    note_roles_changed(connection, tenant, whom.id, now=now)
    if not is_keeper:
        connection.execute(
            "UPDATE registry.invitations SET revoked_at = %s WHERE tenant = %s "
            "AND invited_by = %s AND accepted_at IS NULL AND revoked_at IS NULL",
            [now, tenant.name, whom.id],
        )
