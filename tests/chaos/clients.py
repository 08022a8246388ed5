"""Clients that ring up, import, compute and read, and write down what they were told.

A client repeats what was not answered, with the same key, until it is: that is what a till does.
"""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from tests.chaos.journal import Journal
from tests.chaos.town import Store, Town

LONGEST_SECONDS = 30.0  # I9
SOCKET_SECONDS = 40.0
IMPORT_ROWS = 12
HEADER = "日期,顾客编号,姓名,项目,数量,金额,支付方式,单号"
REPEATED = {408, 429, 503}  # the sender's own cue to try again


@dataclass(slots=True)
class Load:
    """What all clients share."""

    town: Town
    addresses: list[str]
    journals: list[Journal]
    seed: str
    pause_seconds: float  # the longest between two deeds of one client
    weights: Mapping[str, int]
    stop: threading.Event = field(default_factory=threading.Event)
    give_up: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request; sent again it is the same."""

    method: str
    path: str
    token: str
    body: bytes = b""
    kind: str = "application/json"


class Client(threading.Thread):
    """One thread that acts as people of many stores."""

    def __init__(self, load: Load, number: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self._load = load
        self._number = number
        self._journal = load.journals[number]
        self._chance = random.Random(f"{load.seed}/{number}")
        self._acked: list[tuple[Asked, str, int]] = []
        self._count = 0

    def run(self) -> None:
        """Act until told to stop; finish what was begun."""
        weights = self._load.weights
        deeds = {
            "sell": self._sell,
            "import": self._import,
            "compute": self._compute,
            "repeat": self._repeat,
            "read": self._read,
        }
        while not self._load.stop.is_set():
            deed = deeds[self._chance.choices(list(weights), list(weights.values()))[0]]
            store = self._chance.choice(self._load.town.stores)
            deed(store)
            self._load.stop.wait(self._chance.random() * self._load.pause_seconds)

    def _sell(self, store: Store) -> None:
        fen = self._chance.randint(1, 99) * 100
        lines = [
            {"item_id": self._chance.choice(store.items), "quantity": 1, "amount_fen": fen}
            for _ in range(self._chance.randint(1, 3))
        ]
        total = fen * len(lines)
        key = str(UUID(int=self._chance.getrandbits(128), version=4))
        customer = self._chance.choice([None, *store.customers])
        body = {
            "key": key,
            "customer_id": customer,
            "lines": lines,
            "tenders": [{"tender": self._chance.choice(["CASH", "WECHAT"]), "amount_fen": total}],
        }
        asked = _json(store, "sales", body)
        self._journal.write("attempt", deed="sale", store=store.tenant.name, key=key, total=total)
        status, answer = self._until_answered(asked)
        if status == 201:
            sale = int(answer["id"])
            self._journal.write("ack", deed="sale", store=store.tenant.name, key=key, sale=sale)
            self._acked.append((asked, key, sale))
        elif status:
            self._note_wrong(asked, status, answer)

    def _import(self, store: Store) -> None:
        self._count += 1
        month = self._chance.choice(store.months)
        marks = [f"c{self._number}-{self._count}-{n}" for n in range(IMPORT_ROWS)]
        lines = [
            f"{month.replace(day=self._chance.randint(1, 28))},{mark},王丽,"
            f"{self._chance.choice(store.codes)},1,{self._chance.randint(1, 99)}.00,微信,{mark}"
            for mark in marks
        ]
        content = "\n".join([HEADER, *lines]).encode()
        self._journal.write("attempt", deed="import", store=store.tenant.name, marks=marks)
        asked = _file(store, "imports", content)
        status, answer = self._until_answered(asked)
        if status in (201, 202):
            run = int(answer["id"])
            self._journal.write("ack", deed="import", store=store.tenant.name, marks=marks, run=run)
        elif status:
            self._note_wrong(asked, status, answer)

    def _compute(self, store: Store) -> None:
        month = f"{self._chance.choice(store.months):%Y-%m}"
        self._journal.write("attempt", deed="month", store=store.tenant.name, month=month)
        asked = _json(store, f"months/{month}/computation", None)
        status, answer = self._until_answered(asked)
        if status == 201:
            self._journal.write(
                "ack",
                deed="month",
                store=store.tenant.name,
                month=month,
                revision=answer["revision"],
            )
        elif status not in (0, 404, 409):  # no sales yet, or computed meanwhile
            self._note_wrong(asked, status, answer)

    def _repeat(self, store: Store) -> None:
        if not self._acked:
            return
        asked, key, sale = self._chance.choice(self._acked[-50:])
        status, answer = self._until_answered(asked)
        if status == 201 and answer["id"] != sale:
            self._load.wrong.append(f"P2 key {key} was sale {sale}, repeated {answer['id']}")
        elif status not in (0, 201):
            self._note_wrong(asked, status, answer)

    def _read(self, store: Store) -> None:
        hq, token = self._chance.choice(self._load.town.heads)
        month = f"{self._chance.choice(store.months):%Y-%m}"
        path = f"/api/v1/s/{hq.slug}/dashboard?first={month}&last={month}"
        asked = Asked(method="GET", path=path, token=token)
        status, answer = self._until_answered(asked)
        if status not in (0, 200):
            self._note_wrong(asked, status, answer)

    def _until_answered(self, asked: Asked) -> tuple[int, Any]:
        """Repeat until there is an answer that is one; (0, None) when the run gives up."""
        while not self._load.give_up.is_set():
            status, answer = self._ask_once(asked)
            if status and status not in REPEATED:
                return status, answer
            time.sleep(0.1 + 0.4 * self._chance.random())
        if asked.method != "GET":
            self._load.wrong.append(f"I9 never answered: {asked.method} {asked.path}")
        return 0, None

    def _ask_once(self, asked: Asked) -> tuple[int, Any]:
        address = urlsplit(self._chance.choice(self._load.addresses))
        began = time.monotonic()
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=SOCKET_SECONDS
        )
        try:
            headers = {"Authorization": f"Bearer {asked.token}", "Content-Type": asked.kind}
            connection.request(asked.method, asked.path, asked.body, headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
            answer = json.loads(content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            status, answer = 0, None
            self._load.answers[type(error).__name__] += 1
        else:
            self._load.answers[f"{asked.method} {status}"] += 1
        finally:
            connection.close()
        took = time.monotonic() - began
        self._load.longest_seconds = max(self._load.longest_seconds, took)
        if took > LONGEST_SECONDS:
            self._load.wrong.append(f"I9 {asked.method} {asked.path} took {took:.1f} s")
        return status, answer

    def _note_wrong(self, asked: Asked, status: int, answer: Any) -> None:
        said = json.dumps(answer, ensure_ascii=False)[:300]
        self._load.wrong.append(f"unexpected {status}: {asked.method} {asked.path}: {said}")


def _json(store: Store, path: str, body: dict[str, Any] | None) -> Asked:
    content = json.dumps(body).encode() if body is not None else b""
    return Asked(method="POST", path=_path(store, path), token=store.token, body=content)


def _file(store: Store, path: str, content: bytes) -> Asked:
    mark = uuid4().hex
    head = (
        f"--{mark}\r\nContent-Disposition: form-data; name=file; filename=sales.csv\r\n"
        "Content-Type: text/csv\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    kind = f"multipart/form-data; boundary={mark}"
    return Asked(method="POST", path=_path(store, path), token=store.token, body=body, kind=kind)


def _path(store: Store, path: str) -> str:
    return f"/api/v1/s/{store.tenant.slug}/{path}"
