"""How each login enters the database: peer on one machine, SCRAM with a derived password elsewhere.

Every tenant and every service has a login of its own; no process of ours uses a superuser.
"""

import base64
import hashlib
import hmac
import re
import secrets
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from shared.config import Settings, settings

SERVICE_LOGINS = ("app_auth", "app_dispatch", "app_migrator", "app_provision")
TENANT_NAME = re.compile(r"t_[0-9a-z]{10}")

# A server that is gone without a word (a cut network, a failover) is noticed within 25 s instead of
# hours: everybody who waits for an answer gets an error, and a new connection.
_VIGILANCE = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def new_tenant_name() -> str:
    """Draw an opaque name for a schema and its login; it says nothing and is never reused."""
    return "t_" + "".join(secrets.choice(_ALPHABET) for _ in range(10))


def conninfo(login: str, **options: Any) -> str:
    """Build the libpq connection string of one login.

    Raises: ValueError when the name is no login of ours.
    """
    if login not in SERVICE_LOGINS and not TENANT_NAME.fullmatch(login):
        raise ValueError(f"no such login: {login!r}")
    current = settings()
    return make_conninfo(
        **current.database_address(),
        user=login,
        connect_timeout="10",
        application_name=f"rollbook/{login}",
        **_VIGILANCE,
        **_proof(login, current),
        **options,
    )


def connect(login: str, **options: Any) -> psycopg.Connection[TupleRow]:
    """Open one connection as a login; the caller closes it."""
    return psycopg.connect(conninfo(login), **options)


def password_of(login: str, *, master_key: str) -> str:
    """Derive a login's password; nothing is stored, losing one says nothing about another."""
    digest = hmac.new(master_key.encode(), f"rollbook/{login}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def scram_verifier(password: str) -> str:
    """Hash a derived password as PostgreSQL stores it, so that it never travels in clear.

    Units: one iteration: the secret has 256 random bits, stretching would only slow connecting.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256$1:{parts[0]}${parts[1]}:{parts[2]}"


def verifier_for(login: str) -> str | None:
    """Give the verifier to store for a login; None where the server needs no password."""
    current = settings()
    if current.database_auth != "scram":
        return None
    return scram_verifier(password_of(login, master_key=current.master_key))


def _proof(login: str, current: Settings) -> dict[str, str]:
    if current.database_auth == "scram":
        return {"password": password_of(login, master_key=current.master_key)}
    return {}
