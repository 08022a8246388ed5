"""A served application, a browser that notes every complaint, and people who sign in."""

import itertools
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from deploy.local.postgres import Cluster
from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.factories.tenants import new_person
from web.app import create_app

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / ".pictures"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
PASSWORD = "correct horse battery"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
# Two kinds of visitors see every page: between them each language, each light, each width. A page
# that fits is asked in both widths for each of them (wrong_with).
SCREENS: dict[str, dict[str, Any]] = {
    "phone-zh": {"viewport": PHONE, "locale": "zh-CN"},
    "desktop-en-dark": {"viewport": DESKTOP, "locale": "en-US", "dark": True},
}
_numbers = itertools.count(1)
PATIENCE_MS = 15_000  # for a loaded machine; nothing waits when it is there


def _need(found: str | None, what: str) -> str:
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def assets() -> None:
    """The built assets; built now when they are not there."""
    if (ROOT / "web/static/build/manifest.json").exists():
        return
    node = _need(shutil.which("node"), "node, to build the assets")
    if not (ROOT / "node_modules").exists():
        _need(None, "node_modules: npm ci --ignore-scripts")
    subprocess.run([node, "web/assets/build.mjs"], cwd=ROOT, check=True, timeout=120)


@pytest.fixture(scope="session")
def site(cluster: Cluster, assets: None) -> Iterator[str]:
    """The address of a served application."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    path = _need(shutil.which("chromium") or shutil.which("chromium-browser"), "chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield running
        finally:
            running.close()


@dataclass
class Visitor:
    """One person at one screen; `complaints` is everything the browser was unhappy with."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open an address of the site."""
        self.page.goto(f"{self.site}{path}")
        return self.page

    def sign_in(self, login: str) -> Page:
        """Sign in by the form."""
        page = self.open("/sign-in")
        page.locator("#login").fill(login)
        page.locator("#password").fill(PASSWORD)
        page.locator("button[type=submit].btn-primary").click()
        page.wait_for_url(re.compile(r"/stores$|/s/[^/]+/$"))  # where they choose, or work
        return page

    def picture(self, name: str) -> None:
        """Keep a picture of the page for people to look at, with ROLLBOOK_PICTURES=1."""
        if not os.environ.get("ROLLBOOK_PICTURES"):
            return
        PICTURES.mkdir(exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def note(self, message: ConsoleMessage) -> None:
        """Note what the console says of errors and refused content."""
        # a form that comes back with 422 is an answer, not a fault of the page; nor is a question
        # of htmx's that a newer one replaced
        expected = re.search(r"status of (4\d\d)|htmx:(afterRequest|sendAbort)", message.text)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{self.page.url}: {message.text}")


@pytest.fixture
def visit(site: str, browser: Browser) -> Callable[..., Any]:
    """Make visitors: `with visit(viewport=PHONE) as visitor`; they must leave without complaint."""

    @contextmanager
    def make(
        *, viewport: dict[str, int] | None = None, locale: str = "zh-CN", dark: bool = False
    ) -> Iterator[Visitor]:
        context = browser.new_context(
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        visitor = Visitor(page, site)
        page.on("console", visitor.note)
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        try:
            yield visitor
        finally:
            context.close()
        assert visitor.complaints == []

    return make


@pytest.fixture
def person(no_failures: None) -> Callable[..., str]:
    """Register people who can sign in; gives the login: `person((store, "MGR"), name="…")`."""

    def register(*roles: tuple[Tenant, Role]) -> str:
        login = f"{roles[0][1].lower()}-{next(_numbers)}-{roles[0][0].slug}@example.test"
        new_person(*roles, login=login, password_hash=CHEAP_HASH)
        return login

    return register


def barriers(page: Page) -> list[str]:
    """List what axe finds that keeps people from using the page: rule, place, reason."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{broken['id']}: {node['html'][:160]} {node['failureSummary'][:240]}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def wrong_with(visitor: Visitor, name: str) -> list[str]:
    """List what is wrong with the page that is open: barriers, and where it scrolls sideways.

    Shape: barriers are looked for as the page stands; whether it fits, also on the other kind of
    screen, which costs no second load.
    """
    page = visitor.page
    found = [f"{name}: {barrier}" for barrier in barriers(page)]
    mine = page.viewport_size
    for screen in (PHONE, DESKTOP):
        page.set_viewport_size(screen)  # type: ignore[arg-type]
        if not no_sideways_scroll(page):
            found.append(f"{name} scrolls sideways at {screen['width']}")
        visitor.picture(f"{name}-{screen['width']}")
    page.set_viewport_size(mine)  # type: ignore[arg-type]
    return found


def no_sideways_scroll(page: Page) -> bool:
    """Tell whether the page itself fits its width."""
    measured: dict[str, int] = json.loads(
        page.evaluate(
            "JSON.stringify({inner: document.documentElement.clientWidth,"
            " outer: document.documentElement.scrollWidth})"
        )
    )
    return measured["outer"] <= measured["inner"]
