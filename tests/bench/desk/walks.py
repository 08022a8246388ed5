"""Booking, check-in, settling by keyboard: keystrokes, and the seconds the machine makes one wait.

A keystroke is a key or a chord; a typed digit is one. The seconds hold no thinking and no talking:
keys go in at once, so what remains is what pages, questions and answers take.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.bench import webs
from tests.bench.desk.shop import LOGIN, WALKS, Shop
from tests.browser.conftest import DESKTOP, PASSWORD

Figures = dict[str, float | int]
PATIENCE_MS = 30_000
MOST_PRESSES = 60


class Hands:
    """Somebody at a keyboard who counts."""

    def __init__(self, page: Page) -> None:
        """Begin at nought."""
        self.page, self.keys = page, 0

    def press(self, *chords: str) -> None:
        """Press keys, one after the other."""
        for chord in chords:
            self.page.keyboard.press(chord)
            self.keys += 1

    def write(self, text: str) -> None:
        """Type letters and digits."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def into_page(self) -> None:
        """Go past the index by the link that every page begins with."""
        self.press("Tab", "Enter")

    def tab_to(self, selector: str) -> None:
        """Press Tab until something that fits has the focus."""
        self._until("Tab", "s => document.activeElement.matches(s)", selector)

    def arrow_to(self, selector: str) -> None:
        """Go by the arrows to a guest on the reception board: to the lane, then down in it."""
        lane = f"[data-lane]:has({selector})"
        self._until("ArrowRight", "s => document.activeElement.closest(s) !== null", lane)
        self._until("ArrowDown", "s => document.activeElement.matches(s)", selector)

    def _until(self, chord: str, is_there: str, selector: str) -> None:
        for _ in range(MOST_PRESSES):
            if self.page.evaluate(is_there, selector):
                return
            self.press(chord)
        raise RuntimeError(f"{chord} does not lead to {selector}")


Way = Callable[[Hands, Shop, int], None]


def measure(shop: Shop, web: webs.Web) -> dict[str, Figures]:
    """Walk each way some times in one browser."""
    ways = {"booking": _book, "check-in": _check_in, "settle": _settle}
    with a_desk(shop, web) as (page, base):
        return {name: _walked(way, page, base, shop) for name, way in ways.items()}


@contextmanager
def a_desk(shop: Shop, web: webs.Web) -> Iterator[tuple[Page, str]]:
    """Open a browser in which the desk is signed in; gives its page and the store's address."""
    site = f"http://127.0.0.1:{web.port}"
    viewport = ViewportSize(width=DESKTOP["width"], height=DESKTOP["height"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"],
        )
        page = browser.new_context(viewport=viewport, locale="zh-CN").new_page()
        page.set_default_timeout(PATIENCE_MS)
        _sign_in(page, site)
        yield page, f"{site}/s/{shop.store.slug}"
        browser.close()


def _sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/sign-in")
    page.locator("#login").fill(LOGIN)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/stores$|/s/[^/]+/$"))


def _walked(way: Way, page: Page, base: str, shop: Shop) -> Figures:
    keys, seconds = [], []
    for n in range(WALKS):
        page.goto(f"{base}/reception")  # where a desk stands
        hands = Hands(page)
        began = time.perf_counter()
        way(hands, shop, n)
        seconds.append(time.perf_counter() - began)
        keys.append(hands.keys)
    return {
        "keystrokes": median(keys),
        "machine seconds, median": round(median(seconds), 2),
        "machine seconds, worst": round(max(seconds), 2),
    }


def _book(hands: Hands, shop: Shop, n: int) -> None:
    """From the reception: a known guest by the end of the phone, one item, the first free time."""
    page = hands.page
    hands.press("Control+k")
    page.locator("#palette[open]").wait_for()
    hands.write("xjyy")
    page.locator("#palette a[role=option]", has_text="新建预约").wait_for()
    hands.press("Enter")
    page.wait_for_url("**/booking/new*")
    page.locator("#customer:focus").wait_for()
    hands.write(shop.guests[n])
    expect(page.locator("#customer-found button")).to_have_count(1)
    hands.press("Enter")
    expect(page.locator("#about")).to_contain_text(f"王女士{n}")
    hands.tab_to(f"input[name=items][value='{shop.care}'], [name=items]")
    hands.press("Space")
    page.locator("input[name=slot]").first.wait_for(state="attached")
    hands.tab_to("[name=readback_done]")
    hands.press("Space")
    hands.tab_to("input[name=slot]")
    hands.press("Space", "Control+s")
    page.wait_for_url(re.compile(r"/day/\d+$"))


def _check_in(hands: Hands, shop: Shop, n: int) -> None:
    """From the reception, where the guest is expected."""
    page = hands.page
    row = page.locator(".strip li", has_text=f"李女士{n}")
    row.wait_for()
    hands.arrow_to(f"#booking-{shop.bookings[n]}")
    hands.tab_to(f"form[action$='/arrivals/{shop.bookings[n]}'] button")
    hands.press("Enter")
    page.locator(".guest-card", has_text=f"李女士{n}").wait_for()


def _settle(hands: Hands, shop: Shop, n: int) -> None:
    """From the reception: look at the result, settle by the tender that is offered."""
    page = hands.page
    card = page.locator(".guest-card", has_text=f"陈女士{n}")
    card.wait_for()
    hands.arrow_to(f"#guest-{shop.visits[n]}")
    hands.tab_to(f"form[action$='/{shop.visits[n]}/check'] button")
    hands.press("Enter")
    page.locator(f"a[href$='/settlements/{shop.visits[n]}']").wait_for()
    hands.tab_to(f"a[href$='/settlements/{shop.visits[n]}']")  # one comes back to the same guest
    hands.press("Enter")
    page.wait_for_url("**/settlements/*")
    hands.into_page()
    hands.tab_to("form.till select, form.till button")
    hands.press("Control+s")
    page.wait_for_url(re.compile(r"/visits/\d+$"))
