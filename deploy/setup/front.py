"""What `./rollbook` does first: know the command, install what it needs, hand over.

Hands over to `deploy.cli` inside .venv, which knows each command's options.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.faults import Fault
from deploy.local.locks import FolderLock
from deploy.setup import assets, packages, rooms, say

ROOT = Path(__file__).resolve().parents[2]
ERASED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONSTARTUP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One word after ./rollbook and what must be installed for it."""

    says: str
    groups: tuple[str, ...] = ("embedded",)
    pages: bool = False  # the built front end and the compiled translations


CHECKS = ("data", "embedded", "test")
BENCH = ("bench", "embedded", "test")
COMMANDS = {
    "up": Command(says="install, start everything, show a demo chain", pages=True),
    "demo": Command(says="load the demo chain into a Rollbook that has none"),
    "tenants": Command(says="create, list, show, suspend, resume, migrate, audit stores and HQs"),
    "people": Command(says="reset a password, end sessions, shut an account, name a manager"),
    "migrate": Command(says="bring the registry and every tenant to the newest tables"),
    "import": Command(says="read a file of sales into the stores it names"),
    "verify": Command(says="recompute all reports from the slips and compare to the fen"),
    "test": Command(says="run all tests", groups=CHECKS, pages=True),
    "test-fast": Command(says="run the tests that need no server", groups=CHECKS),
    "house": Command(says="run the tests about the code itself", groups=CHECKS),
    "bench": Command(says="measure beside the field; --quick: five minutes", groups=BENCH),
    "lint": Command(says="check style, types and imports", groups=("lint", *CHECKS)),
}
ALONE = {
    "where": "list the files of one capability in every room: where sales",
    "help": "show this; `./rollbook COMMAND --help` shows a command's options",
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; the answer is the exit status."""
    name, *rest = arguments or ["help"]
    try:
        if name in COMMANDS:
            return _hand_over(name, rest)
        return _alone(name, rest)
    except Fault as fault:
        sys.stderr.write(f"rollbook: {fault}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def prepare(root: Path, command: Command) -> Path:
    """Install whatever is missing and answer with the Python to use.

    Raises: Fault.
    """
    lock = FolderLock(root / ".boot")
    busy = Fault(
        "another ./rollbook is installing into this checkout",
        "Wait until it is done, then run the same command again.",
    )
    try:
        lock.take(refusal=busy)
        groups = {*command.groups}
        if command.pages and assets.needs_node(root):
            groups.add("node")
        python = packages.ensure(root, sorted(groups))
        if command.pages:
            assets.build(root, python)
            assets.compile_translations(root, python)
    except OSError as error:
        raise Fault(f"installing failed: {error}", say.advice_for(str(error))) from error
    finally:
        lock.release()
    return python


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Give what a command and all that it starts find in their environment.

    Shape: without what would bend our imports. Who wants no bytecode beside the sources finds it
        in .venv: without any, each process would compile all of us and our packages anew.
    """
    env = {key: value for key, value in given.items() if key not in ERASED}
    if env.pop("PYTHONDONTWRITEBYTECODE", ""):
        env.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".venv" / "bytecode"))
    return env


def _hand_over(name: str, rest: Sequence[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):  # some shells start us deaf
        signal.signal(number, signal.default_int_handler)
    python = prepare(ROOT, COMMANDS[name])
    env = environment(os.environ)
    env["ROLLBOOK_CALLED_FROM"] = str(Path.cwd())  # relative names of files are meant from there
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(python, [str(python), "-m", "deploy.cli", name, *rest], env)


def _alone(name: str, rest: Sequence[str]) -> int:
    if name == "where" and rest:
        found = rooms.where(ROOT, rest[0])
        say.line("\n".join(found) or f"nothing is called {rest[0]}")
        return 0 if found else 1
    if name == "where":
        say.line("capabilities: " + ", ".join(rooms.capabilities(ROOT)))
        return 0
    say.line(_help())
    if name in ("help", "-h", "--help"):
        return 0
    raise Fault(f"there is no command {name!r}")


def _help() -> str:
    table = {**{name: command.says for name, command in COMMANDS.items()}, **ALONE}
    rows = [f"  {name:<10} {says}" for name, says in table.items()]
    return "\n".join(["Usage: ./rollbook COMMAND [options]", "", *rows])
