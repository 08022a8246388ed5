"""One commit per request, before any success leaves; a clean context after every request."""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from flask import Blueprint, Response, g, stream_with_context
from flask.typing import ResponseReturnValue

from deploy.local.postgres import Cluster
from shared.domain.catalog import queries as catalog
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import items as service
from tenants import current
from tenants.pool import Limits, pool
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller
from tests.factories.tenants import new_person, new_store
from web.app import App, create_app
from web.auth import signed_in
from web.extensions import db

SECRET = "顾客王小明 13800001234 SELECT * FROM customers"
probe = Blueprint("probe", __name__, url_prefix="/api/v1/s/<slug>/probe")
others: list[Tenant] = []


def _add(code: str) -> None:
    new = service.NewItem(
        code=code,
        name="x",
        category=Category.BODY,
        price_fen=1,
        on_sale_from=date(2025, 1, 1),
    )
    service.add_item(db.session(), new=new, now=datetime.now(UTC))


def _tenant_or_error() -> str:
    try:
        return current.tenant().name
    except LookupError:
        return "LookupError"


@probe.route("/write", methods=["GET", "POST"])
@signed_in
def write() -> ResponseReturnValue:
    """Write, whatever the method."""
    _add("W")
    return "written"


@probe.post("/refused")
@signed_in
def refused() -> ResponseReturnValue:
    """Write, and answer 409."""
    _add("R")
    return "no", 409


@probe.post("/raises")
@signed_in
def raises() -> ResponseReturnValue:
    """Write, and break."""
    _add("B")
    raise RuntimeError(SECRET)


@probe.post("/commit-lost")
@signed_in
def commit_lost() -> ResponseReturnValue:
    """Write, and lose the line before the commit."""
    _add("L")
    connection: Any = db.session.connection().connection.dbapi_connection
    line = socket.socket(fileno=connection.pgconn.socket)
    line.shutdown(socket.SHUT_RDWR)
    line.detach()
    return "written"


@probe.get("/stream")
@signed_in
def stream() -> ResponseReturnValue:
    """Stream, asking for the tenant on the way."""

    def parts() -> Iterator[str]:
        for _ in range(3):
            yield _tenant_or_error()

    return Response(stream_with_context(parts()))


@probe.get("/thread")
@signed_in
def thread() -> ResponseReturnValue:
    """Ask for the tenant in a thread of the request's own making."""
    seen: list[str] = []

    worker = threading.Thread(target=lambda: seen.append(_tenant_or_error()))
    worker.start()
    worker.join(5)
    return seen[0]


@probe.route("/elsewhere", methods=["GET", "POST"])
@signed_in
def elsewhere() -> ResponseReturnValue:
    """Do what no code may: work in another tenant than the request's."""
    with current.entered(others[-1]):
        _add("E")
    return SECRET


@pytest.fixture(scope="module")
def probed(cluster: Cluster) -> App:
    """An application with the probes of this file."""
    app = create_app({"TESTING": True})
    app.register_blueprint(probe)
    return app


@pytest.fixture
def caller(probed: App, store: Tenant) -> Caller:
    """A member of a fresh store."""
    return Caller.with_token(probed, new_person((store, "MGR")), store)


def _codes(tenant: Tenant) -> list[str]:
    with tenant_session(tenant) as session:
        return [item.code for item in catalog.items(session)]


def test_only_a_successful_unsafe_request_is_committed(caller: Caller, store: Tenant) -> None:
    assert caller.get("/probe/write").status_code == 200
    assert caller.post("/probe/refused").status_code == 409
    assert caller.post("/probe/raises").status_code == 500
    assert _codes(store) == []

    assert caller.post("/probe/write").status_code == 200
    assert _codes(store) == ["W"]


def test_a_commit_nobody_can_vouch_for_is_503_and_says_to_repeat(
    caller: Caller, store: Tenant
) -> None:
    answer = caller.post("/probe/commit-lost", headers={"Accept-Language": "en"})

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.headers["Retry-After"]
    assert "同一编号" in answer.json["detail"]  # the person's own language goes before the header
    assert _codes(store) == []
    assert caller.post("/probe/write").status_code == 200


def test_an_unknown_error_tells_nothing_but_a_number(
    caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = caller.post("/probe/raises")
    log = capsys.readouterr().err

    assert answer.json is not None
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    for part in (SECRET, "RuntimeError", "Traceback", "王小明", "site-packages"):
        assert part not in answer.text
    assert answer.json["request_id"] in log
    assert "RuntimeError" in log
    assert "王小明" not in log


def test_a_stream_outlives_the_transaction_so_it_has_no_tenant_and_leaves_none(
    caller: Caller,
) -> None:
    answer = caller.get("/probe/stream", buffered=False)
    parts = iter(answer.response)

    assert next(parts) in ("LookupError", b"LookupError")
    answer.close()
    with pytest.raises(LookupError):
        current.tenant()
    assert caller.get("/items").status_code == 200


def test_a_thread_started_in_a_request_has_no_tenant(caller: Caller) -> None:
    assert caller.get("/probe/thread").text == "LookupError"


def test_a_connection_of_another_tenant_is_never_committed(caller: Caller, store: Tenant) -> None:
    others.append(new_store())

    for method in ("GET", "POST"):
        answer = caller.call(method, "/probe/elsewhere")
        assert answer.status_code == 500
        assert SECRET not in answer.text
    assert _codes(others[-1]) == []
    assert _codes(store) == []
    with pytest.raises(LookupError):
        current.tenant()


def test_a_full_pool_is_503_and_then_right_again(
    caller: Caller, store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool(), "limits", Limits(per_tenant=1, wait_seconds=0.05))
    with current.entered(store):
        held = pool().get()

    busy = caller.get("/items")
    held.close()

    assert busy.status_code == 503
    assert busy.headers["Retry-After"]
    assert caller.get("/items").status_code == 200


def test_a_database_that_is_away_is_503(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise psycopg.OperationalError(SECRET)

    monkeypatch.setattr(pool(), "get", away)

    answer = caller.get("/items")

    assert answer.status_code == 503
    assert SECRET not in answer.text


def test_a_view_that_declares_nothing_stops_the_start(
    probed: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent: Callable[[], str] = lambda: "open to all"  # noqa: E731
    monkeypatch.setitem(probed.view_functions, "health.healthz", silent)

    assert probed.test_client().get("/healthz").status_code == 500


def test_the_request_has_instant_day_and_person(probed: App, caller: Caller) -> None:
    seen: dict[str, Any] = {}

    def look(error: BaseException | None = None) -> None:
        seen.update(now=g.now, today=g.today, actor=g.actor.id, tenant=g.tenant.name)

    probed.teardown_request_funcs.setdefault(None, []).append(look)
    try:
        caller.get("/items")
    finally:
        probed.teardown_request_funcs[None].remove(look)
    assert seen["now"].tzinfo is UTC
    assert isinstance(seen["today"], date)
    assert seen["actor"] == caller.person_id
    assert seen["tenant"] == caller.tenant.name
