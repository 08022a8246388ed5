"""Real processes: killed with -9 in the middle, told to stop, started in the wrong mode."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local.postgres import Cluster
from tenants.logins import connect
from tenants.registry import Tenant
from tests.waiting import until
from tests.workers import kinds
from tests.workers.conftest import (
    Rig,
    ask,
    broker_settings,
    jobs,
    marks,
    need_amqp,
    queues_removed,
    run_out,
    states,
)
from workers.sweeper import sweep

ROOT = Path(__file__).parents[2]
ALL = [
    sys.executable,
    "-c",
    "import sys; import tests.workers.kinds; from workers.run import main; sys.exit(main())",
    "all",
    "--threads=2",
]
WORKERS = [
    sys.executable,
    "-m",
    "dramatiq",
    "workers.main",
    "tests.workers.kinds",
    "--processes=1",
    "--threads=2",
]


@pytest.fixture(autouse=True)
def _nothing_else_to_do(cluster: Cluster) -> None:
    with connect("app_dispatch") as connection:
        connection.execute("DELETE FROM ops.job")
        connection.execute("DELETE FROM ops.clock")
        connection.execute("UPDATE ops.letter SET delivered_at = now() WHERE delivered_at IS NULL")


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a group of its own and leave none of it behind."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stderr=output,
            stdout=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children at once, as a power cut would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def test_everything_in_one_process_survives_kill_9(shop: Tenant, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(ALL, log) as first:
        ask(shop, kinds.Write(mark=1), kinds.Linger(mark=2, seconds=1))
        until(lambda: sorted(states(shop)) == ["done", "running"], "in the middle of the second")
        kill(first)
    assert marks(shop) == [1]

    with running(ALL, log) as second:  # no lease need run out: it was alone
        until(lambda: states(shop) == ["done", "done"], "both done")
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0

    assert marks(shop) == [1, 2]
    assert sorted(row.attempt for row in jobs(shop)) == [1, 2]
    assert '"outcome": "done"' in log.read_text()


def test_a_worker_of_the_server_mode_killed_in_the_middle_is_replaced(
    shop: Tenant, tmp_path: Path
) -> None:
    need_amqp()
    settings = broker_settings("amqp")
    with queues_removed(settings):
        rig = Rig(settings)  # its worker stays off: the dispatcher's side only
        environment = {"ROLLBOOK_BROKER_URL": settings.broker_url}
        ask(shop, kinds.Linger(mark=1, seconds=1), kinds.Write(mark=2))
        with running(WORKERS, tmp_path / "log", **environment) as first:
            rig.dispatch(shop)
            until(lambda: sorted(states(shop)) == ["done", "running"], "in the middle")
            kill(first)
        assert marks(shop) == [2]

        with running(WORKERS, tmp_path / "log", **environment) as second:
            run_out(shop)
            sweep()
            rig.settle(shop)
            second.send_signal(signal.SIGTERM)
            assert second.wait(20) == 0
        rig.broker.close()

    assert marks(shop) == [1, 2]


def test_a_job_that_kills_its_process_each_time_is_dead_in_the_end(
    shop: Tenant, tmp_path: Path
) -> None:
    ask(shop, kinds.Fail(how="exit"))

    for attempt in range(1, 5):
        with running(ALL, tmp_path / "log") as process:
            assert process.wait(20) == 9
        assert jobs(shop)[0].attempt == attempt
    ask(shop, kinds.Write(mark=1))
    with running(ALL, tmp_path / "log"):
        until(lambda: sorted(states(shop)) == ["dead", "done"], "given up")

    assert marks(shop) == [1]


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "workers.run", "worker"],
        [sys.executable, "-m", "workers.run", "dispatcher"],
        [sys.executable, "-c", "import workers.main"],
    ],
)
def test_the_in_process_broker_cannot_be_split(
    command: list[str], shop: Tenant, tmp_path: Path
) -> None:
    with running(command, tmp_path / "log") as process:
        assert process.wait(20) != 0
    assert "stub://" in (tmp_path / "log").read_text()
