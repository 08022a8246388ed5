"""Fifty clients at once: on one place of the day, and each at a board of its own."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

from tenants.sessions import tenant_session
from tests.bench import load, webs
from tests.bench.desk.board import ask
from tests.bench.desk.shop import Shop
from tests.browser.board_days import at
from tests.factories.appointments import booking
from tests.factories.sales import new_customer

CLIENTS = 50
EVERY_SECONDS = 1.2  # as web/assets/board.ts asks
FOLLOWED_SECONDS = 30.0
CHANGE_EVERY_SECONDS = 0.5


def one_place(shop: Shop, web: webs.Web) -> dict[str, Any]:
    """Let fifty desks book the same person and hour for guests of their own."""
    start = at(shop.day + timedelta(days=1), 14)
    with tenant_session(shop.store) as session:
        typed = [
            booking(
                session, at=start, customer=new_customer(session, f"同时{n}").id, items=[shop.care],
                assigned_staff=shop.people[0],
            )
            for n in range(CLIENTS)
        ]  # fmt: skip
        session.commit()
    path = f"/api/v1/s/{shop.store.slug}/appointments"
    together = threading.Barrier(CLIENTS)

    def book(one: dict[str, Any]) -> tuple[str, float]:
        text = ask(shop, path, method="POST", body=json.dumps(one).encode())
        together.wait(60)
        began = time.perf_counter()
        status, _, _ = load.parts(load.raw_answer(web.port, text))
        return str(status), time.perf_counter() - began

    with ThreadPoolExecutor(CLIENTS) as desks:
        heard = list(desks.map(book, typed))
    return {"answers": dict(Counter(one for one, _ in heard)), **_said([s for _, s in heard])}


def fifty_boards(shop: Shop, web: webs.Web) -> dict[str, Any]:
    """Let fifty boards ask as the page does while bookings change twice a second."""
    room = _Room(shop, web, until=time.monotonic() + FOLLOWED_SECONDS)
    before = web.cpu_seconds()
    boards = [threading.Thread(target=room.follow, args=(n,)) for n in range(CLIENTS)]
    for one in boards:
        one.start()
    room.change()
    for one in boards:
        one.join(60)
    return {
        "questions a second": round(len(room.asked) / FOLLOWED_SECONDS, 1),
        "answers": {str(kind): count for kind, count in Counter(s for s, _ in room.asked).items()},
        "the board": _said([seconds for _, seconds in room.asked]),
        "a change": _said(room.changed),
        "until another board has it": _said(room.seen),
        "web processors in use": round((web.cpu_seconds() - before) / FOLLOWED_SECONDS, 2),
    }


@dataclass
class _Room:
    shop: Shop
    web: webs.Web
    until: float
    asked: list[tuple[int, float]] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    _latest: dict[int, tuple[int, float]] = field(default_factory=dict)  # version, acknowledged at

    def __post_init__(self) -> None:
        self.path = f"/api/v1/s/{self.shop.store.slug}/appointments"
        self.board = f"{self.path}/board?day={self.shop.day}"

    def follow(self, number: int) -> None:
        time.sleep(EVERY_SECONDS * number / CLIENTS)
        tag, known = "", dict[int, int]()
        while time.monotonic() < self.until:
            more = f"If-None-Match: {tag}" if tag else ""
            began = time.perf_counter()
            raw = load.raw_answer(self.web.port, ask(self.shop, self.board, more=more))
            status, head, body = load.parts(raw)
            self.asked.append((status, time.perf_counter() - began))
            if status == 200:
                tag = head["etag"]
                self._look(json.loads(body)["appointments"], known)
            time.sleep(EVERY_SECONDS)

    def _look(self, rows: list[dict[str, Any]], known: dict[int, int]) -> None:
        for one in rows:
            version, when = self._latest.get(one["id"], (0, 0.0))
            if known.get(one["id"]) != one["version"] == version:
                self.seen.append(time.monotonic() - when)
            known[one["id"]] = one["version"]

    def change(self) -> None:
        """Make one booking after the other five minutes longer, then shorter again."""
        rows = load.answer(self.web.port, ask(self.shop, self.board))["appointments"]
        while time.monotonic() < self.until:
            one = rows.pop(0)
            body = json.dumps({"extra_minutes": 0 if one["extra_minutes"] else 5}).encode()
            text = ask(
                self.shop, f"{self.path}/{one['id']}", method="PATCH", body=body,
                more=f'If-Match: "{one["version"]}"',
            )  # fmt: skip
            began = time.perf_counter()
            made = load.answer(self.web.port, text)
            self.changed.append(time.perf_counter() - began)
            self._latest[one["id"]] = made["version"], time.monotonic()
            rows.append(made)
            time.sleep(CHANGE_EVERY_SECONDS)


def _said(seconds: list[float]) -> dict[str, float]:
    return {
        "median seconds": round(median(seconds), 3),
        "19 of 20 within": round(quantiles(seconds, n=20)[-1], 3),
        "worst": round(max(seconds), 3),
        "count": len(seconds),
    }
