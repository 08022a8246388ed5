"""Who is asking: people, their memberships, sessions and tokens; read by the login app_auth alone.

Shape: a session or API token is 256 random bits; the registry keeps its SHA-256 only.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tenants.people import names
from tenants.registry import TENANT_COLUMNS, TENANT_SOURCE, Tenant, tenant_of
from tenants.services import Row, asking, service

# A front desk that must sign in every half hour writes its password on the till: two hours idle,
# and a whole long working day at most.
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
MOST_SESSIONS = 20  # of one person; one more ends the oldest
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as signed in; roles are those in the tenant that was asked for."""

    id: UUID
    login: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what: the person, and the tenant with the person's roles there, if a member.

    Shape: `scopes` are a token's, None for all the person may; `is_over` when the person's roles in
    this tenant were changed since the session began; `bare_since` is since when the person works in
    this headquarters without a second factor.
    """

    person: Person
    tenant: Tenant | None
    roles: frozenset[str]
    session_id: UUID | None = None
    fresh_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    is_over: bool = False
    bare_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a session lives, as its owner recognises it."""

    agent: str = ""
    address: str = ""


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
    has_second_factor: bool


# One round trip answers who this is, whether the slug is one of theirs, and as what.
_VISIT = f"""
    SELECT p.id AS person_id, p.login, p.name AS person_name, p.locale, s.*, m.roles, v.*,
        EXISTS (SELECT FROM registry.role_changes c
                WHERE c.person_id = p.id AND c.tenant = v.name AND c.at > s.since) AS is_over,
        CASE WHEN v.kind = 'hq' AND NOT EXISTS (SELECT FROM registry.second_factors f
                WHERE f.person_id = p.id AND f.secret IS NOT NULL) THEN m.member_since END
            AS bare_since
    FROM {{proof}}
    JOIN registry.people p ON p.id = s.person_id AND p.disabled_at IS NULL
    LEFT JOIN LATERAL (
        SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE}
        WHERE t.slug = %(slug)s AND t.state <> 'retired' {{bound}}
          AND EXISTS (SELECT FROM registry.memberships e
                      WHERE e.person_id = p.id AND e.tenant = t.name)
    ) v ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(role) AS roles, min(since) AS member_since FROM registry.memberships
        WHERE person_id = p.id AND tenant = v.name
    ) m ON true
"""
_BY_SESSION = _VISIT.format(
    proof="(SELECT person_id, seen_at, id AS session_id, fresh_at, created_at AS since, "
    "NULL::text[] AS scopes FROM registry.sessions WHERE token_hash = %(hash)s "
    "AND seen_at > %(idle)s AND created_at > %(longest)s) s",
    bound="",
)
_BY_TOKEN = _VISIT.format(
    proof="(SELECT person_id, used_at AS seen_at, NULL::uuid AS session_id, "
    "NULL::timestamptz AS fresh_at, NULL::timestamptz AS since, scopes::text[], "
    "tenant AS token_tenant FROM registry.api_tokens WHERE token_hash = %(hash)s "
    "AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)) s",
    bound="AND t.name = s.token_tenant",
)


def credentials(login: str) -> Credentials | None:
    """Find a person by sign-in name or confirmed mail, for a password check; None also if disabled.

    Shape: `login` as typed; a sign-in name goes before another's mail.
    """
    wanted = {"names": [names.normal(login), login.lower()]}
    with service("app_auth") as connection:
        row = connection.execute(
            "SELECT p.id AS person_id, p.login, p.name AS person_name, p.locale, p.password_hash, "
            "EXISTS (SELECT FROM registry.second_factors f WHERE f.person_id = p.id "
            "        AND f.secret IS NOT NULL) AS has_second_factor "
            "FROM registry.people p WHERE p.disabled_at IS NULL AND p.id = coalesce("
            "  (SELECT id FROM registry.people WHERE login = ANY(%(names)s) LIMIT 1),"
            "  (SELECT id FROM registry.people WHERE email = ANY(%(names)s) LIMIT 1))",
            wanted,
        ).fetchone()
    if row is None:
        return None
    return Credentials(_person(row), row["password_hash"], row["has_second_factor"])


