"""Inviting somebody into a tenant: by mail, or by a link that the manager hands over.

Shape: an invitation names an address (mail or telephone) and roles; it is accepted once, within
seven days, by the account of that address or by a new one. Its token is made when it leaves us, and
the registry keeps the digest.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg import errors as pg
from psycopg.rows import DictRow

from shared import errors
from shared.errors import problem
from tenants.people import members, names, people_log
from tenants.people.identity import digest
from tenants.people.people_log import Act, Entry
from tenants.registry import TENANT_COLUMNS, TENANT_SOURCE, Tenant, tenant_of
from tenants.services import service

LIVES = timedelta(days=7)
_OPEN = "accepted_at IS NULL AND revoked_at IS NULL"


class BadAddress(errors.Invalid):
    """Neither a mail address nor a telephone number."""

    zh = "不是有效的邮箱或手机号"


class AlreadyMember(errors.Conflict):
    """This person works here already."""

    code = "DUPLICATE"
    zh = "此人已是本店成员"


class NoSuchInvitation(errors.Missing):
    """There is no such open invitation."""


class InvitationOver(errors.Missing):
    """This invitation is used, withdrawn or too old."""


class NotInvited(errors.Forbidden):
    """This invitation is for somebody else."""

    zh = "这份邀请是发给别人的"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """Whom a manager wants to work here, as what."""

    address: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One invitation that nobody accepted yet, as the manager sees it."""

    id: UUID
    address: str
    name: str
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    mail_failed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An invitation as the invited person sees it; `person_id` is who has that address already."""

    id: UUID
    tenant: Tenant
    address: str
    name: str
    roles: tuple[str, ...]
    inviter: str
    person_id: UUID | None


_COLUMNS = "id, address, name, roles, created_at, expires_at, mailed_at, mail_failed_at"


def invite(tenant: Tenant, new: NewInvitation, *, by: Act) -> Invitation:
    """Invite an address; one that is invited already is invited anew, its earlier links are void.

    Raises: BadAddress, AlreadyMember, FormInvalid.
    """
    address = names.normal(new.address)
    if not names.is_mail(address) and not names.is_phone(address):
        bad = problem("address", "TYPE", zh=BadAddress.zh, en="a mail address or a phone number")
        raise BadAddress(problems=(bad,))
    roles = members.check_roles(new.roles, kind=tenant.kind)
    with service("app_auth") as connection:
        if _is_member(connection, tenant, address):
            known = problem("address", "DUPLICATE", zh=AlreadyMember.zh, en="works here already")
            raise AlreadyMember(problems=(known,))
        row = connection.execute(
            f"""
            INSERT INTO registry.invitations AS i
              (id, tenant, address, name, roles, invited_by, created_at, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (tenant, address) WHERE {_OPEN} DO UPDATE SET name = excluded.name,
              roles = excluded.roles, invited_by = excluded.invited_by, token_hash = NULL,
              created_at = excluded.created_at, expires_at = excluded.expires_at,
              mailed_at = NULL, mail_failed_at = NULL
            RETURNING {_COLUMNS}
            """,
            [
                *(uuid4(), tenant.name, address, new.name, list(roles)),
                *(by.actor_id, by.now, by.now + LIVES),
            ],
        ).fetchone()
        entry = Entry(who=f"{new.name} {address}", new=roles)
        people_log.note(connection, tenant, "INVITED", entry, by=by)
    assert row is not None
    return Invitation(**{**row, "roles": tuple(row["roles"])})


def opened(tenant: Tenant) -> list[Invitation]:
    """List the invitations that nobody accepted or withdrew, newest first, also those too old."""
    with service("app_auth") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM registry.invitations WHERE tenant = %s AND {_OPEN} "
            "ORDER BY created_at DESC, id LIMIT 200",
            [tenant.name],
        ).fetchall()
    return [Invitation(**{**row, "roles": tuple(row["roles"])}) for row in rows]


def renew(tenant: Tenant, invitation_id: UUID, *, by: Act) -> Invitation:
    """Let an open invitation live for another week under the name of who renews it.

    Raises: NoSuchInvitation.
    """
    with service("app_auth") as connection:
        row = connection.execute(
            f"UPDATE registry.invitations SET expires_at = %s, invited_by = %s, token_hash = NULL, "
            "mailed_at = NULL, mail_failed_at = NULL "
            f"WHERE id = %s AND tenant = %s AND {_OPEN} RETURNING {_COLUMNS}",
            [by.now + LIVES, by.actor_id, invitation_id, tenant.name],
        ).fetchone()
        if row is None:
            raise NoSuchInvitation
        entry = Entry(who=f"{row['name']} {row['address']}", new=tuple(row["roles"]))
        people_log.note(connection, tenant, "RENEWED", entry, by=by)
    return Invitation(**{**row, "roles": tuple(row["roles"])})


def revoke(tenant: Tenant, invitation_id: UUID, *, by: Act) -> None:
    """Withdraw an open invitation.

    Raises: NoSuchInvitation.
    """
    with service("app_auth") as connection:
        row = connection.execute(
            f"UPDATE registry.invitations SET revoked_at = %s WHERE id = %s AND tenant = %s "
            f"AND {_OPEN} RETURNING name, address",
            [by.now, invitation_id, tenant.name],
        ).fetchone()
        if row is None:
            raise NoSuchInvitation
        entry = Entry(who=f"{row['name']} {row['address']}")
        people_log.note(connection, tenant, "REVOKED", entry, by=by)


def new_token(invitation_id: UUID) -> str | None:
    """Make the token of an open invitation; earlier ones are void. None when it is not open."""
    token = secrets.token_urlsafe(32)
    with service("app_auth") as connection:
        row = connection.execute(
            f"UPDATE registry.invitations SET token_hash = %s WHERE id = %s AND {_OPEN} "
            "RETURNING 1",
            [digest(token), invitation_id],
        ).fetchone()
    return token if row else None


def offer(token: str, *, now: datetime) -> Offer:
    """Read what an invitation offers.

    Raises: InvitationOver, also for a tenant that is not active.
    """
    with service("app_auth") as connection:
        return _offer(connection, token, now=now)


def accept(token: str, *, person_id: UUID, now: datetime) -> Tenant:
    """Become a member under the account that has the invited address.

    Raises: InvitationOver, NotInvited.
    """
    with service("app_auth") as connection:
        found = _offer(connection, token, now=now)
        if found.person_id != person_id:
            raise NotInvited
        _join(connection, found, person_id, now=now)
    return found.tenant


def accept_as_new(
    token: str, *, name: str, password_hash: str, locale: str, now: datetime
) -> tuple[Tenant, UUID]:
    """Become a member under a new account whose sign-in name is the invited address.

    Raises: InvitationOver, NotInvited when the address has an account by now.
    """
    person_id = uuid4()
    with service("app_auth") as connection:
        found = _offer(connection, token, now=now)
        if found.person_id is not None:
            raise NotInvited
        try:
            connection.execute(
                "INSERT INTO registry.people (id, login, name, password_hash, locale, created_at) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [person_id, found.address, name, password_hash, locale, now],
            )
        except pg.UniqueViolation as error:
            raise NotInvited from error
        _join(connection, found, person_id, now=now)
    return found.tenant, person_id


_PERSON = (
    "coalesce((SELECT id FROM registry.people WHERE login = i.address), "
    "(SELECT id FROM registry.people WHERE email = i.address))"
)


def _offer(connection: Connection[DictRow], token: str, *, now: datetime) -> Offer:
    row = connection.execute(
        f"""
        SELECT i.id AS invitation_id, i.address, i.name AS invited, i.roles, b.name AS inviter,
            {_PERSON} AS person_id, v.*
        FROM registry.invitations i JOIN registry.people b ON b.id = i.invited_by
        JOIN LATERAL (SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE}
            WHERE t.name = i.tenant AND t.state = 'active') v ON true
        WHERE i.token_hash = %s AND i.expires_at > %s AND {_OPEN}
        """,
        [digest(token), now],
    ).fetchone()
    if row is None:
        raise InvitationOver
    return Offer(
        id=row["invitation_id"],
        tenant=tenant_of(row),
        address=row["address"],
        name=row["invited"],
        roles=tuple(row["roles"]),
        inviter=row["inviter"],
        person_id=row["person_id"],
    )


def _join(connection: Connection[DictRow], found: Offer, person_id: UUID, *, now: datetime) -> None:
    """Spend the invitation and give its roles; of two at the same time one gets in."""
    spent = connection.execute(
        f"UPDATE registry.invitations SET accepted_at = %s WHERE id = %s AND {_OPEN} RETURNING 1",
        [now, found.id],
    ).fetchone()
    if spent is None:
        raise InvitationOver
    members.give_roles(connection, found.tenant, person_id, found.roles, now=now)
    entry = Entry(who=f"{found.name} {found.address}", person_id=person_id, new=found.roles)
    act = Act(actor_id=person_id, now=now)
    people_log.note(connection, found.tenant, "JOINED", entry, by=act)


def _is_member(connection: Connection[DictRow], tenant: Tenant, address: str) -> bool:
    row = connection.execute(
        f"SELECT 1 FROM (SELECT %s::text AS address) i "
        f"JOIN registry.memberships m ON m.person_id = {_PERSON} WHERE m.tenant = %s LIMIT 1",
        [address, tenant.name],
    ).fetchone()
    return row is not None
