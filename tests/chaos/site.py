"""The processes under test, kept running: database, proxies, web, dispatcher, clock, workers.

They end with the thread that started them, so one thread starts, looks and ends: the run's own.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pika

from deploy.faults import Fault
from deploy.local import children
from deploy.local.ports import free_port
from deploy.local.postgres import Cluster, TcpAccess
from deploy.local.processes import FIRST_PAUSE, Program
from shared.config import settings
from tenants import migrations
from tenants.logins import connect
from tenants.pool import pool
from tenants.services import close_services
from tests.chaos.proxy import Proxy
from tests.conftest import point_to
from workers.broker import QUEUES

ROOT = Path(__file__).parents[2]
AMQP = os.environ.get("ROLLBOOK_TEST_AMQP", "amqp://guest:guest@127.0.0.1:5672/")
# How to command a broker that is ours alone, `rabbitmqctl -n NAME`; without it nobody is alarmed.
RABBITMQCTL = os.environ.get("ROLLBOOK_TEST_RABBITMQCTL", "").split()
MASTER_KEY = "a master key of the harness, long enough"
READY_SECONDS = 90
DISK_MB = 1500
PARTS = {
    "stub": ("web", "all"),
    "amqp": ("web", "web", "dispatcher", "dispatcher", "clock", "worker", "worker"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run is made of."""

    folder: Path
    broker: str  # stub or amqp
    seed: str
    seconds: float
    tenants: int = 40
    clients: int = 30
    patches: tuple[str, ...] = ("quick", "stepped_clock", "note_effects")
    with_membership: bool = False  # mutation: one store's login is a member of another's
    database: dict[str, str] = field(default_factory=dict)
    heartbeat_seconds: int | None = None  # AMQP's; None is the product's own
    only: tuple[str, ...] = ()  # names of faults; none: all
    with_small_disk: bool = True


@dataclass(slots=True, kw_only=True)
class Site:
    """What runs."""

    plan: Plan
    cluster: Cluster
    programs: list[Program]
    addresses: list[str]
    broker_proxy: Proxy | None
    database_proxy: Proxy | None
    prefix: str
    env: dict[str, str]
    has_small_disk: bool
    disk_is_full: bool = False

    def look(self) -> None:
        """Start again whatever has died; a program that keeps dying waits half a second."""
        if not self.cluster.is_running() and not self.disk_is_full:
            with suppress(Fault, OSError):
                self.cluster.revive()
        for program in self.programs:
            child = program.child
            if child is not None and child.poll() is not None:
                kill_group(child.pid)  # its children, if it has left any
                program.child = None
                program.restart_at = time.monotonic() + FIRST_PAUSE
            elif child is None and time.monotonic() >= (program.restart_at or 0):
                program.start()

    def watch(self, seconds: float) -> None:
        """Keep everything running for a while."""
        until = time.monotonic() + seconds
        while True:
            self.look()
            if time.monotonic() >= until:
                return
            time.sleep(min(0.1, max(until - time.monotonic(), 0)))

    def named(self, *names: str) -> list[Program]:
        """List the running programs of these kinds."""
        return [
            program
            for program in self.programs
            if program.name.split("-")[0] in names and program.child is not None
        ]

    def spawn(self, part: str, *rest: str) -> subprocess.Popen[bytes]:
        """Start one more process that is not kept running; speaks to the database directly."""
        env = {**self.env, "ROLLBOOK_DATABASE_URL": self.cluster.url}
        with (self.plan.folder / f"{part}.log").open("ab") as output:
            return children.spawn(
                [sys.executable, "-m", "tests.chaos.child", part, *rest],
                farewell=signal.SIGKILL,
                output=output,
                env=env,
                cwd=ROOT,
            )


