"""The short form of the harness on both brokers; `python -m tests.chaos` runs it for hours.

With ROLLBOOK_CHAOS_SECONDS other seconds of faults than twelve, with ROLLBOOK_CHAOS_SEED an
earlier run's choices.
"""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.chaos import rabbit
from tests.workers.conftest import need_amqp

ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("ROLLBOOK_CHAOS_SECONDS", "12"))
MOST_SECONDS = SECONDS + 270  # start, healing and questions on a busy machine


@pytest.mark.parametrize("broker", ["stub", "amqp"])
def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(broker: str) -> None:
    if broker == "amqp":
        need_broker()
    seed = os.environ.get("ROLLBOOK_CHAOS_SEED") or secrets.token_hex(4)
    given = ["--broker", broker, "--seed", seed, "--minutes", f"{SECONDS / 60:.3f}"]
    with tempfile.TemporaryDirectory(prefix="rollbook-chaos-") as folder:
        Path(folder).chmod(0o711)  # the database's account passes through
        command = [sys.executable, "-m", "tests.chaos", *given]
        command += ["--tenants", "10", "--clients", "8", "--heartbeat", "4"]
        status, said = run_bounded([*command, "--folder", folder])
    assert status == 0, said


def need_broker() -> None:
    """Skip, or fail in CI, where there is neither a RabbitMQ to start nor one that runs."""
    if not rabbit.is_installed():
        need_amqp()


def run_bounded(command: list[str]) -> tuple[int, str]:
    """Run a command that ends in time, or is ended; its own children end with it."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
        try:
            said, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
        return -1, f"not over after {MOST_SECONDS:.0f} s\n{said}"
    return process.returncode, said
