"""Remember which demo was begun and whether it is all there.

A load that was killed goes on where it stopped: the story is told again from the same seed and
day, and every step of the load knows what is there already.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from deploy.demo.generator import Size
from shared.config import settings

FILE_NAME = "demo.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """The demo of this data folder."""

    size: Size
    today: str  # the day the story was told for
    months: int
    seed: int
    is_done: bool

    @property
    def day(self) -> date:
        """Read the day."""
        return date.fromisoformat(self.today)


def read() -> Marker | None:
    """Find the marker; None when no demo was ever begun here."""
    try:
        return Marker(**json.loads(_path().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write(marker: Marker) -> None:
    """Keep the marker, whole or not at all."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(marker), file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _path() -> Path:
    return settings().data_dir / FILE_NAME
