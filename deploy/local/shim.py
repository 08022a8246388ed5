"""Become another program that ends when the process that started it ends.

Run as a script by `children.spawn`, with the standard library alone and no import of ours: the
account we become may not be able to read this checkout. It drops to the account, ties its life to
the parent's, and replaces itself by the command.

Shape: shim.py SIGNAL PARENT_PID UID GID COMMAND...; UID -1 keeps the account.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
LOOK_SECONDS = 0.5


def drop_to(uid: int, gid: int) -> None:
    """Give up root for good, groups first, because afterwards we may not."""
    if uid < 0:
        return
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def tie_to_parent(farewell: int, parent: int) -> None:
    """Ask the kernel, or where it cannot a watcher, to send `farewell` when the parent is gone."""
    if sys.platform == "linux":
        # After setuid: changing the account clears the request.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, farewell, 0, 0, 0)
    else:
        fork_watcher(farewell, parent, os.getpid())
    if os.getppid() != parent:  # it died while we were getting ready
        sys.exit(1)


def fork_watcher(farewell: int, parent: int, target: int) -> None:
    """Leave a process behind that is nobody's child and looks after both."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            silence = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(silence, stream)
            watch(farewell, parent, target)
        os._exit(0)
    os.wait()


def watch(farewell: int, parent: int, target: int) -> None:
    """Look twice a second until one of the two is gone."""
    while is_alive(target):
        if not is_alive(parent):
            os.kill(target, farewell)
            return
        time.sleep(LOOK_SECONDS)


def is_alive(pid: int) -> bool:
    """Say whether a process of this number exists, ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(arguments: list[str]) -> None:
    """Read the arguments and become the command."""
    farewell, parent, uid, gid = (int(text) for text in arguments[:4])
    command = arguments[4:]
    drop_to(uid, gid)
    tie_to_parent(farewell, parent)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
