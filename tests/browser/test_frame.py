"""The frame in people's hands: search, other stores, the keyboard, a session that is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import PHONE, SCREENS, barriers, no_sideways_scroll, wrong_with
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_store


@pytest.mark.parametrize("screen", SCREENS)
def test_every_component_fits_and_bars_nobody(screen: str, visit: Callable[..., Any]) -> None:
    with visit(**SCREENS[screen]) as visitor:
        visitor.open("/dev/components")
        assert wrong_with(visitor, f"{screen}-components") == []


def test_a_form_is_filled_in_by_keyboard_alone(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.open("/dev/components")
        page.locator("#empty-text").focus()
        keys = page.keyboard
        keys.type("王小明")
        keys.press("Enter")
        assert _focused(page) == "empty-multiline"
        keys.type("一行")
        keys.press("Enter")  # in a text of several lines it is a line
        assert _focused(page) == "empty-multiline"
        keys.press("Tab")
        keys.type("12")
        keys.press("Enter")
        assert _focused(page) == "empty-money"
        page.locator("#empty-reference").focus()
        keys.type("陈")
        page.locator("#empty-reference-found [aria-selected=true]").wait_for()
        keys.press("Enter")
        assert page.locator("#empty-reference").input_value() == "陈顾问"
        assert page.locator("form").nth(1).locator("[name=reference]").first.input_value() == "8"
        keys.press("Control+Enter")
        page.wait_for_url(re.compile(r"text=.*reference=8"))


def test_the_first_refused_field_has_the_focus(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        assert _focused(visitor.open("/dev/components")) == "refused-text"


def test_what_cannot_be_undone_is_asked_by_our_own_dialog(visit: Callable[..., Any]) -> None:
    with visit() as visitor:
        page = visitor.open("/dev/components")
        page.get_by_role("button", name="Asks first").click()
        dialog = page.get_by_role("dialog")
        assert "17 rows" in dialog.inner_text()
        assert barriers(page) == []
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Asks first").click()
        with page.expect_navigation():
            dialog.get_by_role("button", name="Remove").click()


def test_search_finds_and_goes_there_without_a_mouse(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with tenant_session(store) as session:
        new_item(session, "F777")
        new_customer(session, "欧阳小明", phone="13800001234")
        session.commit()
    with visit() as visitor:
        page = visitor.sign_in(person((store, "MGR"), (store, "FD")))
        page.keyboard.press("Control+k")
        page.get_by_role("option").first.wait_for()  # the pages, before anything is typed
        page.keyboard.type("小明")
        page.get_by_role("option", name=re.compile("欧阳小明")).wait_for()
        visitor.picture("desktop-palette")
        assert barriers(page) == []
        page.keyboard.press("Escape")
        page.keyboard.press("Control+k")
        page.keyboard.type("F777")
        page.keyboard.press("Enter")  # before the answer is there
        page.wait_for_url("**/items/*")


def test_a_phone_has_a_drawer_and_the_name_of_the_store(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit(viewport=PHONE) as visitor:
        page = visitor.sign_in(person((store, "MGR"), (store, "FD")))
        assert page.locator(".where strong").inner_text() == store.display_name
        page.get_by_role("button", name="页面").click()
        visitor.picture("phone-drawer")
        assert barriers(page) == []
        page.get_by_role("link", name="单据").click()
        page.wait_for_url("**/sales")
        assert no_sideways_scroll(page)


def test_the_menu_of_stores_leads_to_the_same_page_of_another(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    others = [new_store(name=f"丽影美容院 {name}店") for name in "甲乙丙丁戊己庚"]
    with visit(viewport=PHONE) as visitor:
        visitor.sign_in(person(*((one, "MGR") for one in (store, *others))))
        page = visitor.open(f"/s/{store.slug}/months")
        page.locator(".where summary").click()
        page.locator("[data-narrows]").fill("庚")
        visitor.picture("phone-places")
        assert barriers(page) == []
        page.get_by_role("link", name=re.compile("庚店")).click()
        page.wait_for_url(f"**/s/{others[-1].slug}/months")


def test_what_was_typed_outlives_a_lost_session_and_not_the_saving(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "MGR"))
    with visit() as visitor:
        visitor.sign_in(login)
        page = visitor.open(f"/s/{store.slug}/items?add=BODY")
        _describe_item(page)
        page.context.clear_cookies()  # the session is over
        page.get_by_role("button", name="添加").click()
        page.wait_for_url(re.compile(r"/sign-in\?next=.*items"))
        page.locator("#login").fill(login)
        page.locator("#password").fill("correct horse battery")
        page.locator("button[type=submit].btn-primary").click()
        page.wait_for_url("**/items?add=BODY")

        visitor.picture("desktop-draft-offered")
        assert barriers(page) == []
        page.get_by_role("button", name="恢复填写内容").click()
        assert page.locator("#name").input_value() == "热石护理"
        page.get_by_role("button", name="添加").click()
        page.locator("#found").get_by_text("热石护理").wait_for()

        assert _drafts(page) == []


def test_signing_out_clears_drafts(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit() as visitor:
        visitor.sign_in(person((store, "MGR")))
        page = visitor.open(f"/s/{store.slug}/items?add=BODY")
        _describe_item(page)
        page.wait_for_function("() => Object.keys(localStorage).length > 0")
        page.locator(".person-menu summary").click()
        page.get_by_role("button", name="退出").click()
        page.wait_for_url("**/sign-in")

        assert _drafts(page) == []


def test_a_page_says_that_the_session_or_the_network_is_gone(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "MGR"), (store, "FD"))
    with visit() as visitor:
        visitor.sign_in(login)
        page = visitor.open(f"/s/{store.slug}/sales/new")
        page.context.set_offline(True)
        page.locator("#customer").fill("王")
        expect(page.locator("#trouble")).to_contain_text("网络已断开")
        page.context.set_offline(False)
        expect(page.locator("#trouble")).to_be_hidden()
        page.context.clear_cookies()
        page.locator("#customer").fill("王小")
        dialog = page.get_by_role("dialog", name="登录已失效")
        dialog.wait_for()
        visitor.picture("desktop-session-lost")
        assert barriers(page) == []
        dialog.get_by_role("link", name="登录").click()
        page.wait_for_url(re.compile(r"/sign-in\?next=.*sales.*new"))
        expected = re.compile("ERR_INTERNET|Error Code 401")
        visitor.complaints = [one for one in visitor.complaints if not expected.search(one)]


def _describe_item(page: Page) -> None:
    page.locator("#code").fill("H001")
    page.locator("#name").fill("热石护理")
    page.locator("#price_fen").fill("398")
    page.locator("#on_sale_from").fill("2025-01-01")


def _drafts(page: Page) -> list[str]:
    kept: list[str] = page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('draft:'))")
    return kept


def _focused(page: Page) -> str:
    focused: str = page.evaluate("document.activeElement.id")
    return focused
