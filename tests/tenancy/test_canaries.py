"""Nobody ever sees another's canary: in answers, logs, job rows, exports, errors, metrics."""

from dataclasses import MISSING, fields
from datetime import date, datetime
from itertools import cycle
from typing import Any, get_origin, get_type_hints
from uuid import UUID

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from deploy.local.postgres import Cluster
from shared import errors
from shared.domain.customers.models import Customer
from shared.events.jobs import publish
from shared.events.messages import Request
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.api.addresses import tenant_addresses
from tests.tenancy import canaries, sweep
from tests.tenancy.canaries import MONTH
from tests.tenancy.sweep import Sweep, Town
from web.app import App, create_app
from workers import logs
from workers.job import KINDS
from workers.testing import drain

# Thousands of answers; none of them depends on how a login proves itself.
BY_NETWORK = pytest.mark.parametrize("cluster", ["network"], indirect=True)


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


@BY_NETWORK
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


@BY_NETWORK
def test_an_error_shows_and_logs_no_canary(
    app: App, town: Town, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a view dies of, with everybody's canaries in the error's text."""
    looking, person = Sweep(town), town.people[1]
    texts = [str(canaries.rows_of(one.nest.tenant)) for one in town.people]
    broken = cycle(_errors(" ".join(texts)))
    framing = (person.nest.tenant.display_name, person.nest.canary("people.name"))

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
                told = answer.text
                for name in framing:
                    told = told.replace(name, "")
                looking.look(None, str(address), told, str(answer.headers))
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
    samples: dict[Any, Any] = {date: MONTH, datetime: canaries.AT, int: 1, UUID: UUID(int=7)}
    hints = get_type_hints(kind)
    return kind(
        **{
            field.name: samples.get(hints[field.name]) or _empty(hints[field.name])
            for field in fields(kind)
            if field.default is MISSING and field.default_factory is MISSING
        }
    )


def _empty(hint: Any) -> Any:
    return (get_origin(hint) or hint)()


def test_an_export_holds_all_of_its_own_canaries_and_no_other(fresh_town: Town) -> None:
    looking = Sweep(fresh_town)
    sweep.exports(looking)
    assert looking.leaks == []
    for person in fresh_town.people:
        assert person.nest.own - looking.seen == set()
