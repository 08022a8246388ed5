"""The data folder of one embedded Rollbook: what lies where, its secrets, its settings.

Shape: database/ the cluster; files/ what people send; log/ a file per process; secrets.json.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.faults import Fault
from deploy.local.locks import FolderLock
from deploy.local.postgres import Cluster, ClusterBusy

DEFAULT = ".rollbook"
MARKS = ("database", "secrets.json")


class Home:
    """A data folder and the paths in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.cluster = Cluster(self.folder / "database")
        self.lock = FolderLock(self.folder, name="up.lock")

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.folder / "log"

    def make(self) -> None:
        """Make the folders that only we read.

        Raises: Fault.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in ("files", "log"):
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Fault(
                f"cannot write into {self.folder}: {error.strerror}",
                "Choose a folder of yours with --data DIR.",
            ) from error

    def wipe(self) -> None:
        """Remove all data for good; the caller holds the lock and has asked.

        Raises: Fault when this does not look like a folder of ours.
        """
        names = {path.name for path in self.folder.iterdir()} - {self.lock.path.name}
        if names and not names & {*MARKS}:
            raise Fault(f"{self.folder} is no data folder of Rollbook", "Nothing was removed.")
        self.cluster.layout.remove()
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path != self.lock.path:
                path.unlink()
        self.cluster = Cluster(self.folder / "database")

    def settings(self, *, public_url: str | None = None) -> dict[str, str]:
        """Give the environment variables by which our processes find this Rollbook."""
        own = self._secrets()
        return {
            "ROLLBOOK_DATABASE_URL": self.cluster.url,
            "ROLLBOOK_DATABASE_AUTH": "peer",
            "ROLLBOOK_BROKER_URL": "stub://",
            "ROLLBOOK_SECRET_KEY": own["secret_key"],
            "ROLLBOOK_MASTER_KEY": own["master_key"],
            "ROLLBOOK_DATA": str(self.folder / "files"),
            **({"ROLLBOOK_PUBLIC_URL": public_url} if public_url else {}),
        }

    def _secrets(self) -> dict[str, str]:
        path = self.folder / "secrets.json"
        if not path.exists():
            made = {name: secrets.token_urlsafe(48) for name in ("secret_key", "master_key")}
            unfinished = path.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(made, file)
            unfinished.replace(path)
        read: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return read


@contextmanager
def database_at_hand(folder: Path) -> Iterator[None]:
    """Have the settings in the environment and a database that answers, for one command.

    In server mode the environment says it all. Else it is the embedded one: that of a running
    `up`, or one that is started for this command alone.
    Raises: Fault.
    """
    if os.environ.get("ROLLBOOK_DATABASE_URL"):
        yield
        return
    home = Home(folder)
    if not home.cluster.exists():
        raise Fault(f"there is no Rollbook in {home.folder}", "Start one with ./rollbook up.")
    try:
        home.cluster.start()
    except ClusterBusy:
        home.cluster.attach()
    os.environ.update(home.settings())
    try:
        yield
    finally:
        home.cluster.stop()
