"""What the books ask of people: count the drawer and close the day, split a plan, ask what if."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, expect

from shared import days
from shared.domain.sales.rules.kinds import Tender
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.seeds import plan
from tests.factories.sales import new_item, new_sale


def _sign(page: Page) -> None:
    """Draw something, and wait until it is sent."""
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 90, steps=4)
    page.mouse.up()
    page.get_by_text("已发送，随表单保存").wait_for()


def test_the_cashier_counts_by_piece_and_the_manager_signs(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    today = days.business_day(
        datetime.now(UTC), zone=store.time_zone, change_hour=store.day_change_hour
    )
    with tenant_session(store) as session:
        item = new_item(session)
        new_sale(session, (item.id, 350_00), day=today)
        new_sale(session, (item.id, 80_00), day=today, tenders=[(Tender.WECHAT, 80_00)])
        session.commit()
    address = f"/s/{store.slug}/days/{today}"
    with visit() as visitor:
        page = visitor.sign_in(person((store, "FD")))
        visitor.open(address)
        page.locator("#count > summary").click()
        page.locator("[name='denominations.10000']").fill("3")
        page.locator("[name='denominations.2000']").fill("2")
        expect(page.locator("[data-counted]")).to_have_text("¥340.00")
        expect(page.locator("[data-variance]")).to_have_text("-¥10.00")
        page.wait_for_timeout(500)  # the draft is kept when the hand rests

        page.reload()  # nothing typed is lost
        page.get_by_role("button", name="恢复填写内容").click()
        expect(page.locator("[data-counted]")).to_have_text("¥340.00")
        visitor.picture("count")
        page.get_by_role("button", name="签署并提交点钞").click()
        page.get_by_text("结算合计未填写").first.wait_for()

        page.locator("[name='settlements.WECHAT']").fill("80")
        page.locator("[name='variance_reason']").fill("找零差错")
        _sign(page)
        page.get_by_role("button", name="签署并提交点钞").click()
        page.get_by_text("点钞已提交，请店长审核日结").wait_for()
    with visit() as visitor:
        page = visitor.sign_in(person((store, "MGR")))
        visitor.open(address)
        visitor.picture("close")
        _sign(page)
        page.get_by_role("button", name="签署并日结").click()
        page.get_by_text("已日结。").wait_for()
        visitor.picture("closed")
        visitor.open(f"{address}/paper")
        visitor.picture("cash-paper")


def test_the_owner_moves_revenue_and_people_and_sees_what_follows(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    plan(store, 2026)
    with visit() as visitor:
        page = visitor.sign_in(person((store, "MGR")))
        visitor.open(f"/s/{store.slug}/plans/2026/what-if")
        page.locator("#H").fill("12.5")
        expect(page.locator("[data-code=P01] [data-now]")).to_have_text("¥80.00")
        expect(page.locator("[data-code=P01] [data-change]")).to_have_text("-20.00%")
        expect(page.locator("[data-code=P12] [data-change]")).to_have_text("0.00%")
        page.locator("#H").fill("0")
        expect(page.locator("[data-code=P03] [data-now]")).to_have_text("—")
        visitor.picture("what-if")

        visitor.open(f"/s/{store.slug}/plans/2026/split")
        page.locator("[name='2026-01/STORE/']").fill("")
        expect(page.locator("[data-rest]")).to_have_text("100000.00")
        visitor.picture("split")
        page.get_by_role("button", name="分摊余额").click()
        page.get_by_text("合计分毫不差").first.wait_for()
        visitor.open(f"/s/{store.slug}/plans/2026")
        visitor.picture("plan")
