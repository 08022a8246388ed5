"""Keep the processes of one Rollbook running, and stop them in order.

A process that dies is started again, later and later while it keeps dying. None outlives us: see
`children`.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.faults import Fault
from deploy.local import children
from deploy.local.postgres import Cluster

LOOK_SECONDS = 0.3
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # lived this long: the next death begins with the first pause again
LOG_BYTES = 10_000_000
LAST_LINES = 8


@dataclass(slots=True, kw_only=True)
class Program:
    """One process we keep: how to start it, and what it is doing now."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    log: Path
    stop_seconds: float = 20.0
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    pause: float = field(default=FIRST_PAUSE)

    def start(self) -> None:
        """Start it; its words go to its log."""
        too_long = self.log.exists() and self.log.stat().st_size > LOG_BYTES
        with self.log.open("wb" if too_long else "ab") as output:
            self.child = children.spawn(
                self.command,
                farewell=signal.SIGQUIT if self.name == "web" else signal.SIGTERM,
                output=output,
                env=self.env,
                cwd=self.cwd,
            )
        self.started_at = time.monotonic()
        self.restart_at = None

    def stop(self) -> None:
        """Ask it to finish what it does, and insist after a while."""
        if self.child is not None:
            children.end(self.child, (signal.SIGTERM, self.stop_seconds))
            self.child = None

    def last_words(self) -> str:
        """Give the end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LAST_LINES:])


class Supervisor:
    """The database and the programs above it."""

    def __init__(self, cluster: Cluster, programs: Sequence[Program], say: Callable[[str], None]):
        self._cluster = cluster
        self._programs = list(programs)
        self._say = say

    def start(self) -> None:
        """Start all programs; the database already runs."""
        for program in self._programs:
            program.start()

    def insist(self) -> None:
        """See that nothing has ended yet: a process that dies at once would die again.

        Raises: Fault.
        """
        for program in self._programs:
            if program.child is not None and program.child.poll() is not None:
                raise Fault(
                    f"the {program.name} process does not start:\n{program.last_words()}",
                    f"All it said is in {program.log}.",
                )

    def watch(self) -> None:
        """Start again what dies, for ever; an interrupt ends it."""
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Look once at every process."""
        if not self._cluster.is_running():
            self._say("The database stopped; starting it again.")
            self._cluster.revive()
        for program in self._programs:
            self._look_at(program, time.monotonic())

    def stop(self) -> None:
        """Stop the programs in the order they were given, then the database."""
        for program in self._programs:
            program.stop()
        self._cluster.stop()

    def _look_at(self, program: Program, now: float) -> None:
        if program.restart_at is not None:
            if now >= program.restart_at:
                program.start()
            return
        if program.child is None or program.child.poll() is None:
            return
        if now - program.started_at > STEADY_SECONDS:
            program.pause = FIRST_PAUSE
        self._say(
            f"The {program.name} process ended ({_how(program.child.returncode)}); starting it "
            f"again in {program.pause:.1f} s. Its last words ({program.log}):"
        )
        self._say(program.last_words())
        program.restart_at = now + program.pause
        program.pause = min(program.pause * 2, LONGEST_PAUSE)


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
