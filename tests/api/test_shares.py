"""No tenant takes a whole process: beyond its share it is refused, and others are served."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories.tenants import new_person, new_store
from web import shares
from web.app import App
from web.shares import Shares, TenantBusy


@pytest.fixture
def slow(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the price list take until the event is set."""
    released, view = threading.Event(), app.view_functions["catalog_api.list_items"]

    def wait(**arguments: object) -> object:
        released.wait(30)
        return view(**arguments)

    wait.__access__ = view.__access__  # type: ignore[attr-defined]
    monkeypatch.setitem(app.view_functions, "catalog_api.list_items", wait)
    monkeypatch.setitem(app.extensions, "shares", Shares(8))
    monkeypatch.setattr(shares, "WAIT_SECONDS", 0.2)
    yield released
    released.set()


def until_busy(app: App, tenant: Tenant, number: int) -> None:
    """Wait until that many requests of the tenant are at work."""
    deadline = time.monotonic() + 20
    while app.extensions["shares"]._at_work[tenant.name] < number:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_tenant_that_holds_its_share_waits_and_is_refused_while_others_are_served(
    app: App, store: Tenant, slow: threading.Event
) -> None:
    greedy = Caller.with_token(app, new_person((store, "MGR")), store)
    other = new_store()
    modest = Caller.with_token(app, new_person((other, "MGR")), other)

    with ThreadPoolExecutor(8) as crowd:
        held = [crowd.submit(greedy.get, "/items") for _ in range(3)]
        until_busy(app, store, 3)
        busy = crowd.submit(greedy.get, "/me").result(20)
        served = modest.get("/me")
        slow.set()
        answers: list[TestResponse] = [one.result(20) for one in held]

    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    assert busy.json is not None
    assert busy.json["detail"] == TenantBusy.zh
    assert served.status_code == 200
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert greedy.get("/me").status_code == 200
    assert not app.extensions["shares"]._inside  # nothing is held for ever


def test_waiting_ones_have_a_bound_too_and_go_on_when_a_place_is_free() -> None:
    own = Shares(8)
    assert (own.most_at_work, own.most_inside) == (3, 5)
    leave = threading.Event()

    def stay() -> str:
        try:
            with own.place("t_a"):
                leave.wait(20)
                return "served"
        except TenantBusy:
            return "refused"

    with ThreadPoolExecutor(8) as crowd:
        inside = [crowd.submit(stay) for _ in range(5)]
        deadline = time.monotonic() + 20
        while own._inside["t_a"] < 5 or own._at_work["t_a"] < 3:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        began = time.monotonic()
        assert stay() == "refused"
        assert time.monotonic() - began < shares.WAIT_SECONDS / 2  # at once
        with own.place("t_b"):
            leave.set()
        assert [one.result(20) for one in inside] == ["served"] * 5
    assert not own._at_work
    assert not own._inside


@pytest.mark.parametrize("threads", [1, 2, 3, 4, 40])
def test_every_number_of_threads_leaves_somebody_to_work(threads: int) -> None:
    own = Shares(threads)
    assert 1 <= own.most_at_work <= own.most_inside
    assert own.most_at_work <= -(-threads // 3)
    with own.place("t_a"), own.place("t_b"):
        pass