def open_session(person_id: UUID, *, now: datetime, browser: Browser | None = None) -> str:
    """Start a session and give its token; a new one at every sign-in, and it is fresh."""
    token = secrets.token_urlsafe(32)
    where = browser or Browser()
    with service("app_auth") as connection:
        connection.execute(
            "DELETE FROM registry.sessions WHERE person_id = %(person)s AND (created_at < %(old)s "
            "OR token_hash NOT IN (SELECT token_hash FROM registry.sessions WHERE "
            "person_id = %(person)s ORDER BY seen_at DESC, token_hash LIMIT %(others)s))",
            {"person": person_id, "old": now - LONGEST, "others": MOST_SESSIONS - 1},
        )
        connection.execute(
            "INSERT INTO registry.sessions (token_hash, person_id, created_at, seen_at, fresh_at, "
            "agent, address) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [digest(token), person_id, now, now, now, where.agent, where.address],
        )
    return token


def refresh_session(session_id: UUID, *, now: datetime) -> str:
    """Note that the person proved again who they are; the session goes on under a new token."""
    token = secrets.token_urlsafe(32)
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.sessions SET fresh_at = %s, token_hash = %s WHERE id = %s",
            [now, digest(token), session_id],
        )
    return token


def visit_by_session(
    token: str, *, slug: str | None, now: datetime, by_itself: bool = False
) -> Visit | None:
    """Read who holds a session and what they are in the tenant of `slug`; None when it is over.

    What a page asks `by_itself` is no sign of a person: it does not keep an idle session alive.
    """
    with asking("app_auth") as connection:
        row = connection.execute(
            _BY_SESSION,
            {"hash": digest(token), "slug": slug, "idle": now - IDLE, "longest": now - LONGEST},
        ).fetchone()
        if row and not by_itself and row["seen_at"] < now - _SEEN_EVERY:
            connection.execute(
                "UPDATE registry.sessions SET seen_at = %s WHERE token_hash = %s",
                [now, digest(token)],
            )
    return _visit(row) if row else None


def visit_by_token(token: str, *, slug: str | None, now: datetime) -> Visit | None:
    """Read who holds an API token; its tenant only when `slug` is the one it was made for."""
    with asking("app_auth") as connection:
        asked = {"hash": digest(token), "slug": slug, "now": now}
        row = connection.execute(_BY_TOKEN, asked).fetchone()
        if row and (row["seen_at"] is None or row["seen_at"] < now - _SEEN_EVERY):
            connection.execute(
                "UPDATE registry.api_tokens SET used_at = %s WHERE token_hash = %s",
                [now, digest(token)],
            )
    return _visit(row) if row else None


def tenant_of_signed_link(slug: str) -> Tenant | None:
    """Find the tenant that a link signed by us names; only what we signed may be asked for."""
    with asking("app_auth") as connection:
        row = connection.execute(
            f"SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE} WHERE t.slug = %s "
            "AND t.state <> 'retired'",
            [slug],
        ).fetchone()
    return tenant_of(row) if row else None


def end_session(token: str) -> None:
    """End one session."""
    with service("app_auth") as connection:
        connection.execute("DELETE FROM registry.sessions WHERE token_hash = %s", [digest(token)])


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


def digest(token: str) -> bytes:
    """Hash a token of 256 random bits, as the registry keeps it."""
    return hashlib.sha256(token.encode()).digest()


def _person(row: Row) -> Person:
    return Person(row["person_id"], row["login"], row["person_name"], row["locale"])


def _visit(row: Row) -> Visit:
    tenant = tenant_of(row) if row["name"] else None
    return Visit(
        _person(row),
        tenant,
        frozenset(row["roles"] or ()),
        session_id=row["session_id"],
        fresh_at=row["fresh_at"],
        scopes=None if row["scopes"] is None else tuple(row["scopes"]),
        is_over=row["is_over"],
        bare_since=row["bare_since"],
    )
