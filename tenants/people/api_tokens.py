"""Personal API tokens: of one person for one tenant, with scopes and an end.

Shape: a scope is `resource:verbs`, such as `F08:CR`, `*:RX` or `*:*`; a token may do what its
person may do and a scope allows. One without scopes was made before there were any: it may do all.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from tenants.people import permissions
from tenants.people.identity import digest
from tenants.registry import Tenant
from tenants.services import service

ALL = "*:*"
READING = "RX"  # verbs that change nothing
LONGEST_DAYS = 366
_SCOPE = re.compile(r"(?P<resource>\*|\w+):(?P<verbs>\*|[CRUAX]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A personal token as its owner sees it: never the token itself."""

    id: UUID
    label: str
    created_at: datetime
    used_at: datetime | None
    scopes: tuple[str, ...] | None
    expires_at: datetime | None


def is_scope(text: str) -> bool:
    """Whether a text is a scope of a resource that the matrix has."""
    found = _SCOPE.fullmatch(text)
    return found is not None and found["resource"] in {"*", *permissions.matrix()}


def covers(scopes: Sequence[str] | None, resource: str, verb: str) -> bool:
    """Say whether a token with these scopes may do this, if its person may."""
    if scopes is None:
        return True
    parted = [scope.partition(":") for scope in scopes]
    return any(
        named in ("*", resource) and (verbs == "*" or verb in verbs) for named, _, verbs in parted
    )


def only_reads(scopes: Sequence[str] | None) -> bool:
    """Say whether a token with these scopes may change nothing at all."""
    return scopes is not None and all(
        set(scope.partition(":")[2]) <= set(READING) for scope in scopes
    )


def make_api_token(
    person_id: UUID,
    tenant: Tenant,
    *,
    label: str,
    now: datetime,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a personal token for one tenant; shown once, kept as a hash."""
    token = "rb_" + secrets.token_urlsafe(32)
    with service("app_auth") as connection:
        connection.execute(
            "INSERT INTO registry.api_tokens (id, token_hash, person_id, tenant, label, created_at,"
            " scopes, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                *(uuid4(), digest(token), person_id, tenant.name, label, now),
                *(None if scopes is None else list(scopes), expires_at),
            ],
        )
    return token


def api_tokens(person_id: UUID, tenant: Tenant) -> list[ApiToken]:
    """List a person's tokens for one tenant that are not revoked, newest first."""
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT id, label, created_at, used_at, scopes, expires_at FROM registry.api_tokens "
            "WHERE person_id = %s AND tenant = %s AND revoked_at IS NULL "
            "ORDER BY created_at DESC, id LIMIT 100",
            [person_id, tenant.name],
        ).fetchall()
    return [
        ApiToken(**{**row, "scopes": None if row["scopes"] is None else tuple(row["scopes"])})
        for row in rows
    ]


def revoke_api_token(token_id: UUID, *, person_id: UUID, tenant: Tenant, now: datetime) -> bool:
    """Revoke one's own token of this tenant; False when there is none with that id."""
    with service("app_auth") as connection:
        row = connection.execute(
            "UPDATE registry.api_tokens SET revoked_at = %s WHERE id = %s AND person_id = %s "
            "AND tenant = %s AND revoked_at IS NULL RETURNING id",
            [now, token_id, person_id, tenant.name],
        ).fetchone()
    return row is not None
