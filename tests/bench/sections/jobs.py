"""Jobs that do nothing, through RabbitMQ: ours beside celery's prefork with late acks, and pika.

Two processes each; ours of eight threads. First all messages are sent, then the workers start; the
rate is that of the middle nine tenths. "With its row" is the product whole: a dispatcher marks due
rows and rings, a worker reads the tenant, claims the row under its login, does nothing, finishes
the row in a second transaction. The bell alone is the same broker, queue and worker without rows.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from shared.config import settings
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.services import service
from tests.bench import marks, processes, town
from tests.bench.figures import Line, Samples, Skipped, interleaved, share_of
from tests.bench.noop import Nothing
from tests.bench.servers import ROOT, our_server
from tests.bench.sizes import Sizes
from workers.broker import Bell
from workers.dispatcher import Dispatcher
from workers.rows import write_job
from workers.wiring import make_broker

PEERS = ("celery",)
LONGEST_SECONDS = 120
OURS = [sys.executable, "-m", "tests.bench.noop"]
RAW = [sys.executable, "-m", "tests.bench.peers.raw"]
TASKS = [sys.executable, "-m", "tests.bench.peers.tasks"]
CELERY = [sys.executable, "-m", "celery", "-A", "tests.bench.peers.tasks:app"]
WORKER = [*CELERY, "worker", "-c", "2", "-l", "error", "--without-gossip", "--without-mingle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How somebody sends and takes messages."""

    send: list[str]
    hear: list[list[str]]


WAYS = {
    "bell": Way(send=[*OURS, "ring"], hear=[[*OURS, "hear"]] * 2),
    "celery": Way(send=TASKS, hear=[WORKER]),
    "pika": Way(send=RAW, hear=[[*RAW, "hear"]] * 2),
}


def measure(sizes: Sizes) -> Iterator[Line | Skipped]:
    """Take and send in turn; without celery, beside pika alone."""
    has_celery = importlib.util.find_spec("celery") is not None
    if not has_celery:
        yield Skipped(key="jobs beside celery", why="not installed: celery")
    names = [name for name in WAYS if name != "celery" or has_celery]
    with processes.broker_settings(or_embedded=False) as given, our_server(sizes, **given):
        tenants = town.new_stores(sizes.job_tenants)
        taking: dict[str, Callable[[], float]] = {
            name: lambda name=name: _taken(WAYS[name], sizes)  # type: ignore[misc]
            for name in names
        }
        taking["rows"] = lambda: _with_rows(sizes, tenants)
        took = interleaved(taking, sizes.job_rounds)
        count = sizes.fan_out
        _fake_tenants(count)
        sending: dict[str, Callable[[], float]] = {
            name: lambda name=name: count / _sent(WAYS[name], count, is_confirmed=True)  # type: ignore[misc]
            for name in names
        }
        sending["pika, not confirmed"] = lambda: (
            count / _sent(WAYS["pika"], count, is_confirmed=False)
        )
        sending["dispatcher"] = lambda: _dispatched(count)
        sent = interleaved(sending, sizes.job_rounds)
        processes.delete([processes.prefix() + "peer"])
        _forget_fakes()
    if has_celery:
        yield from _beside_celery(took, sent, count)
    yield from _beside_pika(took, sent, count)


def _beside_celery(
    took: dict[str, Samples], sent: dict[str, Samples], count: int
) -> Iterator[Line]:
    rate = {"unit": "/s", "beside_is": "celery prefork, late acks"}
    cost = [1e6 / rows - 1e6 / bell for rows, bell in zip(took["rows"], took["bell"], strict=True)]
    yield share_of(
        "jobs.bell", "no-op jobs by the bell alone", (took["bell"], took["celery"]), **rate
    )
    yield share_of(
        "jobs.with_row",
        "no-op jobs with their rows: marked, claimed, finished",
        (took["rows"], took["celery"]),
        **rate,
        note=f"a row costs {sorted(cost)[len(cost) // 2]:.0f} µs of both processors a job",
    )
    yield share_of(
        "jobs.fan_out",
        f"a job row due in each of {count:,} stores: marked, rung, confirmed",
        (sent["dispatcher"], sent["celery"]),
        unit="/s",
        beside_is="celery with confirms, no rows",
    )


