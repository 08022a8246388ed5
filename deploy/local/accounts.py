"""Which account of the system runs the embedded server: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.faults import Fault

PREFERRED = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A system account we may become while we are root."""

    name: str
    uid: int
    gid: int


def our_name() -> str:
    """Name the account we run as, which the peer map admits.

    Raises: Fault.
    """
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise Fault(
            f"the user number {os.geteuid()} has no name on this system",
            "The database recognises its users by name: add the number to /etc/passwd.",
        ) from None


def server_account() -> Account | None:
    """Choose the account of the server: None means the one we run as.

    Raises: Fault.
    """
    if os.geteuid() != 0:
        return None
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise Fault(
        "PostgreSQL does not run as root, and there is no account 'postgres' to run it as",
        "Create one (useradd --system postgres), or run ./rollbook as an ordinary user.",
    )


def reaches(account: Account | None, folder: Path) -> bool:
    """Try whether the account can enter the folder, or the nearest one above that exists."""
    while not folder.exists():
        folder = folder.parent
    if account is None:
        return os.access(folder, os.X_OK)
    trial = subprocess.run(
        ["/bin/sh", "-c", 'cd "$0"', str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        cwd="/",
        check=False,
    )
    return trial.returncode == 0
