"""One short line per step, with its duration, and a clear word when a step fails."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.faults import Fault

SHOWN_LINES = 14
NETWORK_WORDS = (
    "dns error",
    "name resolution",
    "could not resolve",
    "failed to resolve",
    "getaddrinfo",
    "enotfound",
    "eai_again",
    "connection refused",
    "network is unreachable",
    "timed out",
    "etimedout",
    "econnrefused",
    "error sending request",
    "failed to establish a new connection",
    "no matching distribution found",
    "self-signed certificate",
    "self_signed_cert",
    "unable to get local issuer certificate",
    "invalid peer certificate",
)
DISK_WORDS = ("no space left", "enospc", "disk quota")
RIGHTS_WORDS = ("permission denied", "eacces", "read-only file system")


def line(text: str) -> None:
    """Print a line at once, even into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what begins, and how long it took."""
    on_terminal = sys.stdout.isatty()
    if on_terminal:
        sys.stdout.write(f"  … {what}")
        sys.stdout.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        line(f"\r  ✗ {what}" if on_terminal else f"  x {what}")
        raise
    seconds = time.monotonic() - started
    line(f"{chr(13) if on_terminal else ''}  ✓ {what} ({seconds:.1f} s)")


def run(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path) -> None:
    """Run a program of a step quietly; show the end of what it said only when it fails.

    Raises: Fault with an advice that fits what it said.
    """
    done = subprocess.run(
        list(command),
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        words = "\n    ".join(_ends(done.stdout.strip().splitlines()))
        raise Fault(f"{Path(command[0]).name} said:\n    {words}", advice_for(done.stdout))


def _ends(lines: list[str]) -> list[str]:
    # npm says the reason first, uv last
    half = SHOWN_LINES // 2
    return lines if len(lines) <= SHOWN_LINES else [*lines[:half], "...", *lines[-half:]]


def advice_for(said: str) -> str:
    """Guess from a program's words what a person can do."""
    said = said.lower()
    if any(word in said for word in DISK_WORDS):
        return "The disk is full: free about 1 GB and run the same command again."
    if any(word in said for word in NETWORK_WORDS):
        return (
            "The first run needs the network (the package indexes of Python and npm).\n"
            "  Behind a proxy set HTTPS_PROXY; for a mirror configure pip and npm, we use theirs."
        )
    if any(word in said for word in RIGHTS_WORDS):
        return "This user may not write here: check who owns the folder of this checkout."
    return "Run the same command again; if it fails again, the lines above say why."