def _beside_pika(took: dict[str, Samples], sent: dict[str, Samples], count: int) -> Iterator[Line]:
    yield share_of(
        "jobs.bell_beside_pika",
        "no-op jobs by the bell alone",
        (took["bell"], took["pika"]),
        unit="/s",
        beside_is="two raw pika consumers",
    )
    for name in ("pika", "pika, not confirmed"):
        yield share_of(
            f"jobs.fan_out_beside_{'confirmed' if name == 'pika' else 'unconfirmed'}_pika",
            f"{count:,} due rows marked, rung, confirmed",
            (sent["dispatcher"], sent[name]),
            unit="/s",
            beside_is="raw " + ("pika, a confirm each" if name == "pika" else name),
        )


def _env(folder: str) -> dict[str, str]:
    return {
        **os.environ,
        "BENCH_MARKS": folder,
        "BENCH_AMQP": processes.AMQP,
        "BENCH_QUEUE": processes.prefix() + "peer",
    }


def _sent(way: Way, count: int, *, is_confirmed: bool, folder: str = "") -> float:
    env = _env(folder) | ({"BENCH_CONFIRM": "1"} if is_confirmed else {})
    done = subprocess.run(
        [*way.send, str(count)], env=env, cwd=ROOT, check=True, capture_output=True, text=True
    )
    if not folder:  # nobody is going to hear these
        processes.purge([processes.prefix() + name for name in ("now", "peer")])
    return float(done.stdout.split()[-1])


def _taken(way: Way, sizes: Sizes) -> float:
    count = sizes.jobs
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        _sent(way, count, is_confirmed=False, folder=folder)
        for command in way.hear[: 1 if sizes.is_small else None]:
            running.enter_context(processes.kept(command, _env(folder)))
        _until(lambda: marks.count(Path(folder)) >= count)
        return marks.middle_rate(marks.moments(Path(folder)))


def _with_rows(sizes: Sizes, tenants: list[Tenant]) -> float:
    with service("app_dispatch") as connection, connection.pipeline():
        for number in range(sizes.jobs):
            write_job(connection, tenants[number % len(tenants)].name, Nothing())
    with processes.workers(sizes, "tests.bench.noop"):
        _until(lambda: _unfinished() == 0)
    with service("app_dispatch") as connection:
        found = connection.execute(
            "DELETE FROM ops.job RETURNING extract(epoch FROM finished_at)::float8 AS moment"
        ).fetchall()
    return marks.middle_rate(sorted(row["moment"] for row in found))


def _unfinished() -> int:
    with service("app_dispatch") as connection:
        row = connection.execute(
            "SELECT count(*) AS left FROM ops.job WHERE state IN ('queued', 'sent', 'running')"
        ).fetchone()
    return int(row["left"]) if row else 0


def _fake_tenants(count: int) -> None:
    """Write stores into the registry that have no schema: ringing needs none."""
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(
            "INSERT INTO registry.tenants (name, slug, kind, display_name, code, time_zone, "
            "day_change_hour, currency, version, hq_version, created_at) "
            "SELECT 't_fake' || lpad(n::text, 6, '0'), 'fake-' || n, t.kind, 'x', '001', "
            "t.time_zone, t.day_change_hour, t.currency, t.version, t.hq_version, now() "
            "FROM generate_series(1, %s) n, "
            "(SELECT * FROM registry.tenants WHERE kind = 'store' LIMIT 1) t",
            [count],
        )


def _forget_fakes() -> None:
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute("DELETE FROM registry.tenants WHERE name LIKE 't\\_fake%'")


def _dispatched(count: int) -> float:
    with service("app_dispatch") as connection, connection.pipeline():
        for number in range(count):
            write_job(connection, f"t_fake{number + 1:06d}", Nothing())
    broker = make_broker()
    dispatcher = Dispatcher(Bell(broker, settings()))
    began = time.perf_counter()
    while dispatcher.step():
        pass
    took = time.perf_counter() - began
    broker.close()
    with service("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.job")
    processes.purge([processes.prefix() + "now"])
    return count / took


def _until(is_done: Callable[[], bool]) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not is_done():
        if time.monotonic() > until:
            raise TimeoutError("not all jobs ran")
        time.sleep(0.1)
