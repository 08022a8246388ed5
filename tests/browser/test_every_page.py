"""Every page in both languages, on a phone and at night: fits, without barriers or complaints."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from deploy.local.postgres import Cluster
from shared.days import next_month
from shared.domain.reporting.service import guests
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import SCREENS, barriers, wrong_with
from tests.browser.seeds import last_month, plan, sell_a_month
from tests.browser.test_headquarters import chain, review
from tests.browser.test_manager import roll_up
from tests.factories.tenants import new_hq, new_store


@pytest.fixture(scope="module")
def shop(cluster: Cluster) -> tuple[Tenant, date]:
    """A store with a month of sales and guests who were graded by it, seen by all screens."""
    made, now = new_store(), datetime.now(UTC)
    month = last_month(made, now)
    sell_a_month(made, month, leave_open=2)
    roll_up(made)
    with tenant_session(made) as session:
        guests.grade_guests(session, month=month, now=now)
        long_after = next_month(month) + timedelta(days=45)
        guests.judge_activity(session, day=long_after, now=now)
        session.commit()
    plan(made, month.year)
    return made, month


@pytest.fixture(scope="module")
def small_chain(cluster: Cluster) -> tuple[Tenant, list[Tenant], date]:
    """A chain with a reviewed month, seen by all screens."""
    month = last_month(new_hq(), datetime.now(UTC))
    hq, stores = chain(month)
    review(stores[0], month)
    return hq, stores, month


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_of_a_store_fit_and_are_quiet(
    screen: str,
    shop: tuple[Tenant, date],
    visit: Callable[..., Any],
    person: Callable[..., str],
) -> None:
    store, month = shop
    login = person((store, "MGR"), (store, "FD"))
    pages = {
        "home": "",
        "new": "sales/new",
        "receipts": f"sales?day={month:%Y-%m}-04",
        "receipt": "sales/3",
        "day": f"days/{month:%Y-%m}-04",
        "today": f"days/{month:%Y-%m}-{30 if month.month != 2 else 28}",
        "months": "months",
        "month": f"months/{month:%Y-%m}",
        "items": "items",
        "items-add": "items?add=BODY",
        "item": "items/1",
        "tokens": "tokens",
        "imports": "imports",
        "jobs": "jobs",
        "notices": "notices",
        "people": "people",
        "search": "search?q=1",
        "stock": "items/6/stock",
        "merges": "customer-merges",
        "guest": "customers/1",
        "follow-up": "follow-up",
        "grades": "customer-grades",
        "graded": "customer-gradings",
        "grading": "customer-gradings/1",
        "links": "opinion-links",
        "effect": "handouts/effect",
        "traffic": "traffic",
        "traffic-paper": "traffic/paper",
        "traffic-arrivals": "traffic/arrivals",
        "traffic-guests": "traffic/guests?group=NEW",
        "variances": "days/variances",
        "cash-paper": f"days/{month:%Y-%m}-04/paper",
        "plans": "plans",
        "plan": f"plans/{month.year}",
        "plan-draft": f"plans/{month.year}/draft",
        "plan-split": f"plans/{month.year}/split",
        "what-if": f"plans/{month.year}/what-if",
        "plan-paper": f"plans/{month.year}/paper",
        "export": "handouts/exports",
        "import": "handouts/imports",
        "paper": "customer-profiles/print",
        "missing": "opinions/99999",
        "refused": "stores",
    }
    with visit(**SCREENS[screen]) as visitor:
        visitor.open("/sign-in")
        assert barriers(visitor.page) == []
        visitor.sign_in(login)
        if screen.split("-")[1] == "en":
            visitor.open("/stores").get_by_role("button", name="English").click()
        _look(visitor, "store", f"/s/{store.slug}/", pages, screen)


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_of_an_empty_store_fit_and_lead_to_its_items(
    screen: str, store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    pages = {"home": "", "items": "items", "new": "sales/new", "imports": "imports"}
    with visit(**SCREENS[screen]) as visitor:
        visitor.sign_in(person((store, "MGR"), (store, "FD")))
        if screen.split("-")[1] == "en":
            visitor.open("/stores").get_by_role("button", name="English").click()
        _look(visitor, "empty", f"/s/{store.slug}/", pages, screen)
        for path in ("", "sales/new", "imports"):
            page = visitor.open(f"/s/{store.slug}/{path}")
            page.get_by_role("link", name=re.compile("录入项目与价目|Enter items")).click()
            page.wait_for_url("**/items?add=")
            assert page.locator("#code").is_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_of_a_headquarters_fit_and_are_quiet(
    screen: str,
    small_chain: tuple[Tenant, list[Tenant], date],
    visit: Callable[..., Any],
    person: Callable[..., str],
) -> None:
    hq, stores, month = small_chain
    pages = {
        "dashboard": "",
        "stores": "stores",
        "store-month": f"stores/{stores[0].code}/months/{month:%Y-%m}",
        "jobs": "jobs",
        "missing": "stores/999/months/2020-01",
    }
    with visit(**SCREENS[screen]) as visitor:
        visitor.sign_in(person((hq, "HQN"), (stores[0], "MGR")))
        if screen.split("-")[1] == "en":
            visitor.open("/stores").get_by_role("button", name="English").click()
        visitor.picture(f"{screen}-hq-switcher")
        for path in ("/stores", "/account", "/reset"):
            assert barriers(visitor.open(path)) == [], path
        _look(visitor, "hq", f"/s/{hq.slug}/", pages, screen)


def _look(visitor: Any, of: str, base: str, pages: dict[str, str], screen: str) -> None:
    wrong = []
    for name, path in pages.items():
        page = visitor.open(base + path)
        if page.locator("[data-chart]").count():
            page.locator("[data-chart] svg").first.wait_for()
        wrong += wrong_with(visitor, f"{screen}-{of}-{name}")
    assert wrong == []
