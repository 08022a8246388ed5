"""A Rollbook in server mode for one test: PostgreSQL by TCP and SCRAM, RabbitMQ, four processes."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.local.ports import free_port
from deploy.local.postgres import UNSAFE_BUT_FAST, Cluster, TcpAccess
from shared.config import settings
from tenants import migrations
from tenants.pool import pool
from tenants.services import close_services
from tenants.sessions import engine
from tests.conftest import point_to
from tests.workers.conftest import AMQP, queues_removed

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.1
MASTER_KEY = "a master key of the tests, long enough"

# as deploy/README.md starts them
PROCESSES = {
    "web": ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"],
    "dispatcher": ["-m", "workers.run", "dispatcher"],
    "clock": ["-m", "workers.run", "clock"],
    "worker": ["-m", "dramatiq", "workers.main", "--processes=1", "--threads=4"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What runs, and where it answers."""

    address: str
    processes: dict[str, subprocess.Popen[bytes]]
    logs: Path

    def words(self) -> str:
        """Give the ends of all logs, for a failing test."""
        return "\n".join(
            f"--- {name}\n{(self.logs / name).read_text(errors='replace')[-3000:]}"
            for name in self.processes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One person's token in one tenant, by HTTP."""

    address: str
    slug: str
    token: str

    def get(self, path: str) -> Any:
        """Read."""
        return self._ask("GET", path, None, {})

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Write JSON."""
        content = json.dumps(body).encode() if body is not None else b""
        return self._ask(method, path, content, {"Content-Type": "application/json"})

    def upload(self, path: str, name: str, content: bytes) -> Any:
        """Send a file."""
        mark = uuid4().hex
        head = (
            f"--{mark}\r\nContent-Disposition: form-data; name=file; filename={name}\r\n"
            "Content-Type: text/csv\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        return self._ask("POST", path, body, {"Content-Type": kind})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(
            f"{self.address}/api/v1/s/{self.slug}/{path}",
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")
            raise AssertionError(f"{method} {path}: {error.code} {said}") from None


@contextmanager
def database(folder: Path, options: Mapping[str, str] = UNSAFE_BUT_FAST) -> Iterator[None]:
    """Run a database as a server has it, and make this process one of its clients."""
    before = dict(os.environ)
    broker = f"{AMQP}?queue_prefix=server_{uuid4().hex[:8]}_"
    cluster = Cluster(folder / "pg", options=options, tcp=TcpAccess(master_key=MASTER_KEY))
    cluster.start()
    try:
        point_to(
            cluster.url,
            folder / "files",
            ROLLBOOK_DATABASE_AUTH="scram",
            ROLLBOOK_MASTER_KEY=MASTER_KEY,
            ROLLBOOK_BROKER_URL=broker,
        )
        migrations.upgrade_registry()
        with queues_removed(settings()):
            yield
    finally:
        pool().close()
        close_services()
        cluster.stop()
        os.environ.clear()
        os.environ.update(before)
        for cache in (pool, engine, settings):
            cache.cache_clear()


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start every process of the server mode, wait for the web to answer, end them all."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    env = {
        **os.environ,
        "ROLLBOOK_BIND": f"127.0.0.1:{port}",
        "ROLLBOOK_PUBLIC_URL": address,
        "ROLLBOOK_WEB_WORKERS": "1",
    }
    with ExitStack() as ends:
        processes = {
            name: ends.enter_context(process([sys.executable, *command], folder / name, env))
            for name, command in PROCESSES.items()
        }
        server = Server(address=address, processes=processes, logs=folder)
        until(lambda: _answers(address), server)
        yield server
        for each in processes.values():  # all at once: each takes its time
            each.send_signal(signal.SIGTERM)


def until(condition: Callable[[], Any], server: Server) -> Any:
    """Look again and again, not for ever; give what was found."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        for name, process in server.processes.items():
            assert process.poll() is None, f"{name} ended\n{server.words()}"
        if found := condition():
            return found
        assert time.monotonic() < deadline, f"waited in vain\n{server.words()}"
        time.sleep(LOOK_SECONDS)


@contextmanager
def process(
    command: list[str], log: Path, env: Mapping[str, str], **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a group of its own and leave none of it behind."""
    with log.open("wb") as output:
        running = subprocess.Popen(
            command,
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **options,
        )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                running.wait(20)
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait(10)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
    except OSError:
        return False
