"""The sweep for canaries can fail: each planted leak is found by the part that must find it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from flask import abort, make_response
from prometheus_client import REGISTRY, Gauge

from deploy.local.postgres import Cluster
from tenants import pool
from tenants.logins import connect, conninfo
from tenants.moving import exporting
from tests.tenancy import canaries, sweep
from tests.tenancy.sweep import Sweep, Town
from web import tenancy
from web.app import App


@pytest.fixture(scope="module")
def town(app: App) -> Town:
    return sweep.settle(app)


# Each plants a leak; the part of the sweep that must find it.
Plant = Callable[[pytest.MonkeyPatch, App, Town], None]


def _in_every_view(monkeypatch: pytest.MonkeyPatch, app: App, act: Callable[[], Any]) -> None:
    for endpoint, view in list(app.view_functions.items()):
        leaky = lambda **_: act()  # noqa: E731
        leaky.__access__ = view.__access__  # type: ignore[attr-defined]
        monkeypatch.setitem(app.view_functions, endpoint, leaky)


def _foreign_text(town: Town) -> str:
    return str(canaries.rows_of(town.people[3].nest.tenant)["customers"])


def a_view_answers_with_anothers_rows(
    monkeypatch: pytest.MonkeyPatch, app: App, town: Town
) -> None:
    text = _foreign_text(town)
    _in_every_view(monkeypatch, app, lambda: text)


def a_header_tells(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    text = _foreign_text(town)
    _in_every_view(monkeypatch, app, lambda: ("", 200, {"X-Debug": text}))


def the_wrong_tenant_is_entered(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    real, other = tenancy.enter, town.people[3].nest.tenant
    monkeypatch.setattr(tenancy, "enter", lambda tenant, *, now: real(other, now=now))


def the_wrong_login_is_lent(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    other = town.people[3].nest.tenant.name
    monkeypatch.setattr(
        pool,
        "conninfo",
        lambda name, options: conninfo(other, options=options.replace(name, other)),
    )
    monkeypatch.setattr(tenancy, "check_connection", lambda session: None)
    pool.pool().close()


def an_error_shows_its_text(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    text = _foreign_text(town)

    def act() -> None:
        try:
            raise RuntimeError(text)
        except RuntimeError as error:
            abort(make_response(str(error), 400))

    _in_every_view(monkeypatch, app, act)


def a_log_line_names_a_customer(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    text = _foreign_text(town)
    _in_every_view(monkeypatch, app, lambda: structlog.get_logger().warning(text) or "")


def a_label_names_a_store(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    gauge = Gauge("planted", "A leak.", ["store"])
    gauge.labels(town.people[3].nest.tenant.display_name).set(1)


def everybody_sees_all_jobs(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    _as_owner("CREATE POLICY planted ON ops.job TO tenant_login USING (true)")


def a_service_reads_arguments(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    _as_owner("GRANT SELECT (args) ON ops.job TO app_dispatch")


def an_export_logs_in_as_another(monkeypatch: pytest.MonkeyPatch, app: App, town: Town) -> None:
    real = exporting.connected
    (hq, store), (other_hq, other_store) = town.people[:2], town.people[2:]
    instead = {
        hq.nest.tenant.name: other_hq.nest.tenant.name,
        store.nest.tenant.name: other_store.nest.tenant.name,
    }
    monkeypatch.setattr(exporting, "connected", lambda name: real(instead.get(name, name)))


def _answers(looking: Sweep, app: App, cluster: Cluster) -> None:
    with sweep.logged(cluster) as lines:
        sweep.answers(
            looking,
            app,
            looking.town.people[1],
            wanted=lambda one: one.template.endswith(("/sales/1", "/customers")),
        )
    looking.look(None, "log", *lines)


def _jobs(looking: Sweep, app: App, cluster: Cluster) -> None:
    sweep.jobs(looking)


def _exports(looking: Sweep, app: App, cluster: Cluster) -> None:
    sweep.exports(looking)


LEAKS: dict[Plant, Callable[[Sweep, App, Cluster], None]] = {
    a_view_answers_with_anothers_rows: _answers,
    a_header_tells: _answers,
    the_wrong_tenant_is_entered: _answers,
    the_wrong_login_is_lent: _answers,
    an_error_shows_its_text: _answers,
    a_log_line_names_a_customer: _answers,
    a_label_names_a_store: _answers,
    everybody_sees_all_jobs: _jobs,
    a_service_reads_arguments: _jobs,
    an_export_logs_in_as_another: _exports,
}


@pytest.fixture
def mended(cluster: Cluster) -> Iterator[None]:
    """Take away again what a leak left outside this test."""
    yield
    _as_owner("DROP POLICY IF EXISTS planted ON ops.job")
    _as_owner("REVOKE SELECT (args) ON ops.job FROM app_dispatch")
    pool.pool().close()
    for collector in list(REGISTRY._collector_to_names):
        if "planted" in REGISTRY._collector_to_names[collector]:
            REGISTRY.unregister(collector)


@pytest.mark.usefixtures("mended")
@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_a_planted_leak_is_found(
    app: App, town: Town, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, leak: Plant
) -> None:
    looking = Sweep(town)
    leak(monkeypatch, app, town)
    LEAKS[leak](looking, app, cluster)
    assert looking.leaks != []


def _as_owner(statement: str) -> None:
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(statement)
