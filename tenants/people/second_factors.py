"""The second factor: time-based codes (RFC 6238) of a person's own app, and recovery codes.

Shape: the app's secret is sealed under the master key; each code opens once: the registry remembers
the last 30-second step that was used. A recovery code is 12 letters and digits, kept as a digest.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from psycopg import Connection
from psycopg.rows import DictRow

from tenants import vault
from tenants.services import service

STEP_SECONDS = 30
DRIFT_STEPS = 1  # a clock may be so far off, either way
RECOVERY_CODES = 10
_PURPOSE, _RECOVERY = "second-factor", "recovery-code"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like another
_RECOVERY_LETTERS = 12


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """How somebody's second factor stands: since when, and how many recovery codes are left."""

    since: datetime | None
    codes_left: int


def standing(person_id: UUID) -> SecondFactor:
    """Read how a person's second factor stands."""
    with service("app_auth") as connection:
        row = connection.execute(
            "SELECT (SELECT since FROM registry.second_factors WHERE person_id = %(person)s),"
            " (SELECT count(*) FROM registry.recovery_codes WHERE person_id = %(person)s) AS left",
            {"person": person_id},
        ).fetchone()
    assert row is not None
    return SecondFactor(row["since"], row["left"])


def begin(person_id: UUID) -> str:
    """Give the secret for a new app, base32; it counts once a code of it was confirmed.

    Asked again before that, it gives the same one.
    Raises: VaultClosed.
    """
    with service("app_auth") as connection:
        secret = _pending(connection, person_id)
        if secret is None:
            secret = pyotp.random_base32()
            sealed = vault.sealed(secret.encode(), purpose=_PURPOSE, owner=str(person_id))
            connection.execute(
                "INSERT INTO registry.second_factors (person_id, pending) VALUES (%s, %s) "
                "ON CONFLICT (person_id) DO UPDATE SET pending = excluded.pending",
                [person_id, sealed],
            )
    return secret


def confirm(person_id: UUID, code: str, *, now: datetime) -> list[str] | None:
    """Make the new app the second factor, if this is a code of it; gives new recovery codes.

    Locks: the person's factor.
    Raises: VaultClosed.
    """
    with service("app_auth") as connection:
        secret = _pending(connection, person_id)
        step = _step_of(secret, code, now=now) if secret else None
        if step is None:
            return None
        connection.execute(
            "UPDATE registry.second_factors SET secret = pending, since = %s, pending = NULL, "
            "last_step = %s WHERE person_id = %s",
            [now, step, person_id],
        )
        return _new_codes(connection, person_id)


def is_right(person_id: UUID, code: str, *, now: datetime) -> bool:
    """Say whether this is a code of the person's app, or a recovery code, not used before; use it.

    Locks: the person's factor.
    """
    bare = "".join(code.split()).replace("-", "").upper()
    if not bare.isascii() or not bare.isalnum() or len(bare) > _RECOVERY_LETTERS:
        return False
    with service("app_auth") as connection:
        if bare.isdecimal():
            return _use_step(connection, person_id, bare, now=now)
        used = connection.execute(
            "DELETE FROM registry.recovery_codes WHERE code_hash = %s AND person_id = %s "
            "RETURNING 1",
            [_digest(person_id, bare), person_id],
        ).fetchone()
        return used is not None


def new_codes(person_id: UUID) -> list[str]:
    """Replace the recovery codes; the old ones open nothing any more."""
    with service("app_auth") as connection:
        return _new_codes(connection, person_id)


def remove(person_id: UUID) -> None:
    """Take the second factor off; the recovery codes go with it."""
    with service("app_auth") as connection:
        for table in ("second_factors", "recovery_codes"):
            connection.execute(f"DELETE FROM registry.{table} WHERE person_id = %s", [person_id])


def address_of(secret: str, *, name: str, issuer: str) -> str:
    """Write the otpauth:// address that an app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def _pending(connection: Connection[DictRow], person_id: UUID) -> str | None:
    row = connection.execute(
        "SELECT pending FROM registry.second_factors WHERE person_id = %s FOR UPDATE", [person_id]
    ).fetchone()
    if row is None or row["pending"] is None:
        return None
    return vault.opened(row["pending"], purpose=_PURPOSE, owner=str(person_id)).decode()


def _use_step(
    connection: Connection[DictRow], person_id: UUID, code: str, *, now: datetime
) -> bool:
    row = connection.execute(
        "SELECT secret, last_step FROM registry.second_factors "
        "WHERE person_id = %s AND secret IS NOT NULL FOR UPDATE",
        [person_id],
    ).fetchone()
    if row is None:
        return False
    secret = vault.opened(row["secret"], purpose=_PURPOSE, owner=str(person_id)).decode()
    step = _step_of(secret, code, now=now)
    if step is None or step <= row["last_step"]:
        return False
    connection.execute(
        "UPDATE registry.second_factors SET last_step = %s WHERE person_id = %s", [step, person_id]
    )
    return True


def _step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Find the step near now whose code this is; all are computed, whichever it is."""
    made = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    steps = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    bare = "".join(code.split())
    found = [step for step in steps if _is_same(made.generate_otp(step), bare)]
    return max(found, default=None)


def _is_same(right: str, typed: str) -> bool:
    return secrets.compare_digest(right.encode(), typed.encode("utf-8", "replace"))


def _new_codes(connection: Connection[DictRow], person_id: UUID) -> list[str]:
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LETTERS))
        for _ in range(RECOVERY_CODES)
    ]
    connection.execute("DELETE FROM registry.recovery_codes WHERE person_id = %s", [person_id])
    connection.cursor().executemany(
        "INSERT INTO registry.recovery_codes (code_hash, person_id) VALUES (%s, %s)",
        [(_digest(person_id, code), person_id) for code in codes],
    )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _digest(person_id: UUID, code: str) -> bytes:
    return vault.digest(code, purpose=_RECOVERY, owner=str(person_id))
