"""Who is asking: people, their memberships, sessions and tokens; read by the login app_auth alone.

Shape: a session or API token is 256 random bits; the registry keeps its SHA-256 only.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tenants.registry import TENANT_COLUMNS, TENANT_SOURCE, Tenant, tenant_of
from tenants.services import Row, service

# A front desk that must sign in every half hour writes its password on the till: two hours idle,
# and a whole long working day at most.
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)
_FAILURE_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as signed in; roles are those in the tenant that was asked for."""

    id: UUID
    login: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what: the person, and the tenant with the person's roles there, if a member."""

    person: Person
    tenant: Tenant | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Membership:
    """One place where a person works."""

    tenant: Tenant
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to check a password."""

    person: Person
    password_hash: str | None


# One round trip answers who this is, whether the slug is one of theirs, and as what.
_VISIT = f"""
    SELECT p.id AS person_id, p.login, p.name AS person_name, p.locale, s.seen_at, m.roles, v.*
    FROM {{proof}}
    JOIN registry.people p ON p.id = s.person_id AND p.disabled_at IS NULL
    LEFT JOIN LATERAL (
        SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE}
        WHERE t.slug = %(slug)s AND t.state <> 'retired' {{bound}}
          AND EXISTS (SELECT FROM registry.memberships e
                      WHERE e.person_id = p.id AND e.tenant = t.name)
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(role) AS roles FROM registry.memberships
        WHERE person_id = p.id AND tenant = v.name
    ) m ON true
"""
_BY_SESSION = _VISIT.format(
    proof="(SELECT person_id, seen_at FROM registry.sessions WHERE token_hash = %(hash)s "
    "AND seen_at > %(idle)s AND created_at > %(longest)s) s",
    bound="",
)
_BY_TOKEN = _VISIT.format(
    proof="(SELECT person_id, tenant, used_at AS seen_at FROM registry.api_tokens "
    "WHERE token_hash = %(hash)s AND revoked_at IS NULL) s",
    bound="AND t.name = s.tenant",
)


def credentials(login: str) -> Credentials | None:
    """Find a person by login for a password check; None also when disabled."""
    with service("app_auth") as connection:
        row = connection.execute(
            "SELECT id AS person_id, login, name AS person_name, locale, password_hash "
            "FROM registry.people WHERE login = %s AND disabled_at IS NULL",
            [login.lower()],
        ).fetchone()
    return Credentials(_person(row), row["password_hash"]) if row else None


def open_session(person_id: UUID, *, now: datetime) -> str:
    """Start a session and give its token; a new one at every sign-in."""
    token = secrets.token_urlsafe(32)
    with service("app_auth") as connection:
        connection.execute(
            "INSERT INTO registry.sessions (token_hash, person_id, created_at, seen_at) "
            "VALUES (%s, %s, %s, %s)",
            [_hash(token), person_id, now, now],
        )
        connection.execute(
            "DELETE FROM registry.sessions WHERE person_id = %s AND created_at < %s",
            [person_id, now - LONGEST],
        )
    return token


def visit_by_session(token: str, *, slug: str | None, now: datetime) -> Visit | None:
    """Read who holds a session and what they are in the tenant of `slug`; None when it is over."""
    with service("app_auth") as connection:
        row = connection.execute(
            _BY_SESSION,
            {"hash": _hash(token), "slug": slug, "idle": now - IDLE, "longest": now - LONGEST},
        ).fetchone()
        if row and row["seen_at"] < now - _SEEN_EVERY:
            connection.execute(
                "UPDATE registry.sessions SET seen_at = %s WHERE token_hash = %s",
                [now, _hash(token)],
            )
    return _visit(row) if row else None


def visit_by_token(token: str, *, slug: str | None, now: datetime) -> Visit | None:
    """Read who holds an API token; its tenant only when `slug` is the one it was made for."""
    with service("app_auth") as connection:
        row = connection.execute(_BY_TOKEN, {"hash": _hash(token), "slug": slug}).fetchone()
        if row and (row["seen_at"] is None or row["seen_at"] < now - _SEEN_EVERY):
            connection.execute(
                "UPDATE registry.api_tokens SET used_at = %s WHERE token_hash = %s",
                [now, _hash(token)],
            )
    return _visit(row) if row else None


def end_session(token: str) -> None:
    """End one session."""
    with service("app_auth") as connection:
        connection.execute("DELETE FROM registry.sessions WHERE token_hash = %s", [_hash(token)])


def memberships(person_id: UUID) -> list[Membership]:
    """List where a person works, headquarters first, then by code."""
    with service("app_auth") as connection:
        rows = connection.execute(
            f"SELECT {TENANT_COLUMNS}, m.roles FROM {TENANT_SOURCE} "
            "JOIN (SELECT tenant, array_agg(role) AS roles FROM registry.memberships "
            "      WHERE person_id = %s GROUP BY tenant) m ON m.tenant = t.name "
            "WHERE t.state <> 'retired' ORDER BY t.kind, t.code, t.slug",
            [person_id],
        ).fetchall()
    return [Membership(tenant_of(row), frozenset(row["roles"])) for row in rows]


def roles_of(person_id: UUID, tenant: Tenant) -> frozenset[str]:
    """Give a person's roles in a tenant; none for a stranger."""
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT m.role FROM registry.memberships m "
            "JOIN registry.people p ON p.id = m.person_id AND p.disabled_at IS NULL "
            "WHERE m.person_id = %s AND m.tenant = %s",
            [person_id, tenant.name],
        ).fetchall()
    return frozenset(row["role"] for row in rows)


