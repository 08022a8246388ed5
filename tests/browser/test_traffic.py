"""The traffic analysis on the screen: marks in words, a filter, a cell that opens its arrivals."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import DESKTOP, PHONE, no_sideways_scroll, wrong_with
from tests.factories.traffic import worked_weeks


@pytest.mark.parametrize(
    ("viewport", "locale"), [(DESKTOP, "zh-CN"), (PHONE, "en-GB")], ids=["wide-zh", "phone-en"]
)
def test_the_map_is_read_without_colour_and_opens_its_arrivals(
    viewport: dict[str, int],
    locale: str,
    store: Tenant,
    visit: Callable[..., Any],
    person: Callable[..., str],
) -> None:
    with tenant_session(store) as session:
        last = worked_weeks(session, times=2)
        session.commit()
    is_chinese = locale.startswith("zh")
    peak, slack = ("高峰", "较差") if is_chinese else ("Peak", "Slack")
    with visit(viewport=viewport, locale=locale) as visitor:
        visitor.sign_in(person((store, "MGR")))
        if not is_chinese:
            visitor.open("/stores").get_by_role("button", name="English").click()
        page = visitor.open(f"/s/{store.slug}/traffic?weeks=4&until={last}")
        table = page.locator("table.heat")
        expect(table.get_by_text(peak, exact=True)).to_have_count(2)
        expect(table.get_by_text(slack, exact=True)).to_have_count(2)
        assert no_sideways_scroll(page)
        assert wrong_with(visitor, f"traffic-{locale}") == []
        visitor.picture(f"traffic-{locale}")

        show = page.get_by_role("button", name="显示" if is_chinese else "Show")
        page.locator("#guests").select_option("RETURNING")
        show.click()
        expect(page.locator("table.heat")).to_have_count(0)  # every guest came once
        page.locator("#guests").select_option("NEW")
        show.click()
        table.locator("a").filter(has_text="4.00").click()
        page.wait_for_url("**/traffic/arrivals?*")
        assert "weekday=6" in page.url
        assert "hour=14" in page.url
        expect(page.locator("tbody tr")).to_have_count(16)
        assert wrong_with(visitor, f"arrivals-{locale}") == []
        visitor.picture(f"traffic-arrivals-{locale}")

        page = visitor.open(f"/s/{store.slug}/traffic/paper?weeks=4&until={last}")
        assert wrong_with(visitor, f"traffic-paper-{locale}") == []
        visitor.picture(f"traffic-paper-{locale}")
