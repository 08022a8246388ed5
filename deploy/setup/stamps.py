"""Remember what a step was done with, so that the next start may skip it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_of(root: Path, paths: Iterable[Path], *facts: str) -> str:
    """Hash facts and the names and contents of files; a folder means all that lies in it."""
    total = hashlib.sha256("\0".join(facts).encode())
    for path in sorted(_files(paths)):
        total.update(f"\0{path.relative_to(root)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def is_fresh(stamp: Path, digest: str) -> bool:
    """Say whether the step was completed with just these inputs."""
    try:
        return stamp.read_text(encoding="utf-8") == digest
    except FileNotFoundError:
        return False


def write(stamp: Path, digest: str) -> None:
    """Note that the step is complete; in one move, so that a kill leaves no half note."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    unfinished = stamp.with_name(stamp.name + ".unfinished")
    unfinished.write_text(digest, encoding="utf-8")
    unfinished.replace(stamp)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from (
                found
                for found in path.rglob("*")
                if found.is_file() and "__pycache__" not in found.parts
            )
        elif path.is_file():
            yield path
