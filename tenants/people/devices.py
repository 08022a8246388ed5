"""Where a person is signed in, and ending it: one place, all others, or everywhere."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from tenants.people.identity import IDLE, LONGEST
from tenants.services import service


@dataclass(frozen=True, slots=True)
class Device:
    """One browser in which somebody is signed in."""

    id: UUID
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime


def devices(person_id: UUID, *, now: datetime) -> list[Device]:
    """List where a person is signed in, most recently seen first."""
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT id, agent, address, created_at, seen_at FROM registry.sessions "
            "WHERE person_id = %s AND seen_at > %s AND created_at > %s "
            "ORDER BY seen_at DESC, id",
            [person_id, now - IDLE, now - LONGEST],
        ).fetchall()
    return [Device(**row) for row in rows]


def end(session_id: UUID, *, person_id: UUID) -> bool:
    """End one of one's own sessions; False when there is none with that id."""
    with service("app_auth") as connection:
        row = connection.execute(
            "DELETE FROM registry.sessions WHERE id = %s AND person_id = %s RETURNING 1",
            [session_id, person_id],
        ).fetchone()
    return row is not None


def end_all(person_id: UUID, *, but: UUID | None = None) -> int:
    """End a person's sessions, all but the one at hand if given; counts them."""
    with service("app_auth") as connection:
        return ended(connection, person_id, but=but)


def ended(connection: Connection[DictRow], person_id: UUID, *, but: UUID | None = None) -> int:
    """End sessions in the caller's transaction; sign-ins half done and links end with them."""
    connection.execute("DELETE FROM registry.links WHERE person_id = %s", [person_id])
    return connection.execute(
        "DELETE FROM registry.sessions WHERE person_id = %s AND id IS DISTINCT FROM %s",
        [person_id, but],
    ).rowcount
