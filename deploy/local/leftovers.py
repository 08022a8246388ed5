"""What an earlier run left in a data folder: a living server, or a lock file that lies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy.faults import Fault

READY_LINE = 7  # of postmaster.pid, counted from 0; the server writes "ready" there
STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 5.0))


def is_ready(data: Path, pid: int | None = None) -> bool:
    """Say whether the server, the one of this process number, accepts connections."""
    lines = _lines(data)
    is_it = bool(lines) and (pid is None or lines[0].strip() == str(pid))
    return is_it and len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"


def stop_earlier_server(data: Path) -> None:
    """Stop a server that an earlier run left behind, and defuse a lock file that names a stranger.

    Raises: Fault when the server cannot be stopped.
    """
    lines = _lines(data)
    pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
    if pid <= 0 or not _is_alive(pid):
        return  # the server itself clears a lock of a dead process
    if not _is_server_of(pid, data):
        _name_a_dead_process(data, lines)
        return
    for number, seconds in STOP_STEPS:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError:
            break
        if _is_gone_within(pid, data, seconds):
            return
    raise Fault(
        f"a database server (process {pid}) of an earlier run does not stop",
        "End it by hand, or run Rollbook as the user who started it.",
    )


def _lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _is_server_of(pid: int, data: Path) -> bool:
    command = _command_of(pid)
    return "postgres" in command and str(data) in command


def _command_of(pid: int) -> str:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            return ""
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout


def _name_a_dead_process(data: Path, lines: list[str]) -> None:
    # After a restart of the machine the number may be another program's, and the server would
    # refuse to start for ever. Only the number is exchanged: the line with the shared memory stays,
    # by which the server notices that children of its predecessor still write.
    dead = subprocess.Popen(["/bin/sh", "-c", "exit"])
    dead.wait()
    text = "\n".join([str(dead.pid), *lines[1:]]) + "\n"
    handle = os.open(data / "postmaster.pid", os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_gone_within(pid: int, data: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _is_server_of(pid, data):  # a zombie has no command line: it is gone too
            return True
        time.sleep(0.05)
    return False
