"""The delivered files at work once: through nginx to gunicorn, PostgreSQL by SCRAM, RabbitMQ.

One machine for all of it, in the order in which a day goes: settled, used, watched, updated.
"""

import hashlib
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.local import ports
from tenants.logins import connect
from tenants.people import api_tokens
from tenants.registry import Tenant
from tests.api.clients import CHEAP_HASH, PASSWORD
from tests.deploy import machine
from tests.deploy.machine import Browser, Place, metric
from tests.factories.tenants import new_person, new_store
from tests.journeys.server import MASTER_KEY, database, process
from tests.waiting import until
from tests.workers.conftest import need_amqp

SALES = "/api/v1/s/<slug>/sales"
EACH, STORES = 5, 4
LOGIN = "wang.xiaoming@example.test"
ITEM = {"code": "F-01", "name": "补水护理", "category": "FACIAL", "price_fen": 30000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One store, somebody's way in, what is for sale."""

    tenant: Tenant
    manager: Browser
    item: int

    def sell(self, browser: Browser | None = None, **headers: str) -> int:
        """Record one receipt; gives the status."""
        receipt = {
            "key": str(uuid4()),
            "lines": [{"item_id": self.item, "quantity": 1, "amount_fen": 30000}],
            "tenders": [{"tender": "CASH", "amount_fen": 30000}],
        }
        path = f"/api/v1/s/{self.tenant.slug}/sales"
        return (browser or self.manager).ask(path, json_body=receipt, **headers)[0]

    def recorded(self) -> int:
        """Count what is in the table."""
        with connect(self.tenant.name) as connection:
            row = connection.execute(f"SELECT count(*) FROM {self.tenant.name}.sales").fetchone()
        assert row is not None
        return int(row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What runs."""

    place: Place
    listener: socket.socket
    ends: ExitStack
    web: Any
    others: dict[str, Any]
    worker_ports: list[int]
    shops: list[Shop]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    need_amqp()
    for program in ("nginx", "openssl", "rabbitmqctl"):
        machine.need(program)
    folder = tmp_path_factory.mktemp("machine")
    secrets = machine.make_secrets(folder)
    with ExitStack() as ends:
        ends.enter_context(database(folder, machine.database_options()))
        ends.enter_context(machine.broker())
        listener = ends.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))
        web_port = listener.getsockname()[1]
        https, http, worker_port = (ports.free_port() for _ in range(3))
        place = Place(
            folder=folder, secrets=secrets, web_port=web_port, https_port=https, http_port=http
        )
        ends.enter_context(machine.nginx(place))
        web = ends.enter_context(machine.gunicorn(place, listener, "web"))
        env = place.environment(ROLLBOOK_WORKER_LISTEN=f"127.0.0.1:{worker_port}")
        others, worker_ports = {}, []
        for name in ("dispatcher", "worker"):
            command = [sys.executable, *machine.arguments_of(name)]
            others[name] = ends.enter_context(process(command, folder / name, env))
            worker_ports.append(_port_of(folder / name))
            until(machine.answers(f"http://127.0.0.1:{worker_ports[-1]}/healthz"), patience=60)
        shops = [_shop(place) for _ in range(STORES)]
        until(machine.answers(f"{place.behind}/readyz"), patience=60)
        yield Running(
            place=place,
            listener=listener,
            ends=ends,
            web=web,
            others=others,
            worker_ports=worker_ports,
            shops=shops,
        )


def test_the_delivered_files_serve_a_day_and_an_update(running: Running) -> None:
    # One test: the steps share a machine, and a test process of its own each would build seven.
    _somebody_signs_in_and_sells_through_the_proxy(running)
    _the_proxy_tells_who_asks_and_a_forged_header_does_not(running)
    _outside_sees_no_metrics_and_no_parts_and_http_leads_to_https(running)
    _the_metrics_go_on_when_a_process_is_replaced(running)
    _jobs_go_through_queues_that_lose_nothing(running)
    _a_restart_with_twenty_sales_in_flight_loses_none(running)
    _workers_stop_at_a_word_and_every_line_is_json_without_names(running)


def _somebody_signs_in_and_sells_through_the_proxy(running: Running) -> None:
    shop = _furnished(running, 0)
    new_person((shop.tenant, "FD"), login=LOGIN, password_hash=CHEAP_HASH)
    browser = Browser(running.place)

    refused, _ = browser.sign_in(LOGIN, "wrong")
    status, _ = browser.sign_in(LOGIN, PASSWORD)

    assert (refused, status) == (401, 303)
    (cookie,) = [found for found in browser.cookies if "rollbook" in found.name]
    assert (cookie.name, cookie.secure) == ("__Host-rollbook", True)  # it saw the https outside
    assert shop.sell(browser) == 400  # no token against forgery
    _, me, headers = browser.ask(f"/api/v1/s/{shop.tenant.slug}/me")
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert shop.sell(browser, **{"X-CSRFToken": json.loads(me)["csrf_token"]}) == 201
    assert shop.recorded() == 1


def _the_proxy_tells_who_asks_and_a_forged_header_does_not(running: Running) -> None:
    liar = Browser(running.place, **{"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"})

    assert liar.sign_in("nobody@example.test", "wrong")[0] == 401

    with connect("app_auth") as connection:
        rows = connection.execute("SELECT key FROM registry.sign_in_failures").fetchall()
    counted = {str(key) for (key,) in rows}
    assert _digest("address 127.0.0.1") in counted
    assert _digest("address 203.0.113.9") not in counted


def _outside_sees_no_metrics_and_no_parts_and_http_leads_to_https(running: Running) -> None:
    token = (running.place.secrets / "metrics_token").read_text()
    bearing = {"Authorization": f"Bearer {token}"}
    browser = Browser(running.place)

    for path in ("/metrics", "/readyz"):
        assert browser.ask(path)[0] == browser.ask(path, **bearing)[0] == 404
    assert browser.ask("/healthz")[0] == 200
    status, _, headers = browser.ask(f"http://{machine.HOST}:{running.place.http_port}/stores")
    assert (status, headers["Location"]) == (301, f"https://{machine.HOST}/stores")
    assert browser.ask("/healthz", Host="evil.example")[0] == 400


def _the_metrics_go_on_when_a_process_is_replaced(running: Running) -> None:
    shop = _furnished(running, 1)
    before = metric(running.place, "rollbook_requests_total", route=SALES, status="201")
    assert [shop.sell() for _ in range(3)] == [201] * 3
    (child,) = _children(running.web.pid)

    os.kill(child, 15)  # as when it has served its five thousand
    until(lambda: _children(running.web.pid) not in ([], [child]))

    assert shop.sell() == 201
    counted = metric(running.place, "rollbook_requests_total", route=SALES, status="201")
    assert counted - before == 4
    assert metric(running.place, "rollbook_requests_in_progress") == 1  # the one that asks
    assert metric(running.place, "rollbook_pool_requests_total", result="miss") >= 1


def _port_of(log: Path) -> int:
    """Read where a process says that it listens: at the port asked for, or the next free one."""
    found: list[str] = []

    def has_said() -> bool:
        found[:] = re.findall(r'"port": (\d+), "event": "listening"', log.read_text("utf-8"))
        return bool(found)

    until(has_said, patience=60)
    return int(found[0])


def _jobs_go_through_queues_that_lose_nothing(running: Running) -> None:
    shop = _furnished(running, 2)
    assert shop.sell() == 201
    until(lambda: _unfinished() == 0, patience=60)

    queues = machine.queues_of(os.environ["ROLLBOOK_BROKER_URL"])

    assert {queue["name"] for queue in queues} >= {"now", "reports", "bulk"}
    assert {(queue["type"], queue["policy"]) for queue in queues} == {("quorum", "safe")}
    for port in running.worker_ports:
        until(machine.answers(f"http://127.0.0.1:{port}/readyz"))


def _a_restart_with_twenty_sales_in_flight_loses_none(running: Running) -> None:
    shops = [_furnished(running, number) for number in range(STORES)]
    for shop in shops:
        assert shop.sell() == 201  # opens the cash day
    before = sum(shop.recorded() for shop in shops)
    statuses: list[int] = []
    sales = [threading.Thread(target=lambda s=s: statuses.append(s.sell())) for s in shops * EACH]

    with ExitStack() as drawers:  # held, so that all twenty are in the midst of it
        for shop in shops:
            held = drawers.enter_context(connect(shop.tenant.name, autocommit=False))
            held.execute(f"SELECT FROM {shop.tenant.name}.cash_days FOR UPDATE")
        for sale in sales:
            sale.start()
        until(lambda: metric(running.place, "rollbook_requests_in_progress") == 21)
        running.web.send_signal(15)
        until(lambda: "Handling signal: term" in (running.place.folder / "web").read_text())
    late = threading.Thread(target=lambda: statuses.append(shops[0].sell()))
    late.start()  # finds nobody yet, only the socket
    assert running.web.wait(40) == 0
    second = running.ends.enter_context(machine.gunicorn(running.place, running.listener, "web2"))
    for sale in (*sales, late):
        sale.join(40)

    assert statuses == [201] * (STORES * EACH + 1)
    assert sum(shop.recorded() for shop in shops) == before + STORES * EACH + 1
    assert metric(running.place, "rollbook_requests_total", route=SALES, status="201") == 1
    assert second.poll() is None


def _workers_stop_at_a_word_and_every_line_is_json_without_names(running: Running) -> None:
    until(lambda: _unfinished() == 0, patience=60)
    assert [machine.end(process) for process in running.others.values()] == [0, 0]

    lines = []
    for name in ("web", "web2", "dispatcher", "worker", "nginx"):
        text = (running.place.folder / name).read_text()
        for secret in (LOGIN, PASSWORD, "203.0.113.9", "补水护理", MASTER_KEY, "Traceback"):
            assert secret not in text, name
        lines += [json.loads(line) for line in text.splitlines()]
    numbered = {line["request_id"] for line in lines if line["event"] == "request"}
    worked = {line.get("request_id") for line in lines if line["event"] == "job"} - {None}
    assert worked
    assert worked <= numbered  # a job is found by the request that asked for it
    assert {line["request_id"] for line in lines if line["event"] == "proxied"} & numbered


def _shop(place: Place) -> Shop:
    tenant = new_store()
    person = new_person((tenant, "MGR"), (tenant, "FD"))
    token = api_tokens.make_api_token(person, tenant, label="till", now=datetime.now(UTC))
    return Shop(tenant=tenant, manager=Browser(place, Authorization=f"Bearer {token}"), item=0)


def _furnished(running: Running, number: int) -> Shop:
    """Give a store with something to sell."""
    shop = running.shops[number]
    if shop.item:
        return shop
    new = {**ITEM, "on_sale_from": "2020-01-01"}
    status, made, _ = shop.manager.ask(f"/api/v1/s/{shop.tenant.slug}/items", json_body=new)
    assert status == 201, made
    running.shops[number] = Shop(
        tenant=shop.tenant, manager=shop.manager, item=json.loads(made)["id"]
    )
    return running.shops[number]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def _unfinished() -> int:
    with connect("app_dispatch") as connection:
        row = connection.execute(
            "SELECT count(*) FROM ops.job "
            "WHERE state IN ('queued', 'sent', 'running') AND run_at <= now()"
        ).fetchone()
    assert row is not None
    return int(row[0])
