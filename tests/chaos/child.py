"""One process of the product as the harness starts it, forked from a nursery that imported it all.

Shape: ROLLBOOK_CHAOS names patches, with commas. Parts are web, dispatcher, clock, worker, all, and
`migrate FOLDER`, which adds the revisions of a folder to the tenants' history and applies them.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic.script import ScriptDirectory
from gunicorn.app import wsgiapp

from tenants import migrations, script
from tests.chaos import patches
from workers import run

ROOT = Path(__file__).parents[2]
TENANT_HISTORY = ROOT / "alembic" / "tenant"
THREADS = {"worker": ["--threads", "4"]}


def add_revisions(folder: Path) -> None:
    """Let this process know revisions that follow the tenants' real ones."""
    real = script._directory
    longer = ScriptDirectory(
        str(ROOT / "alembic"), version_locations=[str(TENANT_HISTORY), str(folder)]
    )
    script._directory = lambda history: longer if history == "tenant" else real(history)  # type: ignore[assignment]
    script.steps.cache_clear()


def main(arguments: Sequence[str]) -> int:
    """Become the part."""
    part, *rest = arguments
    patches.apply(os.environ.get("ROLLBOOK_CHAOS", "").split(","))
    if part == "web":
        sys.argv = ["gunicorn", "-c", "deploy/gunicorn.conf.py"]
        wsgiapp.run()
        return 0
    if part == "migrate":
        add_revisions(Path(rest[0]))
        outcome = migrations.upgrade_across_tenants(runners=2)
        return 1 if outcome.failed or migrations.tenants_behind() else 0
    return run.main([part, *THREADS.get(part, []), *rest])
