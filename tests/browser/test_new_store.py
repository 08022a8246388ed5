"""What a new store does first: the manager enters items, the front desk sells, programs get in."""

import re
from collections.abc import Callable
from typing import Any

from tenants.registry import Tenant
from tests.browser.conftest import PHONE


def test_the_manager_adds_an_item_and_the_front_desk_sells_it(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    base = f"/s/{store.slug}"
    with visit() as manager:
        page = manager.sign_in(person((store, "MGR")))
        page.get_by_role("link", name="录入项目与价目").click()
        page.locator("#code").fill("F001")
        page.locator("#name").fill("深层补水护理")
        page.locator("#price_fen").fill("二百九十八")
        page.get_by_role("button", name="添加").click()
        page.locator("#price_fen-error").wait_for()
        manager.picture("items-refused")
        assert page.locator("#name").input_value() == "深层补水护理"

        page.locator("#price_fen").fill("298")
        page.locator("#cost_fen").fill("40")
        page.keyboard.press("Control+Enter")
        page.get_by_text("已添加 F001 深层补水护理").wait_for()
        page.keyboard.type("P001")  # the form stands there for the next one
        page.locator("#name").fill("玫瑰精华液")
        page.locator("#category").select_option("PRODUCT")
        page.locator("#price_fen").fill("168")
        page.get_by_role("button", name="添加").click()
        page.get_by_text("已添加 P001").wait_for()
        manager.picture("items-added")

        page.get_by_role("searchbox").fill("玫瑰")
        page.get_by_text("深层补水护理").wait_for(state="hidden")
        page.get_by_role("link", name="玫瑰精华液").click()
        page.get_by_role("button", name="立即下架").click()
        page.get_by_text("P001 玫瑰精华液 已下架").wait_for()
        manager.picture("items-withdrawn")

    with visit(viewport=PHONE) as desk:
        page = desk.sign_in(person((store, "FD")))
        desk.open(f"{base}/items")
        assert page.get_by_role("link", name="深层补水护理").count() == 0
        desk.picture("phone-items-front-desk")
        desk.open(f"{base}/sales/new")
        page.locator("[name=item]").first.fill("P001")
        assert page.locator(".found:visible button").count() == 0
        page.locator("[name=item]").first.fill("F001")
        page.keyboard.press("Enter")
        page.keyboard.press("F9")
        page.wait_for_url("**/sales/*?new=1")
        assert page.locator("tfoot").first.inner_text().split()[-1] == "¥298.00"


def test_a_person_makes_a_token_that_works_until_it_is_revoked(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit(viewport=PHONE) as visitor:
        page = visitor.sign_in(person((store, "MGR")))
        page.locator("details.menu summary").last.click()
        visitor.picture("phone-person-menu")
        page.get_by_role("link", name="我的令牌").click()
        page.locator("#label").fill("收银对接 后台电脑")
        page.get_by_role("button", name="创建令牌").click()
        token = page.locator("#token").input_value()
        visitor.picture("phone-token-made")
        page.get_by_role("button", name=re.compile("^复制$")).click()
        page.wait_for_function(
            "document.activeElement.id == 'token' || "
            "document.querySelector('[data-copy]').textContent == '已复制'"
        )

        address = f"{visitor.site}/api/v1/s/{store.slug}/me"
        bearer = {"Authorization": f"Bearer {token}"}
        program = page.context.request
        assert program.get(address, headers=bearer).status == 200

        visitor.open(f"/s/{store.slug}/tokens")
        assert token not in page.content()
        page.get_by_role("button", name="撤销").click()
        page.get_by_role("button", name="取消").click()
        assert program.get(address, headers=bearer).status == 200
        page.get_by_role("button", name="撤销").click()
        page.get_by_role("dialog").get_by_role("button", name="继续").click()
        page.get_by_text("令牌已撤销").wait_for()
        assert program.get(address, headers=bearer).status == 401
