"""Notices on the screen: the badge, the inbox, and the settings behind them, in both languages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.domain.notifications.rules.endpoints import Kind, Secrets
from shared.events.notices import Notify
from tenants.registry import Tenant
from tests.browser.conftest import SCREENS, wrong_with
from tests.workers.notifications.conftest import add_endpoint, tell

PAGES = {
    "inbox": "notices",
    "mine": "notices/mine",
    "channels": "notices/channels",
    "texts": "notices/texts",
    "text": "notices/texts/cash.unclosed/staff",
    "log": "notices/log",
}


@pytest.mark.parametrize("screen", SCREENS)
def test_the_manager_is_told_reads_and_finds_every_setting(
    screen: str, store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "MGR"))
    noon = (datetime.now(UTC) - timedelta(days=1)).replace(hour=4)
    for event in ("cash.variance", "cash.unclosed", "month.closed", "opinion.negative"):
        facts = {"date": "2025-06-09", "amount": "-250.00", "month": "2025-05", "state": "已关账"}
        tell(store, Notify(event=event, key=str(uuid4()), facts=facts), now=noon)
    add_endpoint(store, Kind.FEISHU, secrets=Secrets(key="x"), topics=("cash", "month"))
    add_endpoint(store, Kind.SMS, "https://sms.example.com/send")

    with visit(**SCREENS[screen]) as visitor:
        page = visitor.sign_in(login)
        if "-en-" in screen:
            visitor.open("/stores").get_by_role("button", name="English").click()
        page = visitor.open(f"/s/{store.slug}/")
        page.locator(".badge-count", has_text="4").wait_for()
        wrong = []
        for name, path in PAGES.items():
            page = visitor.open(f"/s/{store.slug}/{path}")
            wrong += wrong_with(visitor, f"{screen}-notices-{name}")
        page = visitor.open(f"/s/{store.slug}/notices")
        page.locator("form[action$='/notices/reading'] button").click()
        page.locator("li.unread").wait_for(state="detached")
        assert page.locator(".badge-count").is_hidden()
    assert wrong == []
