"""One holder at a time for a folder; the lock ends with the process, however that ends."""

import fcntl
import os
from pathlib import Path

from deploy.faults import Fault


class FolderLock:
    """A lock file in a folder, held until `release` or the end of this process."""

    def __init__(self, folder: Path, *, name: str = "lock") -> None:
        self.path = folder / name
        self._handle: int | None = None

    def take(self, *, refusal: Fault) -> None:
        """Take the lock, or raise `refusal` when another process has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise refusal from None
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._handle = handle

    def release(self) -> None:
        """Let the next one in; the file stays, because removing it would race."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
