"""What a worker process tells a monitor, and that a request's number reaches its jobs."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families as families

from deploy.local import ports
from shared.config import settings
from shared.errors import Unavailable
from tenants import script
from tenants.registry import Tenant
from tests.workers import kinds
from tests.workers.conftest import ask, jobs
from workers import census, endpoint, metrics
from workers.endpoint import Endpoint
from workers.loop import Loop
from workers.testing import drain


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch, *loops: Loop) -> Iterator[Callable[[str], str]]:
    """Serve one process's words; gives a way to ask for them."""
    port = ports.free_port()
    here = replace(settings(), worker_listen=f"127.0.0.1:{port}")
    monkeypatch.setattr(endpoint, "settings", lambda: here)
    served = Endpoint(loops=loops)

    def ask_for(path: str) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return f"{answer.status} {answer.read().decode()}"
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code} {error.read().decode()}"

    try:
        yield ask_for
    finally:
        served.close()


def census_of(name: str) -> dict[tuple[str, ...], float]:
    """Count now: label values, in the order of their labels' names -> value."""
    registry = CollectorRegistry()
    registry.register(census.Census())
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in families(generate_latest(registry).decode())
        for sample in family.samples
        if sample.name == name
    }


def test_a_worker_tells_that_it_lives_and_what_it_counted(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(shop, kinds.Write(mark=1))
    before = metrics.RUNS.labels("test.write", "done")._value.get()
    drain(shop)
    loop = Loop("going", lambda: False, pause_seconds=0.01)

    with listening(monkeypatch, loop) as ask_for:
        assert ask_for("/healthz").startswith("200 ")
        ready = ask_for("/readyz")
        told = ask_for("/metrics")
        assert ask_for("/elsewhere").startswith("404 ")
        loop.stop()
        assert ask_for("/healthz").startswith("503 ")

    assert ready.startswith("200 ")
    parts = json.loads(ready.removeprefix("200 "))["parts"]
    assert (parts["database"], parts["registry"], parts["going"]) == ("ok", "ok", "ok")
    done = f'rollbook_job_runs_total{{kind="test.write",outcome="done"}} {before + 1}'
    assert done in told
    assert shop.name not in told
    assert shop.slug not in told


def test_a_loop_that_gets_nowhere_is_not_ready(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LATE_SECONDS", -1.0)
    loop = Loop("stuck", lambda: False, pause_seconds=60)
    with listening(monkeypatch, loop) as ask_for:
        assert ask_for("/readyz").startswith("503 ")
    loop.stop()


def test_processes_with_one_setting_take_a_port_each(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(monkeypatch) as first:
        second = Endpoint()
        assert first("/healthz").startswith("200 ")
        second.close()


def test_without_the_setting_nothing_listens(shop: Tenant) -> None:
    assert settings().worker_listen == ""
    Endpoint().close()


def test_the_census_counts_jobs_and_tenants_and_names_none(shop: Tenant) -> None:
    before = census_of("rollbook_jobs").get(("now", "queued"), 0)

    ask(shop, *(kinds.Write(mark=n) for n in range(3)))

    assert census_of("rollbook_jobs")[("now", "queued")] == before + 3
    assert census_of("rollbook_jobs_oldest_seconds")[("now", "queued")] >= 0
    assert census_of("rollbook_tenants")[("", "store", "active", script.head("tenant"))] >= 1
    assert census_of("rollbook_database_up") == {(): 1}
    drain(shop)


def test_the_census_of_a_database_that_is_away_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(login: str) -> None:
        raise Unavailable

    monkeypatch.setattr(census, "service", away)
    assert census_of("rollbook_database_up") == {(): 0}
    assert census_of("rollbook_jobs") == {}


def test_a_job_carries_the_number_of_the_request_that_asked(
    shop: Tenant,
) -> None:
    with structlog.contextvars.bound_contextvars(request_id="5f0c"):
        ask(shop, kinds.Write(mark=1))
    assert jobs(shop)[0].request_id == "5f0c"

    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        drain(shop)

    (ended,) = [line for line in lines if line["event"] == "job"]
    assert ended["request_id"] == "5f0c"
