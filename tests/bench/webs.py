"""gunicorn three times: the product, the product without tenancy, Django; and what they cost."""

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import children
from deploy.local.ports import free_port
from tests.bench.servers import ROOT
from tests.bench.sizes import Sizes

WORKERS, THREADS = 2, 4
READY_SECONDS = 300
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Web:
    """A running web server."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Add up what its processes have used so far."""
        own = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="utf-8")
        return sum(_used(int(child)) for child in own.split())


@contextmanager
def served(
    app: str, sizes: Sizes, *, env: Mapping[str, str] | None = None, ours: bool, path: str
) -> Iterator[Web]:
    """Serve an application by gunicorn with equal processes and threads until the block ends.

    `ours` takes the product's own configuration, `app` for its application; `path` is asked until
    there is an answer.
    """
    port = free_port()
    workers = "1" if sizes.is_small else str(WORKERS)
    environ = {
        **(os.environ if env is None else env),
        "ROLLBOOK_BIND": f"127.0.0.1:{port}",
        "ROLLBOOK_WEB_WORKERS": workers,
        "ROLLBOOK_WEB_THREADS": str(THREADS),
    }
    command = [sys.executable, "-m", "gunicorn"]
    if ours:
        command += ["-c", "deploy/gunicorn.conf.py", app]
    else:
        command += ["-b", f"127.0.0.1:{port}", "-w", workers, "-k", "gthread"]
        command += ["--threads", str(THREADS), "--log-level", "error"]
        command += ["--no-control-socket", app]
    with open(os.devnull, "wb") as nowhere:  # our log lines are written, to nobody
        child = children.spawn(
            command, farewell=signal.SIGQUIT, output=nowhere, env=environ, cwd=ROOT
        )
    try:
        _await(port, path)
        yield Web(port, child.pid)
    finally:
        children.end(child, (signal.SIGTERM, 10))


def _await(port: int, path: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
        except urllib.error.HTTPError:
            return  # refuses us, so it is there
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers at {path}")


def _used(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
