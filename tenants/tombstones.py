"""Tombstones: guests who were erased stay erased, whichever copy of the tenant is restored.

Shape: ops.tombstone; a digest under the master key of a profile's id and the moment it was made,
    by which nobody is told who finds the row. They outlive the schema, and are asked for by the
    tenant's origin: all that was ever restored from one tenant shares them.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.orm import Session

from tenants import vault
from tenants.services import service

PURPOSE = "tombstone"
Profile = tuple[int, datetime]  # its id, and when it was made

_BURY = text(
    "INSERT INTO ops.tombstone (digest, erased_at) VALUES (:digest, :now) ON CONFLICT DO NOTHING"
).bindparams(bindparam("digest", type_=LargeBinary()))


def bury(session: Session, profiles: Iterable[Profile], *, now: datetime) -> None:
    """Set a tombstone for each profile, in the transaction that erases it.

    Raises: vault.VaultClosed.
    """
    for profile in sorted(profiles):
        session.execute(_BURY, {"digest": digest(profile), "now": now})


def digest(profile: Profile) -> bytes:
    """Name a profile so that only who has the row and the master key finds it.

    Raises: vault.VaultClosed.
    """
    profile_id, made_at = profile
    said = f"{profile_id}/{made_at.astimezone(UTC).isoformat()}"
    return vault.digest(said, purpose=PURPOSE, owner="customers")


def known(origin: str) -> frozenset[bytes]:
    """Give the digests of all tenants that come from one."""
    with service("app_provision") as connection:
        rows = connection.execute(
            "SELECT s.digest FROM ops.tombstone s JOIN registry.tenants t ON t.name = s.tenant "
            "WHERE t.name = %(origin)s OR t.origin = %(origin)s",
            {"origin": origin},
        ).fetchall()
    return frozenset(bytes(row["digest"]) for row in rows)


def among(profiles: Iterable[Profile], digests: Collection[bytes]) -> set[int]:
    """Name the profiles that have a tombstone.

    Raises: vault.VaultClosed, when there is any tombstone.
    """
    return {profile[0] for profile in profiles if digest(profile) in digests} if digests else set()
