"""Where the files of one embedded cluster lie, and whose they are.

Shape: data/ and socket/ belong to the server's account; the folder around them, its log and its
notes to us, so that a server gone wrong cannot lead us to write somewhere else.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from deploy.faults import Fault
from deploy.local import binaries
from deploy.local.accounts import Account, reaches

LONGEST_SOCKET = 100  # bytes of a socket's path: 103 on macOS, 107 on Linux


class Layout:
    """The folders of one cluster."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.place = self._noted_place() or home

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.place / "data"

    @property
    def unfinished(self) -> Path:
        """A data folder that is being made: killed halfway, the next start begins anew."""
        return self.place / "data.unfinished"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.place / "postgres.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket; a short one elsewhere when ours is too long for a socket."""
        folder = self.place / "socket"
        if len(os.fsencode(folder / ".s.PGSQL.65535")) <= LONGEST_SOCKET:
            return folder
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"rollbook-{digest}")

    @property
    def bootstrap_stamp(self) -> Path:
        """Which bootstrap the data folder has seen."""
        return self.place / "bootstrap.stamp"

    def settle(self, account: Account | None) -> None:
        """Make the folder, and choose another place when the server's account cannot enter it.

        Raises: Fault.
        """
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._noted_place() is None and account is not None:
                self.home.chmod(0o711)
                if not reaches(account, self.home):
                    self._settle_elsewhere()
        except OSError as error:
            raise Fault(f"cannot write into {self.home}: {error.strerror}") from error

    def give(self, folder: Path, account: Account | None) -> None:
        """Make a folder that only the server's account may enter.

        Raises: Fault when the name is taken by somebody else's.
        """
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = account.uid if account else os.geteuid()
        if folder.is_symlink() or folder.lstat().st_uid not in (owner, os.geteuid()):
            raise Fault(f"{folder} belongs to somebody else", "Remove it and start again.")
        folder.chmod(0o700)
        if account:
            os.chown(folder, account.uid, account.gid, follow_symlinks=False)

    def remove(self) -> None:
        """Remove everything for good."""
        for folder in (self.socket, self.place, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    def _settle_elsewhere(self) -> None:
        # We are root and the folder lies in root's own home, which the server's account cannot
        # enter. Opening the home to all would be worse than keeping the files elsewhere.
        parent = binaries.shared_folder() / "clusters"
        parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.place = Path(tempfile.mkdtemp(prefix="", dir=parent))
        self.place.chmod(0o711)
        (self.home / "place").write_text(f"{self.place}\n", encoding="utf-8")

    def _noted_place(self) -> Path | None:
        try:
            return Path((self.home / "place").read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return None