def make_api_token(person_id: UUID, tenant: Tenant, *, label: str, now: datetime) -> str:
    """Make a personal token for one tenant; shown once, kept as a hash."""
    token = "rb_" + secrets.token_urlsafe(32)
    with service("app_auth") as connection:
        connection.execute(
            "INSERT INTO registry.api_tokens (id, token_hash, person_id, tenant, label, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [uuid4(), _hash(token), person_id, tenant.name, label, now],
        )
    return token


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A personal token as its owner sees it: never the token itself."""

    id: UUID
    label: str
    created_at: datetime
    used_at: datetime | None


def api_tokens(person_id: UUID, tenant: Tenant) -> list[ApiToken]:
    """List a person's tokens for one tenant that are not revoked, newest first."""
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT id, label, created_at, used_at FROM registry.api_tokens "
            "WHERE person_id = %s AND tenant = %s AND revoked_at IS NULL "
            "ORDER BY created_at DESC, id LIMIT 100",
            [person_id, tenant.name],
        ).fetchall()
    return [ApiToken(**row) for row in rows]


def revoke_api_token(token_id: UUID, *, person_id: UUID, tenant: Tenant, now: datetime) -> bool:
    """Revoke one's own token of this tenant; False when there is none with that id."""
    with service("app_auth") as connection:
        row = connection.execute(
            "UPDATE registry.api_tokens SET revoked_at = %s WHERE id = %s AND person_id = %s "
            "AND tenant = %s AND revoked_at IS NULL RETURNING id",
            [now, token_id, person_id, tenant.name],
        ).fetchone()
    return row is not None


def set_locale(person_id: UUID, locale: str) -> None:
    """Keep a person's language."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.people SET locale = %s WHERE id = %s", [locale, person_id]
        )


def count_attempts(keys: list[str], *, now: datetime) -> dict[str, int]:
    """Count one more sign-in attempt under each key; gives the counts of the window.

    Shape: the registry keeps digests of the keys: a login typed there by mistake may be a password.
    Locks: the keys' rows, in one order for all.
    """
    digests = {key: hashlib.sha256(key.encode("utf-8", "replace")).hexdigest() for key in keys}
    with service("app_auth") as connection:
        rows = connection.execute(
            """
            INSERT INTO registry.sign_in_failures AS f (key, window_start, count)
            SELECT key, %(now)s, 1 FROM unnest(%(keys)s::text[]) AS key ORDER BY key
            ON CONFLICT (key) DO UPDATE SET
              count = CASE WHEN f.window_start > %(old)s THEN f.count + 1 ELSE 1 END,
              window_start = CASE WHEN f.window_start > %(old)s THEN f.window_start
                                  ELSE excluded.window_start END
            RETURNING key, count
            """,
            {"keys": sorted(digests.values()), "now": now, "old": now - _FAILURE_WINDOW},
        ).fetchall()
    counts = {row["key"]: row["count"] for row in rows}
    return {key: counts[digest] for key, digest in digests.items()}


def forget_attempts(key: str) -> None:
    """Start counting anew, after a success."""
    with service("app_auth") as connection:
        connection.execute(
            "DELETE FROM registry.sign_in_failures WHERE key = %s",
            [hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()],
        )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _person(row: Row) -> Person:
    return Person(row["person_id"], row["login"], row["person_name"], row["locale"])


def _visit(row: Row) -> Visit:
    tenant = tenant_of(row) if row["name"] else None
    return Visit(_person(row), tenant, frozenset(row["roles"] or ()))
