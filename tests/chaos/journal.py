"""What a client knows for certain, on disk before it goes on: each attempt, then each answer."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """One client's file; a line is there for good when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **entry: Any) -> None:
        """Append one line and wait for the disk."""
        line = json.dumps({"event": event, **entry}, ensure_ascii=False, default=str)
        os.write(self._handle, line.encode() + b"\n")
        os.fsync(self._handle)


def entries(folder: Path) -> Iterator[Entry]:
    """Read every client's journal."""
    for path in sorted(folder.glob("client-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
