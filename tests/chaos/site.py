"""The processes under test, kept running: database, proxies, web, dispatcher, clock, workers.

They end with the thread that started them, so one thread starts, looks and ends: the run's own.
The broker is a node of our own where RabbitMQ is installed; else the shared one, behind a proxy.
"""

import os
import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pika

from deploy.faults import Fault
from deploy.local import binaries
from deploy.local.ports import free_port
from deploy.local.postgres import Cluster, TcpAccess
from deploy.local.processes import FIRST_PAUSE, Program
from shared.config import settings
from tenants import migrations
from tenants.logins import connect
from tenants.pool import pool
from tenants.services import close_services
from tests.chaos import rabbit
from tests.chaos.nursery import Child, Nursery
from tests.chaos.proxy import Proxy
from tests.conftest import point_to
from workers.broker import QUEUES

ROOT = Path(__file__).parents[2]
AMQP = os.environ.get("ROLLBOOK_TEST_AMQP", "amqp://guest:guest@127.0.0.1:5672/")
MASTER_KEY = "a master key of the harness, long enough"
READY_SECONDS = 90
DISK_MB = 1500
DEEDS = {"sell": 70, "import": 6, "compute": 4, "repeat": 8, "read": 8}
PARTS = {
    "stub": ("web", "all"),
    "amqp": ("web", "web", "dispatcher", "dispatcher", "clock", "worker", "worker"),
}
# What every process of a run is changed by, and in which order: a mutation stands around the
# waypoints and inside the note that tells how often a job had its effect.
BEFORE, AFTER = ("quick", "stepped_clock", "waypoints"), ("note_effects",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run is made of."""

    folder: Path
    broker: str  # stub or amqp
    parts: tuple[str, ...] = ()  # processes; none: all that the broker needs, twice where possible
    seed: str
    seconds: float
    tenants: int = 40
    clients: int = 30
    pause_seconds: float | None = None  # of a client; None: some fifty requests a second in all
    deeds: Mapping[str, int] = field(default_factory=lambda: DEEDS)  # what they do, how often
    script: tuple[Callable[["Site", random.Random], str], ...] = ()  # these first, in their order
    settle_seconds: float = 150.0
    mutations: tuple[str, ...] = ()  # promises that the processes break on purpose
    with_membership: bool = False  # mutation: one store's login is a member of another's
    with_loud_bell: bool = False  # mutation: the database's bell may be rung, with words
    database: dict[str, str] = field(default_factory=dict)
    heartbeat_seconds: int | None = None  # AMQP's; None is the product's own
    only: tuple[str, ...] = ()  # names of faults; none: all
    with_small_disk: bool = True
    with_own_broker: bool = True


@dataclass(slots=True, kw_only=True)
class Site:
    """What runs."""

    plan: Plan
    nursery: Nursery
    cluster: Cluster
    broker: rabbit.Node | None  # one of our own
    amqp: str  # the broker, past the proxy
    has_small_disk: bool
    programs: list[Program] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    broker_proxy: Proxy | None = None
    database_proxy: Proxy | None = None
    prefix: str = field(default_factory=lambda: f"chaos_{uuid4().hex[:8]}_")
    env: dict[str, str] = field(default_factory=dict)
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

    def spawn(self, part: str, *rest: str) -> Child:
        """Start one more process that is not kept running; speaks to the database directly."""
        env = {**self.env, "ROLLBOOK_DATABASE_URL": self.cluster.url}
        log = self.plan.folder / f"{part}.log"
        return self.nursery.bear([part, *rest], env=env, cwd=ROOT, log=log)


@dataclass(slots=True, kw_only=True)
class Kept(Program):
    """A program of the nursery."""

    nursery: Nursery

    def start(self) -> None:
        """Start it; its words go to its log."""
        self.child = self.nursery.bear(self.command, env=self.env, cwd=self.cwd, log=self.log)  # type: ignore[assignment]
        self.started_at = time.monotonic()
        self.restart_at = None


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
def opened(plan: Plan, nursery: Nursery) -> Iterator[Site]:
    """Start the database with its schemas, then build nothing; programs start with `start`."""
    for name in ("ambush", "clocks"):
        (plan.folder / name).mkdir(parents=True, exist_ok=True)
    with _small_disk(plan) as has_small_disk, _own_broker(plan) as broker:
        cluster = _cluster(plan, has_small_disk=has_small_disk)
        site = Site(
            plan=plan,
            nursery=nursery,
            cluster=cluster,
            broker=broker,
            amqp=broker.url if broker else AMQP,
            has_small_disk=has_small_disk,
        )
        cluster.start()
        try:
            _prepare(site)
            yield site
        finally:
            _end(site)


def start(site: Site) -> None:
    """Start the programs and wait for every web to answer.

    Raises: TimeoutError.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not all(answers(address) for address in site.addresses):
        site.watch(0.2)
        if time.monotonic() > deadline:
            raise TimeoutError("the web does not answer; see the logs")


def is_busy() -> bool:
    """Say whether any job or letter is on its way, or will be within minutes.

    Raises: psycopg.Error, Unavailable.
    """
    with connect("app_dispatch") as connection:
        row = connection.execute(
            """
            SELECT EXISTS (SELECT FROM ops.letter WHERE delivered_at IS NULL) OR EXISTS (
                SELECT FROM ops.job WHERE state IN ('sent', 'running')
                    OR (state = 'queued' AND run_at < now() + interval '20 minutes'))
            """
        ).fetchone()
    return bool(row and row[0])


def amqp_do(site: Site, act: str, names: Sequence[str]) -> None:
    """Purge or delete queues, by a connection of our own that passes no proxy."""
    connection = pika.BlockingConnection(pika.URLParameters(site.amqp))
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


class LoudCluster(Cluster):
    """Mutation: whoever listens hears what others notify, so what they say with it."""

    def _bootstrap_if_changed(
        self, programs: binaries.Programs, data: Path, sql: Sequence[str]
    ) -> None:
        opened = "GRANT EXECUTE ON FUNCTION pg_notify(text, text) TO PUBLIC"
        super()._bootstrap_if_changed(programs, data, [*sql, opened])


def _cluster(plan: Plan, *, has_small_disk: bool) -> Cluster:
    # as deploy/postgresql has it: each process keeps up to 40, and the half-dead ones linger
    options = {"max_connections": "400", **plan.database}
    if has_small_disk:
        options |= {"max_wal_size": "128MB", "min_wal_size": "80MB"}
    tcp = TcpAccess(master_key=MASTER_KEY) if plan.broker == "amqp" else None
    kind = LoudCluster if plan.with_loud_bell else Cluster
    return kind(plan.folder / "pg", options=options, tcp=tcp)


def _prepare(site: Site) -> None:
    plan, url = site.plan, site.cluster.url
    auth = {"ROLLBOOK_DATABASE_AUTH": "scram", "ROLLBOOK_MASTER_KEY": MASTER_KEY}
    is_amqp = plan.broker == "amqp"
    point_to(url, plan.folder / "files", **(auth if is_amqp else {}))
    migrations.upgrade_registry()
    site.env = {
        **os.environ,
        "ROLLBOOK_CHAOS": ",".join((*BEFORE, *plan.mutations, *AFTER)),
        "ROLLBOOK_CHAOS_CLOCKS": str(plan.folder / "clocks"),
        "ROLLBOOK_CHAOS_AMBUSH": str(plan.folder / "ambush"),
        "ROLLBOOK_WEB_WORKERS": "1",
    }
    if is_amqp:
        broker, database = urlsplit(site.amqp), urlsplit(url)
        site.broker_proxy = Proxy(broker.hostname or "127.0.0.1", broker.port or 5672)
        site.database_proxy = Proxy("127.0.0.1", database.port or 5432)
        beat = f"&heartbeat={plan.heartbeat_seconds}" if plan.heartbeat_seconds else ""
        credentials = broker.netloc.rpartition("@")[0]
        netloc = f"{credentials}@127.0.0.1:{site.broker_proxy.port}"
        query = f"queue_prefix={site.prefix}{beat}"
        site.env["ROLLBOOK_BROKER_URL"] = urlunsplit(broker._replace(netloc=netloc, query=query))
        netloc = f"127.0.0.1:{site.database_proxy.port}"
        site.env["ROLLBOOK_DATABASE_URL"] = urlunsplit(database._replace(netloc=netloc))
    for number, part in enumerate(plan.parts or PARTS[plan.broker]):
        _add(site, part, number)


def _add(site: Site, part: str, number: int) -> None:
    env = dict(site.env)
    if part == "web":
        port = free_port()
        site.addresses.append(f"http://127.0.0.1:{port}")
        env["ROLLBOOK_BIND"] = f"127.0.0.1:{port}"
    program = Kept(
        name=f"{part}-{number}",
        command=[part],
        env=env,
        cwd=ROOT,
        log=site.plan.folder / f"{part}-{number}.log",
        nursery=site.nursery,
    )
    site.programs.append(program)


def _end(site: Site) -> None:
    end_programs(site)
    pool().close()
    close_services()
    for proxy in (site.broker_proxy, site.database_proxy):
        if proxy:
            proxy.stop()
    site.cluster.stop()
    if site.plan.broker == "amqp" and not site.broker:
        amqp_do(site, "queue_delete", queue_names(site))
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
def _own_broker(plan: Plan) -> Iterator[rabbit.Node | None]:
    if plan.broker == "amqp" and plan.with_own_broker and rabbit.is_installed():
        with rabbit.running(plan.folder / "rabbit") as node:
            yield node
    else:
        yield None


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
