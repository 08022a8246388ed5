"""Processes are kept, stopped in order, and never outlive us."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deploy.faults import Fault
from deploy.local import shim
from deploy.local.home import Home
from deploy.local.postgres import Cluster
from deploy.local.processes import Program, Supervisor
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class NoDatabase(Cluster):
    """A cluster that says it runs."""

    def is_running(self) -> bool:
        return True

    def stop(self) -> None:
        pass


def program(folder: Path, text: str, *, name: str = "worker") -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-c", text],
        env={"PATH": os.defpath},
        cwd=folder,
        log=folder / f"{name}.log",
        pause=0.0,
    )


def test_a_process_that_dies_is_started_again_and_its_words_are_shown(tmp_path: Path) -> None:
    kept = program(tmp_path, "print('I am ill', flush=True); raise SystemExit(3)")
    said: list[str] = []
    supervisor = Supervisor(NoDatabase(tmp_path), [kept], said.append)
    supervisor.start()
    first = kept.child
    assert first is not None
    first.wait(30)

    supervisor.look()  # sees the death
    supervisor.look()  # the pause of this test is nought

    try:
        assert "status 3" in said[0]
        assert "I am ill" in said[1]
        assert kept.child is not first
        assert kept.pause >= 0
    finally:
        supervisor.stop()


def test_a_process_that_does_not_even_start_is_told_with_its_words(tmp_path: Path) -> None:
    broken = program(tmp_path, "raise SystemExit('no such setting')")
    supervisor = Supervisor(NoDatabase(tmp_path), [broken], str)
    supervisor.start()
    assert broken.child is not None
    broken.child.wait(30)

    with pytest.raises(Fault, match="no such setting"):
        supervisor.insist()
    supervisor.stop()


def test_a_process_that_does_not_listen_is_ended_all_the_same(tmp_path: Path) -> None:
    text = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=1)"
    deaf = program(tmp_path, f"{text}; time.sleep(60)")
    deaf.stop_seconds = 0.2
    deaf.start()
    child = deaf.child
    assert child is not None
    until(lambda: deaf.log.read_text() != "")

    deaf.stop()

    assert child.returncode == -signal.SIGKILL


def test_children_end_with_a_killed_parent(tmp_path: Path) -> None:
    text = f"""
import pathlib, sys, time
from tests.deploy.test_processes import program
kept = program(pathlib.Path({str(tmp_path)!r}), "import time; time.sleep(60)")
kept.start()
print(kept.child.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until(lambda: not is_working(child))


def test_the_watcher_of_other_systems_ends_the_target_with_the_parent() -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    parent, target = subprocess.Popen(sleeping), subprocess.Popen(sleeping)
    watcher = threading.Thread(target=shim.watch, args=(signal.SIGTERM, parent.pid, target.pid))
    watcher.start()

    parent.kill()
    parent.wait(30)

    assert target.wait(30) == -signal.SIGTERM
    watcher.join(30)


def test_secrets_are_made_once_and_only_ours_to_read(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.make()

    first, second = home.settings(), Home(tmp_path / "data").settings()

    assert first == second
    assert len(first["ROLLBOOK_SECRET_KEY"]) >= 32
    assert (home.folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert home.logs.stat().st_mode & 0o777 == 0o700


def test_a_second_up_on_the_same_data_is_refused(tmp_path: Path) -> None:
    first, second = Home(tmp_path), Home(tmp_path)
    first.lock.take(refusal=Fault("not me"))
    with pytest.raises(Fault, match="the other one runs"):
        second.lock.take(refusal=Fault("the other one runs"))

    first.lock.release()

    second.lock.take(refusal=Fault("not any more"))
    second.lock.release()


def test_a_folder_that_is_not_ours_is_never_wiped(tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work")

    with pytest.raises(Fault, match="no data folder"):
        Home(tmp_path).wipe()

    assert precious.exists()


def test_wiping_leaves_nothing_of_ours(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make()
    home.settings()
    home.lock.take(refusal=Fault("not me"))

    home.wipe()

    assert [path.name for path in tmp_path.iterdir()] == ["up.lock"]
    home.lock.release()


def is_working(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return shim.is_alive(pid) if not Path("/proc/self").exists() else False
    return state != "Z"
