"""The harness is worth something only if it goes red when a promise is broken on purpose.

The smallest scene for each runs always; with ROLLBOOK_TEST_MUTATIONS=1 the whole harness too, with
processes, load and faults: a minute or two each.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import UNSAFE_BUT_FAST, Cluster
from shared.config import settings
from tenants import migrations
from tenants.logins import connect
from tenants.pool import pool
from tenants.services import close_services
from tenants.sessions import engine
from tests.chaos import invariants, patches, scenarios
from tests.chaos.test_chaos import run_bounded
from tests.conftest import point_to
from tests.factories.tenants import new_store
from tests.workers.conftest import need_amqp


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
        patches.late_publish(monkeypatch.setattr)
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


# mutation -> (the fault that shows it, what the violation begins with); jobs are slowed down, so
# that the fault strikes some in their midst. It needs a second worker, so RabbitMQ.
WHOLE = {"done_first": ("worker_killed", "I3"), "no_fence": ("worker_stopped", "I3")}


@pytest.mark.skipif(not os.environ.get("ROLLBOOK_TEST_MUTATIONS"), reason="takes minutes")
@pytest.mark.parametrize("mutation", WHOLE)
def test_the_whole_harness_goes_red(mutation: str, tmp_path: Path) -> None:
    need_amqp()
    fault, broken = WHOLE[mutation]
    tmp_path.chmod(0o711)
    command = [sys.executable, "-m", "tests.chaos", "--minutes", "0.5", "--only", fault]
    command += ["--broker", "amqp"]
    command += ["--tenants", "10", "--clients", "10", "--folder", str(tmp_path / "run")]
    status, said = run_bounded([*command, "--mutate", mutation, "drowsy"])
    assert status == 1, said
    assert f"    {broken} " in said, said
