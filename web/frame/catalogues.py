"""Compile the catalogues of texts; the compiled twins are made at set-up, never committed."""

import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).parents[1] / "translations"


def compile_catalogues() -> None:
    """Compile each catalogue whose text is newer than its compiled twin.

    Locks: none; two processes may both do it, the rename makes either result whole.
    """
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        if not os.access(source.parent, os.W_OK):
            continue  # an installed, read-only copy was compiled when it was built
        with source.open("rb") as po:
            catalogue = read_po(po, locale=source.parent.parent.name)
        with tempfile.NamedTemporaryFile(dir=source.parent, delete=False) as part:
            write_mo(part, catalogue)
        Path(part.name).chmod(0o644)
        Path(part.name).replace(target)
