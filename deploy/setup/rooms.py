"""`./rollbook where NAME`: all files of one capability, room by room."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("shared", "web", "workers", "tenants", "deploy", "alembic", "tests")
SKIPPED = {"__pycache__", "node_modules", "static"}


def where(root: Path, name: str) -> list[str]:
    """List the files whose path says the name, under a line per room.

    Shape: lines ready to print; empty when nothing has this name.
    """
    shown: list[str] = []
    for room in ROOMS:
        files = sorted(path for path in _files(root / room) if _says(path, root, name))
        if files:
            shown += [f"{room}/", *(f"  {path.relative_to(root)}" for path in files)]
    return shown


def capabilities(root: Path) -> list[str]:
    """Name the capabilities that exist."""
    domain = root / "shared" / "domain"
    return sorted(path.parent.name for path in domain.glob("*/__init__.py"))


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED]
        yield from (Path(place, name) for name in names)


def _says(path: Path, root: Path, name: str) -> bool:
    *folders, last = path.relative_to(root).parts
    stem = last.partition(".")[0].removeprefix("test_")
    return name in folders or stem == name or stem.startswith(f"{name}_")
