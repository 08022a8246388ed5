"""What an operator asks to have done with whole tenants: rows of ops.errand, under a lease.

Shape: kinds suspend, resume, export, restore, retire; `args` names and files, never a tenant's
rows. Errands of one tenant are done one after the other, in the order they were asked for.
Units: leases count in the database's time. What an errand does to the database and its end are one
transaction; so a kill leaves it done or not begun.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from tenants.registry import Tenant
from tenants.services import Row, service

LEASE_SECONDS = 60
OUT_OF_ATTEMPTS = "OutOfAttempts"

Kind = Literal["suspend", "resume", "export", "restore", "retire"]


class LeaseLost(Exception):
    """Somebody else has the errand now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One errand as its runner holds it."""

    id: UUID
    kind: Kind
    tenant: str | None  # opaque name; none for a restore
    args: dict[str, Any]
    attempt: int
    lease: UUID


def ask(kind: Kind, *, tenant: Tenant | None = None, **args: Any) -> UUID:
    """Write down an errand for the provisioner."""
    now = datetime.now(UTC)
    with service("app_provision") as connection:
        row = connection.execute(
            "INSERT INTO ops.errand (kind, tenant, args, run_at, created_at) "
            "VALUES (%s, %s, %s, %s, %s) RETURNING id",
            [kind, tenant.name if tenant else None, Jsonb(args), now, now],
        ).fetchone()
    assert row is not None
    return UUID(str(row["id"]))


_CLAIM = """
    UPDATE ops.errand SET state = 'running', attempt = attempt + 1, lease_by = %(lease)s,
        lease_until = now() + %(seconds)s * interval '1 second'
    WHERE id = (
        SELECT e.id FROM ops.errand e
        WHERE (e.state = 'queued' AND e.run_at <= now()
               OR e.state = 'running' AND e.lease_until < now())
          AND e.attempt < e.max_attempt
          AND NOT EXISTS (SELECT FROM ops.errand o
            WHERE o.tenant = e.tenant AND o.state IN ('queued', 'running')
              AND (o.created_at, o.id) < (e.created_at, e.id))
        ORDER BY e.created_at, e.id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, tenant, args, attempt
"""
_GIVE_UP = f"""
    UPDATE ops.errand SET state = 'dead', finished_at = now(), lease_by = NULL, lease_until = NULL,
        error_class = coalesce(error_class, '{OUT_OF_ATTEMPTS}')
    WHERE state = 'running' AND lease_until < now() AND attempt >= max_attempt
"""


def claim() -> Errand | None:
    """Take the next errand; the attempt counts before the work, so a killer of runners ends."""
    lease = uuid4()
    with service("app_provision") as connection:
        connection.execute(_GIVE_UP)
        row = connection.execute(_CLAIM, {"lease": lease, "seconds": LEASE_SECONDS}).fetchone()
    return Errand(**row, lease=lease) if row else None


def renew(errand: Errand) -> None:
    """Keep an errand for another while."""
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE ops.errand SET lease_until = now() + %s * interval '1 second' "
            "WHERE id = %s AND lease_by = %s",
            [LEASE_SECONDS, errand.id, errand.lease],
        )


def finish(
    connection: Connection[DictRow], errand: Errand, result: dict[str, Any] | None = None
) -> None:
    """Call an errand done, in the transaction of its effect.

    Raises: LeaseLost; then the effect is rolled back too.
    """
    done = connection.execute(
        "UPDATE ops.errand SET state = 'done', finished_at = now(), result = %s, "
        "error_class = NULL, lease_by = NULL, lease_until = NULL "
        "WHERE id = %s AND lease_by = %s AND state = 'running'",
        [Jsonb(result), errand.id, errand.lease],
    )
    if not done.rowcount:
        raise LeaseLost


def give_back(errand: Errand, *, error_class: str, pause_seconds: float, final: bool) -> None:
    """Try again after a pause; dead when `final` or out of attempts."""
    with service("app_provision") as connection:
        connection.execute(
            """
            UPDATE ops.errand SET
                state = CASE WHEN %(final)s OR attempt >= max_attempt THEN 'dead'
                    ELSE 'queued' END,
                finished_at = CASE WHEN %(final)s OR attempt >= max_attempt THEN now() END,
                run_at = now() + %(pause)s * interval '1 second',
                error_class = %(error_class)s, lease_by = NULL, lease_until = NULL
            WHERE id = %(id)s AND lease_by = %(lease)s AND state = 'running'
            """,
            {
                "final": final,
                "pause": pause_seconds,
                "error_class": error_class,
                "id": errand.id,
                "lease": errand.lease,
            },
        )


def listed(*, limit: int = 50) -> list[Row]:
    """List errands, newest first, with the slugs of their tenants."""
    with service("app_provision") as connection:
        return connection.execute(
            "SELECT e.id, e.kind, coalesce(t.slug, e.args->>'slug') AS slug, e.state, e.attempt, "
            "e.error_class, e.result, e.created_at, e.finished_at "
            "FROM ops.errand e LEFT JOIN registry.tenants t ON t.name = e.tenant "
            "ORDER BY e.created_at DESC, e.id LIMIT %s",
            [limit],
        ).fetchall()
