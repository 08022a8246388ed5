"""Two hundred threads over fifty tenants, and everything that goes wrong at once.

Errors, time-outs, clients that leave, settings left behind, and a pool that is drained in the
middle: whoever gets an answer sees the own canary and no other. ROLLBOOK_TEST_CROWD_SECONDS=60 lets
it run for a minute.
"""

import http.client
import os
import random
import re
import socket
import struct
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local import children
from deploy.local.ports import free_port
from deploy.local.postgres import Cluster
from shared.config import settings
from tenants.people import api_tokens
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction
from tests.conftest import point_to
from tests.factories.tenants import new_person, new_store
from tests.tenancy.conftest import BY_PEER, BY_SCRAM

ROOT = Path(__file__).parents[2]
SECONDS = float(os.environ.get("ROLLBOOK_TEST_CROWD_SECONDS", "5"))
THREADS, TENANTS = 200, 50
CANARY = re.compile(r"canary-(t_[0-9a-z]{10})")
PATIENCE_SECONDS = 30
HARM = {"raise": 3, "slow": 2, "set": 2, "stream": 3, "leave": 4, "leave stream": 2}
PEACE = {"customers": 60, "write": 4}


@dataclass(frozen=True)
class Member:
    """A tenant, and a token of somebody in it."""

    tenant: Tenant
    token: str

    def request(self, path: str, body: bytes = b"", method: str = "GET") -> bytes:
        """Write a request as it goes over the wire."""
        head = (
            f"{method} /api/v1/s/{self.tenant.slug}/{path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


@dataclass
class Crowd:
    """What all threads share."""

    port: int
    members: list[Member]
    draining: threading.Event = field(default_factory=threading.Event)
    drained: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    told_after: Counter[str] = field(default_factory=Counter)

    def work(self, seed: int) -> None:
        """Be one client until the end."""
        draw = random.Random(seed)
        while not self.over.is_set():
            member = draw.choice(self.members)
            deed = draw.choices(*zip(*{**PEACE, **HARM}.items(), strict=True))[0]
            if self.draining.is_set() and draw.random() < 0.7:
                deed = "hold"
            said = self._do(deed, member, draw)
            self.told[f"{deed} {said}"] += 1
            if self.drained.is_set():
                self.told_after[f"{deed} {said}"] += 1

    def _do(self, deed: str, member: Member, draw: random.Random) -> str:
        try:
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as link:
                link.sendall(_wanted(deed, member, draw))
                if deed.startswith("leave"):
                    return _leave(link, deed, draw)
                answer = http.client.HTTPResponse(link)
                answer.begin()
                content = f"{answer.read().decode()}\n{answer.headers}"
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        self._judge(deed, member, answer.status, content)
        return str(answer.status)

    def _judge(self, deed: str, member: Member, status: int, content: str) -> None:
        own = member.tenant.name
        seen = set(CANARY.findall(content))
        names = set(re.findall(r"\bt_[0-9a-z]{10}\b", content))
        if (seen | names) - {own}:
            self.wrong.append(f"{deed} as {own}: {status} {sorted(seen | names)}")
        if status == 200 and own not in seen | names:
            self.wrong.append(f"{deed} as {own}: its own is missing: {content[:200]}")
        if status not in (200, 201, 500, 503) or (status == 500 and deed not in ("raise", "slow")):
            self.wrong.append(f"{deed} as {own}: {status} {content[:200]}")


def _wanted(deed: str, member: Member, draw: random.Random) -> bytes:
    if deed == "write":
        number = f"{draw.getrandbits(60):x}"
        body = f'{{"number": "{number}", "name": "canary-{member.tenant.name}"}}'
        return member.request("customers", body.encode(), "POST")
    if deed in ("customers", "leave"):
        return member.request("customers?limit=5")
    return member.request(f"crowd/{deed.split()[-1]}")


def _leave(link: socket.socket, deed: str, draw: random.Random) -> str:
    """Hang up without a word: at once, or when the answer has begun."""
    if deed == "leave stream":
        link.recv(draw.randint(1, 4000))
    else:
        time.sleep(draw.random() * 0.02)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return "left"


@pytest.fixture
def members(network_cluster: Cluster, tmp_path: Path) -> Iterator[list[Member]]:
    """Fifty tenants on the server that is reached by TCP with SCRAM."""
    before = settings()
    point_to(network_cluster.url, tmp_path, **BY_SCRAM)
    try:
        yield [_member() for _ in range(TENANTS)]
    finally:
        point_to(before.database_url, before.data_dir, **BY_PEER)


def _member() -> Member:
    tenant = new_store()
    with tenant_transaction(tenant) as session:
        session.execute(
            text(
                "INSERT INTO customers (number, name, created_at) "
                "SELECT n, :name, now() FROM generate_series(1, 3) n"
            ),
            {"name": f"canary-{tenant.name}"},
        )
    person = new_person((tenant, "MGR"), (tenant, "FD"))
    token = api_tokens.make_api_token(person, tenant, label="crowd", now=datetime.now(UTC))
    return Member(tenant, token)


@pytest.fixture
def port(members: list[Member], tmp_path: Path) -> Iterator[int]:
    """One gunicorn process with as many threads as there are clients."""
    free = free_port()
    given = {"BIND": f"127.0.0.1:{free}", "WEB_WORKERS": "1", "WEB_THREADS": str(THREADS)}
    env = {**os.environ, **{f"ROLLBOOK_{name}": value for name, value in given.items()}}
    command = ["gunicorn", "-c", "deploy/gunicorn.conf.py", "tests.tenancy.crowd_app:app"]
    with (tmp_path / "web.log").open("wb") as output:
        web = children.spawn(
            [sys.executable, "-m", *command], farewell=9, output=output, env=env, cwd=ROOT
        )
        try:
            _until_it_answers(free)
            yield free
        finally:
            web.terminate()
            web.wait(40)
    log = (tmp_path / "web.log").read_text(encoding="utf-8", errors="replace")
    assert "unhandled" in log
    assert CANARY.findall(log) == []


def _until_it_answers(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):
            return
        time.sleep(0.1)
    pytest.fail("the web does not answer")


def test_whoever_is_answered_sees_the_own_canary_alone(members: list[Member], port: int) -> None:
    crowd = Crowd(port, members)
    threads = [threading.Thread(target=crowd.work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS * 0.4)
    crowd.draining.set()
    time.sleep(SECONDS * 0.2)
    crowd.draining.clear()
    time.sleep(3.5)  # what was held is given back
    crowd.drained.set()
    time.sleep(SECONDS * 0.4)
    crowd.over.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS * 2)

    told = crowd.told
    sys.stdout.write(f"{sum(told.values())} requests: {dict(told.most_common())}\n")
    assert crowd.wrong == []
    assert told["customers 200"] > THREADS
    for deed in ("raise 500", "set 200", "stream 200", "leave left", "leave stream left"):
        assert told[deed], deed
    assert told["slow 500"] + told["slow 503"]
    assert told["customers 503"] + told["hold 503"]  # the pool was drained
    assert crowd.told_after["customers 200"] > crowd.told_after["customers 503"]
