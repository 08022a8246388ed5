"""`up` as a person runs it: started, killed, started again, stopped."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import ports
from tests.deploy.test_processes import is_working
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
ENV = {name: value for name, value in os.environ.items() if not name.startswith("ROLLBOOK_")}


class Up:
    """One `up` in a process of its own."""

    def __init__(self, data: Path, port: int) -> None:
        self.port = port
        self.output = data.parent / "said"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command(data, port), cwd=ROOT, env=ENV, stdout=output, stderr=output
            )

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.output.read_text()
        return "Ctrl-C stops it" in self.output.read_text()

    def children(self) -> list[int]:
        """List its processes by asking the kernel."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]


def command(data: Path, port: int) -> list[str]:
    options = ["--no-demo", "--port", str(port), "--data", str(data)]
    return [sys.executable, "-m", "deploy.cli", "up", *options]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    started = Up(tmp_path / "data", ports.free_port())
    until(started.is_ready, patience=60)
    yield started
    started.process.kill()
    started.process.wait(30)


def test_up_answers_and_a_second_one_on_its_data_is_refused(up: Up, tmp_path: Path) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/healthz", timeout=10) as answer:
        assert answer.status == 200

    second = subprocess.run(
        command(tmp_path / "data", ports.free_port()),
        cwd=ROOT,
        env=ENV,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert "another ./rollbook up is running" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_ctrl_c_leaves_no_process_behind(up: Up) -> None:
    children = up.children()
    assert len(children) == 3

    up.process.send_signal(signal.SIGINT)

    assert up.process.wait(60) == 0
    assert not any(is_working(pid) for pid in children)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_after_a_kill_it_starts_again_cleanly(up: Up, tmp_path: Path) -> None:
    children = up.children()
    up.process.kill()
    up.process.wait(30)

    again = Up(tmp_path / "data", up.port)
    try:
        until(again.is_ready, patience=60)
        until(lambda: not any(is_working(pid) for pid in children), patience=60)
    finally:
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(60) == 0


def test_a_taken_port_is_told_with_another_to_try(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = subprocess.run(
            command(tmp_path / "data", port),
            cwd=ROOT,
            env=ENV,
            capture_output=True,
            text=True,
            check=False,
        )
    assert said.returncode == 1
    assert f"--port {port + 1}" in said.stderr
    assert "Traceback" not in said.stderr
