"""The harness is worth something only if it goes red when a promise is broken on purpose.

Each mutation in its smallest scene; and in the whole harness, with processes, load and the stroke
that hits it each time.
"""

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.local.postgres import UNSAFE_BUT_FAST, Cluster
from shared.config import settings
from tenants import migrations
from tenants.logins import connect
from tenants.pool import pool
from tenants.services import close_services
from tenants.sessions import engine
from tests.chaos import invariants, patches, scenarios
from tests.chaos.gate import PROOFS
from tests.chaos.test_chaos import ROOT, need_broker
from tests.conftest import point_to
from tests.factories.tenants import new_store

MOST_SECONDS = 240  # of one run, on a machine that has more to do


@pytest.mark.usefixtures("cluster")
class TestOfTheJobs:
    """Mutations (a), (c) and (e)."""

    def test_without_the_fence_a_sleeper_doubles_its_effect(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert scenarios.a_worker_sleeps_past_its_lease() == []
        patches.no_fence(monkeypatch.setattr)
        assert scenarios.a_worker_sleeps_past_its_lease() != []

    def test_an_attempt_counted_with_the_work_is_never_counted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert scenarios.a_job_kills_its_worker_each_time(monkeypatch) == []
        patches.uncounted(monkeypatch.setattr)
        assert scenarios.a_job_kills_its_worker_each_time(monkeypatch) != []

    def test_a_job_called_done_before_its_work_is_lost(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert scenarios.a_worker_dies_in_the_midst(monkeypatch) == []
        patches.done_first(monkeypatch.setattr)
        assert scenarios.a_worker_dies_in_the_midst(monkeypatch) != []

    def test_a_job_written_in_another_transaction_outlives_its_reason(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert scenarios.a_sale_is_rolled_back() == []
        patches.early_publish(monkeypatch.setattr)
        assert scenarios.a_sale_is_rolled_back() != []


@pytest.mark.usefixtures("cluster")
def test_a_membership_granted_is_a_hole_in_the_wall() -> None:
    one, other = new_store(), new_store()
    assert invariants.wall() == []
    with connect("app_provision", autocommit=True) as connection:
        connection.execute(f"GRANT {other.name} TO {one.name} WITH INHERIT TRUE, SET FALSE")
        found = invariants.wall()
        connection.execute(f"REVOKE {other.name} FROM {one.name}")
    assert found != []
    assert invariants.wall() == []


@pytest.fixture
def own_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster that may crash, this process its client; the other one is left as it was."""
    for name in ("ROLLBOOK_DATABASE_URL", "ROLLBOOK_DATABASE_AUTH", "ROLLBOOK_SECRET_KEY"):
        monkeypatch.setenv(name, "")  # so that the end puts it back
    for name in ("ROLLBOOK_DATA", "ROLLBOOK_BROKER_URL"):
        monkeypatch.setenv(name, "")
    # fsync off: what the system has survives us; what only the server's memory has does not
    options = {**UNSAFE_BUT_FAST, "synchronous_commit": "on"}
    with Cluster.throwaway(options=options) as cluster:
        point_to(cluster.url, tmp_path)
        migrations.upgrade_registry()
        yield cluster
        _forget()
    monkeypatch.undo()
    _forget()


def test_an_asynchronous_commit_loses_what_was_acknowledged(
    own_cluster: Cluster, tmp_path: Path
) -> None:
    one, other = new_store(), new_store()
    assert scenarios.sales_until_the_database_dies(own_cluster, one, tmp_path / "on") == []
    own_cluster.options |= {"synchronous_commit": "off", "wal_writer_delay": "10s"}
    scenarios.crash(own_cluster)
    assert scenarios.sales_until_the_database_dies(own_cluster, other, tmp_path / "off") != []


def _forget() -> None:
    pool().close()
    close_services()
    for cache in (pool, engine, settings):
        cache.cache_clear()


class Gate:
    """Asks for runs, and does not wait for ever."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def report_on(self, name: str) -> dict[str, Any]:
        """Run a mutation, or by a broker's name the product as it is."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        answered, _, _ = select.select([self._process.stdout], [], [], MOST_SECONDS)
        if not answered:
            self._process.kill()
            pytest.fail(f"{name} is not over after {MOST_SECONDS} s")
        report: dict[str, Any] = json.loads(self._process.stdout.readline())
        sys.stdout.write(report["text"])
        return report


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    """The process that runs the whole harness for us, time and again."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.gate"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Gate(process)
        finally:
            if process.stdin:
                process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()  # whatever it started ends with it


@pytest.mark.parametrize("name", PROOFS)
def test_a_broken_promise_turns_the_whole_harness_red(gate: Gate, name: str) -> None:
    proof = PROOFS[name]
    if proof.broker == "amqp":
        need_broker()
    report = gate.report_on(name)
    broken = [line for line in report["violations"] if line.startswith(proof.broken)]
    assert broken, report["text"]


@pytest.mark.parametrize("broker", ["stub", "amqp"])
def test_the_same_strokes_leave_the_product_whole(gate: Gate, broker: str) -> None:
    if broker == "amqp":
        need_broker()
    report = gate.report_on(broker)
    assert report["violations"] == [], report["text"]
    assert not [line for line in report["faults"] if "nobody came by" in line], report["text"]