def kill_group(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Signal a program and its children."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def answers(address: str) -> bool:
    """Say whether the web answers."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def opened(plan: Plan) -> Iterator[Site]:
    """Start the database with its schemas, then build nothing; programs start with `start`."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with _small_disk(plan) as has_small_disk:
        cluster = _cluster(plan, has_small_disk=has_small_disk)
        cluster.start()
        proxies: list[Proxy] = []
        site = None
        try:
            site = _site(plan, cluster, proxies, has_small_disk=has_small_disk)
            yield site
        finally:
            _end(site, cluster, proxies)


def start(site: Site) -> None:
    """Start the programs and wait for every web to answer.

    Raises: TimeoutError.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not all(answers(address) for address in site.addresses):
        site.watch(0.2)
        if time.monotonic() > deadline:
            raise TimeoutError("the web does not answer; see the logs")


def amqp_do(act: str, names: Sequence[str]) -> None:
    """Purge or delete queues, by a connection of our own that passes no proxy."""
    connection = pika.BlockingConnection(pika.URLParameters(AMQP))
    try:
        for name in names:
            channel = connection.channel()
            with suppress(pika.exceptions.ChannelClosedByBroker):
                getattr(channel, act)(name)
    finally:
        connection.close()


def queue_names(site: Site) -> list[str]:
    """Name every queue of this run."""
    return [site.prefix + queue + end for queue in QUEUES for end in ("", ".DQ", ".XQ")]


def children_of(pid: int) -> list[int]:
    """List a process's children."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            text = stat.read_text()
            if int(text.rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def _cluster(plan: Plan, *, has_small_disk: bool) -> Cluster:
    options = dict(plan.database)
    if has_small_disk:
        options |= {"max_wal_size": "128MB", "min_wal_size": "80MB"}
    tcp = TcpAccess(master_key=MASTER_KEY) if plan.broker == "amqp" else None
    return Cluster(plan.folder / "pg", options=options, tcp=tcp)


def _site(plan: Plan, cluster: Cluster, proxies: list[Proxy], *, has_small_disk: bool) -> Site:
    auth = {"ROLLBOOK_DATABASE_AUTH": "scram", "ROLLBOOK_MASTER_KEY": MASTER_KEY}
    is_amqp = plan.broker == "amqp"
    point_to(cluster.url, plan.folder / "files", **(auth if is_amqp else {}))
    migrations.upgrade_registry()
    prefix = f"chaos_{uuid4().hex[:8]}_"
    env = {**os.environ, "ROLLBOOK_CHAOS": ",".join(plan.patches), "ROLLBOOK_WEB_WORKERS": "1"}
    env["ROLLBOOK_CHAOS_CLOCK"] = str(plan.folder / "clock")
    if is_amqp:
        broker, database = urlsplit(AMQP), urlsplit(cluster.url)
        proxies.append(Proxy(broker.hostname or "127.0.0.1", broker.port or 5672))
        proxies.append(Proxy("127.0.0.1", database.port or 5432))
        beat = f"&heartbeat={plan.heartbeat_seconds}" if plan.heartbeat_seconds else ""
        credentials = broker.netloc.rpartition("@")[0]
        netloc = f"{credentials}@127.0.0.1:{proxies[0].port}"
        query = f"queue_prefix={prefix}{beat}"
        env["ROLLBOOK_BROKER_URL"] = urlunsplit(broker._replace(netloc=netloc, query=query))
        netloc = f"127.0.0.1:{proxies[1].port}"
        env["ROLLBOOK_DATABASE_URL"] = urlunsplit(database._replace(netloc=netloc))
    site = Site(
        plan=plan,
        cluster=cluster,
        programs=[],
        addresses=[],
        broker_proxy=proxies[0] if is_amqp else None,
        database_proxy=proxies[1] if is_amqp else None,
        prefix=prefix,
        env=env,
        has_small_disk=has_small_disk,
    )
    for number, part in enumerate(PARTS[plan.broker]):
        _add(site, part, number)
    return site


def _add(site: Site, part: str, number: int) -> None:
    env = dict(site.env)
    if part == "web":
        port = free_port()
        site.addresses.append(f"http://127.0.0.1:{port}")
        env["ROLLBOOK_BIND"] = f"127.0.0.1:{port}"
    program = Program(
        name=f"{part}-{number}",
        command=[sys.executable, "-m", "tests.chaos.child", part],
        env=env,
        cwd=ROOT,
        log=site.plan.folder / f"{part}-{number}.log",
    )
    site.programs.append(program)


def _end(site: Site | None, cluster: Cluster, proxies: list[Proxy]) -> None:
    if site is not None:
        end_programs(site)
    pool().close()
    close_services()
    for proxy in proxies:
        proxy.stop()
    cluster.stop()
    if site is not None and site.plan.broker == "amqp":
        amqp_do("queue_delete", queue_names(site))
    settings.cache_clear()


def end_programs(site: Site) -> None:
    """Ask all programs to end, and insist after a while."""
    for program in site.programs:
        if program.child is not None:
            program.child.terminate()
    deadline = time.monotonic() + 10
    for program in site.programs:
        if program.child is not None:
            with suppress(subprocess.TimeoutExpired):
                program.child.wait(max(deadline - time.monotonic(), 0.1))
            kill_group(program.child.pid)
            program.child.wait(10)
            program.child = None


@contextmanager
def _small_disk(plan: Plan) -> Iterator[bool]:
    """Mount a disk that can be filled, where the system lets us."""
    place = plan.folder / "pg"
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0711", "rollbook", str(place)]
    is_mounted = False
    if plan.with_small_disk and os.geteuid() == 0:
        with suppress(OSError):
            is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(place)], check=False)


class Sampler(threading.Thread):
    """Looks at the job table all the time: who is late, and by how much."""

    LATE_SECONDS = 90

    def __init__(self, site: Site) -> None:
        super().__init__(name="sampler", daemon=True)
        self._site = site
        self._ended = threading.Event()
        self.late: dict[str, str] = {}
        self.worst_seconds = 0.0

    def run(self) -> None:
        """Look every other second, also past a database that is away."""
        while not self._ended.wait(2):
            with suppress(Exception), connect("app_dispatch") as connection:
                self._look(connection)

    def stop(self) -> None:
        """End."""
        self._ended.set()
        self.join(15)

    def _look(self, connection: object) -> None:
        rows = connection.execute(  # type: ignore[attr-defined]
            """
            SELECT id, kind, state, extract(epoch FROM now() - since)::float FROM (
                SELECT id, kind, state,
                    CASE WHEN state = 'queued' THEN run_at ELSE lease_until END AS since
                FROM ops.job WHERE state IN ('queued', 'sent', 'running')) j
            WHERE since < now() ORDER BY since LIMIT 50
            """
        ).fetchall()
        for job_id, kind, state, seconds in rows:
            self.worst_seconds = max(self.worst_seconds, seconds)
            if seconds > self.LATE_SECONDS:
                self.late[str(job_id)] = f"{kind} {state}, {seconds:.0f} s late"
