"""How often something was tried lately, counted by all processes together, in PostgreSQL."""

import hashlib
from datetime import datetime, timedelta

from tenants.services import service

WINDOW = timedelta(minutes=15)


def count(keys: list[str], *, now: datetime) -> dict[str, int]:
    """Count one more attempt under each key; gives the counts of the window.

    Shape: the registry keeps digests of the keys: a login typed there by mistake may be a password.
    Locks: the keys' rows, in one order for all.
    """
    digests = {key: _digest(key) for key in keys}
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
            {"keys": sorted(digests.values()), "now": now, "old": now - WINDOW},
        ).fetchall()
    counts = {row["key"]: row["count"] for row in rows}
    return {key: counts[digest] for key, digest in digests.items()}


def forget(key: str) -> None:
    """Start counting anew, after a success."""
    with service("app_auth") as connection:
        connection.execute(
            "DELETE FROM registry.sign_in_failures WHERE key = %s",
            [_digest(key)],
        )


def give_back(key: str) -> None:
    """Take back one attempt that was none: a success from an address that others share."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.sign_in_failures SET count = count - 1 WHERE key = %s AND count > 0",
            [_digest(key)],
        )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
