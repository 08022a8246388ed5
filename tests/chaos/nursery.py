"""Processes born with everything imported: a start, or a start after a kill, costs no import.

The nursery is forked from this process while it has one thread and no connection, and forks every
process of the product in turn; each is as separate from the others as any other process. The
nursery ends with the thread that made it, and what it bore ends with the nursery.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LONGEST_MESSAGE = 1 << 20
Birth = Callable[[Sequence[str]], int]


class Child:
    """A process of the nursery; as much of `subprocess.Popen` as the harness needs."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Say how it ended, or None."""
        if self.returncode is None:
            self.returncode = self._nursery.ask("poll", pid=self.pid)
        return self.returncode

    def wait(self, seconds: float) -> int:
        """Wait for its end.

        Raises: subprocess.TimeoutExpired.
        """
        until = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            time.sleep(0.02)
        return status

    def terminate(self) -> None:
        """Ask it to end."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)


class Nursery:
    """Make one before the first thread and the first connection of this process."""

    def __init__(self, birth: Birth) -> None:
        assert threading.active_count() == 1
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            self._ours.close()
            _tie_to_parent()
            _serve(theirs, birth)
        theirs.close()

    def bear(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> Child:
        """Fork one process with an environment, a folder and a log of its own."""
        given = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd), "log": str(log)}
        pid = self.ask("bear", **given)
        assert pid
        return Child(self, pid)

    def ask(self, what: str, **given: Any) -> int | None:
        """Ask the nursery, from one thread at a time."""
        self._ours.send(json.dumps([what, given]).encode())
        answer: int | None = json.loads(self._ours.recv(LONGEST_MESSAGE))
        return answer

    def close(self) -> None:
        """End it, and with it whatever still lives there."""
        self._ours.close()
        os.waitpid(self._pid, 0)


def _serve(asked: socket.socket, birth: Birth) -> None:
    ended: dict[int, int] = {}
    while message := asked.recv(LONGEST_MESSAGE):
        what, given = json.loads(message)
        if what == "bear":
            answer = os.fork()
            if answer == 0:
                asked.close()
                _be_born(birth, **given)
        else:
            answer = _status_of(given["pid"], ended)
        asked.send(json.dumps(answer).encode())
    os._exit(0)


def _status_of(pid: int, ended: dict[int, int]) -> int | None:
    if pid not in ended:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            ended[pid] = os.waitstatus_to_exitcode(status)
    return ended.get(pid)


def _be_born(birth: Birth, arguments: list[str], env: dict[str, str], cwd: str, log: str) -> None:
    status = 1
    try:
        _tie_to_parent()
        os.setsid()  # a group of its own, to be killed with its children
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(env)
        silence = os.open(os.devnull, os.O_RDONLY)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for stream, number in ((silence, 0), (output, 1), (output, 2)):
            os.dup2(stream, number)
        status = birth(arguments)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # an edge: nobody above would tell
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _tie_to_parent() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if parent == 1 or os.getppid() != parent:
        os._exit(1)
