"""Nobody ever sees another's canary: in answers, logs, job rows, exports, errors, metrics."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from itertools import cycle
from typing import Any
from uuid import UUID

import psycopg
import pytest
import structlog
from flask import abort, make_response
from prometheus_client import REGISTRY, Gauge
from psycopg import errors as pg
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from deploy.local.postgres import Cluster
from shared import errors
from shared.domain.customers.models import Customer
from shared.events.jobs import publish
from shared.events.messages import Request
from tenants import exporting, pool
from tenants.logins import connect, conninfo
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.api.addresses import tenant_addresses
from tests.tenancy import canaries, sweep
from tests.tenancy.canaries import MONTH
from tests.tenancy.sweep import Sweep, Town
from web import tenancy
from web.app import App, create_app
from workers import logs
from workers.job import KINDS
from workers.testing import drain


@pytest.fixture(scope="module")
def app(cluster: Cluster) -> App:
    return create_app()


@pytest.fixture(scope="module")
def town(app: App) -> Town:
    return sweep.settle(app)


@pytest.fixture
def fresh_town(app: App) -> Town:
    """A town in which nobody has done anything yet."""
    return sweep.settle(app)


def test_no_answer_and_no_log_shows_anothers_canary(app: App, town: Town, cluster: Cluster) -> None:
    looking = Sweep(town)
    others = town.people[2:]
    before = [canaries.rows_of(other.nest.tenant) for other in others]
    with sweep.logged(cluster) as lines:
        for person in town.people[:2]:
            sweep.answers(looking, app, person)
    looking.look(None, "log", *lines)

    assert looking.leaks == []
    assert len(lines) > 500
    assert [canaries.rows_of(other.nest.tenant) for other in others] == before
    shown = {str(canary).rpartition(" ")[2].partition(".")[0] for canary in looking.seen}
    assert shown >= {"customers", "items", "sales", "import_rows", "store_files"}
    assert shown >= {"people", "tenants", "tokens"}


def test_an_error_shows_and_logs_no_canary(
    app: App, town: Town, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a view dies of, with everybody's canaries in the error's text."""
    looking, person = Sweep(town), town.people[1]
    texts = [str(canaries.rows_of(one.nest.tenant)) for one in town.people]
    broken = cycle(_errors(" ".join(texts)))

    def breaks(**_: object) -> str:
        raise next(broken)

    for endpoint, view in list(app.view_functions.items()):
        dead = lambda **_: breaks()  # noqa: E731
        dead.__access__ = view.__access__  # type: ignore[attr-defined]
        monkeypatch.setitem(app.view_functions, endpoint, dead)

    with sweep.logged(cluster) as lines:
        for address in tenant_addresses(app):
            if address.access.only != "hq":
                answer = app.test_client().open(
                    address.in_tenant(person.nest.tenant.slug),
                    method=address.method,
                    headers={"Authorization": f"Bearer {person.token}"},
                )
                assert answer.status_code >= 400
                looking.look(None, str(address), answer.text, str(answer.headers))
        _break_a_rule_of_the_database(person.nest.tenant)
    looking.look(None, "log", *lines)

    assert looking.leaks == []
    assert "unhandled" in "".join(lines)
    assert "customers_number" in "".join(lines)  # the server told of it, without the value


def _errors(text: str) -> list[Exception]:
    violated = pg.UniqueViolation(f"Key (name)=({text}) already exists.")
    lost = psycopg.OperationalError(text)
    return [
        RuntimeError(text),
        DBAPIError.instance("INSERT", None, violated, psycopg.Error),  # type: ignore[list-item,call-overload]
        DBAPIError.instance("SELECT", None, lost, psycopg.Error),  # type: ignore[list-item,call-overload]
        psycopg.DataError(text),
        StaleDataError(text),
        TimeoutError(text),
        errors.Missing(name=text),
        errors.Conflict(name=text),
        errors.Unavailable(name=text),
        UnicodeDecodeError("utf-8", text.encode(), 0, 1, text),
    ]


def _break_a_rule_of_the_database(tenant: Tenant) -> None:
    with tenant_session(tenant) as session:
        row = session.execute(Customer.__table__.select()).one()  # type: ignore[attr-defined]
        with pytest.raises(IntegrityError):
            session.execute(
                insert(Customer).values(number=row.number, name=row.name, created_at=canaries.AT)
            )


def test_no_job_shows_or_logs_anothers_canary(fresh_town: Town, cluster: Cluster) -> None:
    looking = Sweep(fresh_town)
    with sweep.logged(cluster) as lines:
        logs.configure()
        for person in fresh_town.people:
            with tenant_transaction(person.nest.tenant) as session:
                for kind in KINDS.values():
                    if not kind.request.wire.startswith("test."):
                        publish(session, _sample(kind.request))
        outcomes = drain(*(person.nest.tenant for person in fresh_town.people))
    looking.look(None, "log", *lines)
    sweep.jobs(looking)

    assert looking.leaks == []
    assert {kind for kind, _ in outcomes} >= {
        wire for wire in KINDS if not wire.startswith("test.")
    }
    assert len(lines) >= len(outcomes)
    assert {canary.place for canary in looking.seen} >= {
        canaries.SHARED.index(place) for place in ("job.args", "letter.payload")
    }


def _sample(kind: type[Request]) -> Request:
    samples: dict[Any, Any] = {date: MONTH, int: 1, UUID: UUID(int=7)}
    hints = {field.name: kind.__annotations__[field.name] for field in fields(kind)}
    return kind(**{name: samples.get(hint, ()) for name, hint in hints.items()})


def test_an_export_holds_all_of_its_own_canaries_and_no_other(fresh_town: Town) -> None:
    looking = Sweep(fresh_town)
    sweep.exports(looking)
    assert looking.leaks == []
    for person in fresh_town.people:
        assert person.nest.own - looking.seen == set()


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
