"""A throw-away history of revisions in a folder, for migration tests; also run as a process.

`python -m tests.tenancy.trial_history` reads folders, one a line: it migrates all tenants with the
folder's revisions in a forked process, tells that one's number, and how it ended.
"""

import os
import sys
from pathlib import Path

from alembic.script import ScriptDirectory

from tenants import migrations, script

ROOT = Path(script.__file__).resolve().parent.parent

_REVISION = """
from alembic import op
revision = "{revision}"
down_revision = {down!r}
branch_labels = None
depends_on = None
def upgrade():
{upgrade}
def downgrade():
{downgrade}
"""


def write(folder: Path, revision: str, down: str | None, up: list[str], undo: list[str]) -> None:
    """Write one revision of plain SQL."""
    upgrade, downgrade = (
        "\n".join(f"    op.execute({statement!r})" for statement in statements) or "    pass"
        for statements in (up, undo)
    )
    text = _REVISION.format(revision=revision, down=down, upgrade=upgrade, downgrade=downgrade)
    (folder / f"{revision}_pre_trial.py").write_text(text, encoding="utf-8")


def use(folder: Path) -> None:
    """Make the tenant history of this process the one in a folder."""
    real = script._directory
    trial = ScriptDirectory(str(ROOT / "alembic"), version_locations=[str(folder)])
    script._directory = lambda history: trial if history == "tenant" else real(history)  # type: ignore[assignment]
    script.steps.cache_clear()


def main() -> None:
    """Migrate with a folder's revisions in a process of its own, once for each line."""
    for line in sys.stdin:
        runner = os.fork()
        if runner == 0:
            use(Path(line.strip()))
            outcome = migrations.upgrade_across_tenants(runners=2)
            os._exit(1 if outcome.failed else 0)
        sys.stdout.write(f"{runner}\n")
        sys.stdout.flush()
        _, status = os.waitpid(runner, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
