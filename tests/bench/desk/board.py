"""The day board of 12 people and 120 bookings: what opening it and following it sends about."""

import gzip
import json
from statistics import median
from typing import Any

from playwright.sync_api import Response

from tests.bench import load, webs
from tests.bench.desk.shop import Shop
from tests.bench.desk.walks import a_desk

QUIET_SECONDS = 24
# What keeps the page from answering a finger for longer than 50 ms.
_WATCH = """
    window.held = [];
    new PerformanceObserver(found => window.held.push(...found.getEntries().map(e => e.duration)))
        .observe({type: "longtask", buffered: true});
"""
CHANGES = 5


def measure(shop: Shop, web: webs.Web) -> dict[str, Any]:
    """Open the board in a browser, watch it at rest, then while another desk moves bookings."""
    heard: list[Response] = []
    with a_desk(shop, web) as (page, base):
        page.add_init_script(_WATCH)
        page.on(
            "response",
            lambda one: heard.append(one) if "/board?" in one.url and "/api/" in one.url else None,
        )
        page.goto(f"{base}/appointments/board?day={shop.day}")
        page.locator(".booking").first.wait_for()
        opened = page.evaluate("performance.getEntriesByName('board-open')[0].duration")
        drawn = page.evaluate("document.querySelectorAll('.booking[data-id]').length")
        opening = page.evaluate("window.held.splice(0)")
        first = heard[0].body()
        page.wait_for_timeout(QUIET_SECONDS * 1000)
        quiet = [_bytes(one) for one in heard[1:]]
        heard.clear()
        for _ in range(CHANGES):
            _move_one(shop, web)
            page.wait_for_timeout(3000)
        changed = [_bytes(one) for one in heard if one.status == 200]
        held = page.evaluate("window.held")
    return {
        "bookings drawn": drawn,
        "opened after ms": round(opened),
        "longest time deaf while opening, ms": round(max(opening, default=0)),
        "times deaf for more than 50 ms afterwards": len(held),
        "first answer, bytes": len(first),
        "first answer, bytes compressed": len(gzip.compress(first, 6)),
        "requests a minute, nothing new": round(len(quiet) * 60 / QUIET_SECONDS),
        "bytes of one, nothing new (head of question and answer, no body)": round(median(quiet)),
        "answers after a change": len(changed),
        "bytes after a change": round(median(changed)),
    }


def _bytes(one: Response) -> int:
    sizes = one.request.sizes()
    return sum(sizes.values())


def _move_one(shop: Shop, web: webs.Web) -> None:
    """Move a booking of the day by five minutes, or back."""
    base = f"/api/v1/s/{shop.store.slug}/appointments"
    day = load.answer(web.port, ask(shop, f"{base}/board?day={shop.day}"))
    one = day["appointments"][-1]
    body = json.dumps({"extra_minutes": 0 if one["extra_minutes"] else 5}).encode()
    seen = f'If-Match: "{one["version"]}"'
    load.answer(web.port, ask(shop, f"{base}/{one['id']}", method="PATCH", body=body, more=seen))


def ask(shop: Shop, path: str, *, method: str = "GET", body: bytes = b"", more: str = "") -> bytes:
    """Write a question with the desk's token; `more` is one more line of its head."""
    text = load.request(method, path, "127.0.0.1", token=shop.token, body=body)
    head, _, rest = text.partition(b"\r\n")
    return b"\r\n".join([head, more.encode(), rest]) if more else text
