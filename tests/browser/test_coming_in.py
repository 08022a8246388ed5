"""Somebody new comes in: invited, accepts, sets up the second factor, signs in, loses the phone."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
from playwright.sync_api import Page, expect

from tenants.people import accounts
from tenants.registry import Tenant
from tests.api import visitors
from tests.browser.conftest import PASSWORD, PHONE, no_sideways_scroll

MOBILE = "13912345678"
STRONG = "trundle-violet-harbour"


def test_a_newcomer_is_invited_and_comes_in_with_two_factors(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit() as manager:
        link = _invite(manager, store, person((store, "MGR")))
    with visit(viewport=PHONE) as newcomer:
        page = _accept(newcomer, link)
        key, codes = _set_up(newcomer, page)
        page.get_by_role("link", name="已经记好").click()
        newcomer.picture("phone-account")
        assert no_sideways_scroll(page)
        who = accounts.by_name(MOBILE)
        assert who
        with visit(locale="en") as elsewhere:
            _come_back(elsewhere, who, pyotp.TOTP(key))
            with visit() as third:
                _come_back_without_the_phone(third, codes[0])
            _end_the_others(elsewhere, page)


def test_a_manager_changes_roles_and_is_asked_who_it_is(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    boss, desk = person((store, "MGR")), person((store, "FD"))
    with visit(viewport=PHONE) as manager:
        page = manager.sign_in(boss)
        who = accounts.by_name(boss)
        assert who
        visitors.make_stale(who)
        manager.open(f"/s/{store.slug}/people")
        manager.picture("phone-people")
        assert no_sideways_scroll(page)
        page.locator("tr", has_text=desk).get_by_role("link").click()
        page.get_by_label("美容顾问").check()
        page.get_by_role("button", name="修改角色").click()
        page.get_by_role("heading", name="请确认是您本人").wait_for()
        manager.picture("phone-confirm")
        assert no_sideways_scroll(page)
        page.locator("#confirm_password").fill("wrong")
        page.get_by_role("button", name="继续").click()
        page.get_by_role("alert").wait_for()
        page.locator("#confirm_password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_text("角色已修改").wait_for()
        row = page.locator("tr", has_text=desk)
        expect(row).to_contain_text("美容顾问")
        page.get_by_role("link", name="人员变动记录").click()
        page.get_by_role("heading", name="人员变动记录").wait_for()
        manager.picture("phone-people-changes")
        assert no_sideways_scroll(page)


def _invite(manager: Any, store: Tenant, login: str) -> str:
    page = manager.sign_in(login)
    page.get_by_role("link", name="人员", exact=True).first.click()
    page.get_by_role("button", name="邀请", exact=True).click()
    page.locator("#name-error").wait_for()
    page.locator("#name").fill("王小美")
    page.locator("#address").fill(MOBILE)
    page.get_by_label("前台").check()
    page.get_by_label("美容师").check()
    page.get_by_role("button", name="邀请", exact=True).click()
    link = page.locator("#link").input_value()
    manager.picture("people-invited")
    assert page.get_by_role("cell", name=f"+86{MOBILE}").count() == 1
    return urlsplit(link).path


def _accept(newcomer: Any, link: str) -> Page:
    page: Page = newcomer.open(link)
    newcomer.picture("phone-invitation")
    assert no_sideways_scroll(page)
    page.locator("#new_password").fill("12345678")
    page.locator("#new_password_again").fill("12345678")
    page.get_by_role("button", name="接受并开始使用").click()
    page.locator("#new_password-error").wait_for()
    for field in ("#new_password", "#new_password_again"):
        page.locator(field).fill(STRONG)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/s/[^/]+/$"))
    page.get_by_text("欢迎加入").wait_for()
    return page


def _set_up(newcomer: Any, page: Page) -> tuple[str, list[str]]:
    newcomer.open("/account")
    page.get_by_role("button", name="开始设置").click()
    key = page.locator("#factor-key").inner_text().replace(" ", "")
    newcomer.picture("phone-second-factor")
    assert no_sideways_scroll(page)
    page.locator("#code").fill("000000")
    page.get_by_role("button", name="启用").click()
    page.get_by_role("alert").wait_for()
    page.locator("#code").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="启用").click()
    page.get_by_text("动态验证码已启用").wait_for()
    newcomer.picture("phone-recovery-codes")
    assert no_sideways_scroll(page)
    return key, page.locator(".codes code").all_inner_texts()


def _begin(visitor: Any) -> Page:
    page: Page = visitor.open("/sign-in")
    page.locator("#login").fill(f"+86 {MOBILE}")
    page.locator("#password").fill(STRONG)
    page.keyboard.press("Enter")
    page.locator("#code").wait_for()
    return page


def _come_back(visitor: Any, who: UUID, app: pyotp.TOTP) -> None:
    page = _begin(visitor)
    visitor.picture("second-step")
    visitors.forget_steps(who)
    page.locator("#code").fill(app.now())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/s/[^/]+/$"))


def _come_back_without_the_phone(visitor: Any, code: str) -> None:
    page = _begin(visitor)
    page.locator("#code").fill(code.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/s/[^/]+/$"))
    visitor.open("/account")
    expect(page.get_by_text("还剩 9 个恢复码")).to_be_visible()
    visitor.picture("account")


def _end_the_others(visitor: Any, first: Page) -> None:
    """Sign the newcomer's first browser out from another."""
    page: Page = visitor.open("/account")
    expect(page.locator(".device-list li")).to_have_count(3)
    page.get_by_role("button", name="English").click()
    visitor.picture("account-en")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator(".device-list li")).to_have_count(1)
    first.goto(f"{visitor.site}/account")
    first.wait_for_url(re.compile("/sign-in"))
