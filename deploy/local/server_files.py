"""The configuration files of the embedded server, written anew at every start."""

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.accounts import our_name
from tenants.logins import SERVICE_LOGINS

DATABASE = "rollbook"
TENANT_NAME = "/^t_[0-9a-z]{10}$"

SETTINGS: Mapping[str, str] = {
    # who gets in
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    # a connection per tenant and process; a small machine carries 200 idle ones
    "max_connections": "200",
    # a migration or an audit locks the tables of many schemas in one transaction
    "max_locks_per_transaction": "256",
    # parameters are people's names and amounts: they never reach a log, not even with an error
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",  # else: DETAIL: Key (phone)=(138...) already exists
    "log_line_prefix": "%m [%p] %u ",
    "log_timezone": "UTC",
    "timezone": "UTC",
    # short statements over small tables: planning a compilation or more processes costs more, and
    # the shared memory of a container is often 64 MB
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # the job table lives by updates
    "autovacuum_naptime": "20s",
}


def write(data: Path, *, socket: Path, port: int | None, options: Mapping[str, str]) -> None:
    """Write postgresql.conf, pg_hba.conf and pg_ident.conf into a data folder.

    Units: port None means no TCP at all.
    """
    settings = {
        **SETTINGS,
        "listen_addresses": "127.0.0.1" if port else "",
        "unix_socket_directories": str(socket),
        **({"port": str(port)} if port else {}),
        **options,
    }
    lines = [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
    _write(data / "postgresql.conf", lines)
    _write(data / "pg_hba.conf", _tcp_rules() if port else _peer_rules())
    _write(data / "pg_ident.conf", _identities(our_name()))


def _peer_rules() -> list[str]:
    # A superuser is no member of +tenant_login here, whatever it was granted: no line admits it.
    return [
        f"local {DATABASE} +tenant_login peer map=rollbook",
        *(f"local {DATABASE} {login} peer map=rollbook" for login in SERVICE_LOGINS),
        "local all all reject",
    ]


def _tcp_rules() -> list[str]:
    return [
        f"host {DATABASE} +tenant_login 127.0.0.1/32 scram-sha-256",
        *(f"host {DATABASE} {login} 127.0.0.1/32 scram-sha-256" for login in SERVICE_LOGINS),
        "host all all all reject",
        "local all all reject",
    ]


def _identities(user: str) -> list[str]:
    return [
        f'rollbook "{user}" "{TENANT_NAME}"',
        *(f'rollbook "{user}" {login}' for login in SERVICE_LOGINS),
    ]


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _write(path: Path, lines: list[str]) -> None:
    # The folder is the server account's while we may be root: never follow what lies there.
    text = "# Written by deploy/local/server_files.py at every start.\n"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n".join(lines) + "\n")
    path.chmod(0o644)  # whatever the umask: the folder is 0700, the reader another account
