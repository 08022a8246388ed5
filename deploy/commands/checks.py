"""`./rollbook test`, `test-fast`, `house`, `lint`: what a change must pass; and `bench`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from deploy.commands.options import ROOT
from deploy.setup import say

PARALLEL = ("-n", "2", "--dist", "worksteal")
CHECKS: dict[str, list[str]] = {
    "style": ["ruff", "check", "."],
    "layout": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["importlinter.cli", "lint-imports"],
}


def test(rest: Sequence[str]) -> int:
    """Run all tests; what follows is pytest's."""
    return _pytest([*PARALLEL, *rest])


def test_fast(rest: Sequence[str]) -> int:
    """Run the tests that start nothing."""
    return _pytest([*(rest or ()), "tests/unit"])


def house(rest: Sequence[str]) -> int:
    """Run the tests about the code itself."""
    return _pytest([*(rest or ()), "tests/house"])


def bench(rest: Sequence[str]) -> int:
    """Measure beside the field; what follows is the bench's own."""
    return _become("tests.bench", *rest)


def lint(_rest: Sequence[str]) -> int:
    """Run every check of style, types and imports, and say which failed."""
    failed = [name for name, command in _commands().items() if not _passes(name, command)]
    if failed:
        say.line(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _pytest(arguments: Sequence[str]) -> int:
    return _become("pytest", *arguments)


def _become(module: str, *arguments: str) -> int:
    os.environ.pop("ROLLBOOK_DATABASE_URL", None)  # they make their own; never touch a real one
    command = [sys.executable, "-m", module, *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)


def _commands() -> dict[str, list[str]]:
    commands = {name: [sys.executable, "-m", *command] for name, command in CHECKS.items()}
    commands["imports"] = [f"{sys.prefix}/bin/lint-imports", "--no-cache"]
    if node := shutil.which("node"):
        tsc = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
        if tsc.exists():
            commands["types of the pages"] = [node, str(tsc), "--noEmit", "-p", "web/assets"]
    return commands


def _passes(name: str, command: list[str]) -> bool:
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    say.line(f"  {'✓' if done.returncode == 0 else '✗'} {name}")
    if done.returncode != 0:
        say.line(done.stdout.rstrip())
    return done.returncode == 0
