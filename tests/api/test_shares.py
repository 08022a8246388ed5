"""No tenant takes a whole process: beyond its share it is refused, and others are served."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories.tenants import new_person, new_store
from tests.waiting import until
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


def test_a_tenant_that_holds_its_share_is_refused_while_others_are_served(
    app: App, store: Tenant, slow: threading.Event
) -> None:
    places: Shares = app.extensions["shares"]
    greedy = Caller.with_token(app, new_person((store, "MGR")), store)
    other = new_store()
    modest = Caller.with_token(app, new_person((other, "MGR")), other)
    assert modest.get("/me").status_code == 200

    with ThreadPoolExecutor(8) as crowd:
        held = [crowd.submit(greedy.get, "/items") for _ in range(3)]
        until(lambda: len(places._begun.get(store.name, ())) == 3)
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
    assert not places._begun  # nothing is held for ever


class Crowd:
    """Requests of one tenant that stay until they may leave."""

    def __init__(self, shares: Shares, pool: ThreadPoolExecutor) -> None:
        self._shares, self._pool = shares, pool
        self.leave = threading.Event()

    def come(self, number: int) -> list[Future[str]]:
        """Let some more come."""
        return [self._pool.submit(self.stay) for _ in range(number)]

    def stay(self) -> str:
        """Take a place and keep it."""
        try:
            with self._shares.place("t_a"):
                self.leave.wait(20)
                return "served"
        except TenantBusy:
            return "refused"


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shares, Crowd]]:
    """The shares of a process with eight threads in which two tenants are at home."""
    monkeypatch.setattr(shares, "WAIT_SECONDS", 20.0)
    own = Shares(8)
    with own.place("t_b"), ThreadPoolExecutor(12) as pool:
        made = Crowd(own, pool)
        yield own, made
        made.leave.set()


def test_when_the_own_are_slow_few_wait_and_the_rest_is_refused_at_once(
    crowd: tuple[Shares, Crowd],
) -> None:
    own, them = crowd
    assert (own.most_at_work, own.most_inside) == (3, 5)
    held = them.come(3)
    until(lambda: len(own._begun.get("t_a", ())) == 3)
    time.sleep(shares.SLOW_SECONDS + 0.05)
    waiting = them.come(2)
    until(lambda: own._waiting.get("t_a") == 2)

    began = time.monotonic()
    assert them.stay() == "refused"
    assert time.monotonic() - began < shares.WAIT_SECONDS / 2
    them.leave.set()
    assert [one.result(20) for one in held + waiting] == ["served"] * 5
    assert not own._waiting


def test_a_burst_of_quick_ones_waits_its_turn(
    crowd: tuple[Shares, Crowd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "SLOW_SECONDS", 20.0)  # they count as quick however slow this is
    own, them = crowd
    came = them.come(11)
    until(lambda: own._waiting.get("t_a") == 8)
    them.leave.set()
    assert [one.result(20) for one in came] == ["served"] * 11


def test_who_is_alone_has_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Shares(8)
    with ThreadPoolExecutor(12) as pool:
        them = Crowd(own, pool)
        came = them.come(11)
        until(lambda: len(own._begun.get("t_a", ())) == 11)
        with own.place("t_b"):  # and others still get in
            assert not them.leave.is_set()
        them.leave.set()
        assert [one.result(20) for one in came] == ["served"] * 11
    monkeypatch.setattr(shares, "ALONE_SECONDS", 0.0)
    assert own._is_alone("t_a")


@pytest.mark.parametrize("threads", [1, 2, 3, 4, 40])
def test_every_number_of_threads_leaves_somebody_to_work(threads: int) -> None:
    own = Shares(threads)
    assert 1 <= own.most_at_work < own.most_inside
    assert own.most_at_work <= -(-threads // 3)
    with own.place("t_a"), own.place("t_b"):
        pass
