"""Start programs that never outlive us, and end them in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from deploy.local.accounts import Account

SHIM = Path(__file__).with_name("shim.py")


def spawn(
    command: Sequence[str],
    *,
    farewell: signal.Signals,
    output: IO[bytes] | int,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that is sent `farewell` when this process ends in whatever way.

    Shape: command[0] is an absolute path. On Linux the program ends with the *thread* that calls
    this, so call it from one that lives.
    """
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    tie = [str(int(farewell)), str(os.getpid()), str(uid), str(gid)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(SHIM), *tie, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if env is None else dict(env),
        cwd=cwd,
        start_new_session=True,  # Ctrl-C in the terminal is for us; we stop them in order
    )


def end(child: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> int:
    """Send one signal after the other, each with its seconds to obey; SIGKILL at last."""
    for number, seconds in steps:
        if child.poll() is None:
            child.send_signal(number)
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    return child.wait()
