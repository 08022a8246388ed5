"""A guest asks for a copy of all that is kept, and then to be forgotten."""

import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.customers.service.profiles import PROFILES
from shared.records import service
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction
from tests.browser.conftest import DESKTOP, PHONE, barriers, no_sideways_scroll
from tests.factories.records import editor, profile
from workers.testing import drain

SCREENS = {
    "desktop-zh": {"viewport": DESKTOP, "locale": "zh-CN"},
    "phone-en": {"viewport": PHONE, "locale": "en-US"},
}
WORDS = {
    "zh": ("个人信息", "制作副本", "下载", "删除"),
    "en": ("Personal data", "Make the copy", "Download", "Erase"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_manager_copies_and_erases_a_guest(
    screen: str, store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with tenant_transaction(store) as session:
        number = service.keep_new(session, PROFILES, typed=profile(), by=editor()).number
    of_it, make, download, erase = WORDS[screen[-2:]]
    with visit(**SCREENS[screen]) as visitor:
        visitor.sign_in(person((store, "MGR")))
        if screen.endswith("en"):
            visitor.open("/stores").get_by_role("button", name="English").click()
        page = visitor.open(f"/s/{store.slug}/customer-profiles/1")
        page.locator("main").get_by_role("link", name=of_it).click()
        _look(visitor, f"{screen}-privacy-person")

        page.locator("#purpose").fill("本人到店要求")
        page.get_by_role("button", name=make).click()
        page.wait_for_url("**/personal-data/copies/*")
        drain(store)
        page.get_by_role("button", name=download).wait_for()
        _look(visitor, f"{screen}-privacy-copy")
        with page.expect_download() as fetched:
            page.get_by_role("button", name=download).click()
        with zipfile.ZipFile(fetched.value.path()) as archive:
            assert "13812345678" in archive.read("data.json").decode()

        page = visitor.open(f"/s/{store.slug}/customer-profiles/1/personal-data")
        page.locator("#reason").fill("本人要求")
        page.locator("#number").fill(number)
        page.locator("main form .btn-danger").click()
        page.get_by_role("dialog").get_by_role("button", name=erase).click()
        page.wait_for_url("**/personal-data/erasures/*")
        drain(store)
        page.reload()
        _look(visitor, f"{screen}-privacy-receipt")
        page = visitor.open(f"/s/{store.slug}/personal-data/erasures")
        _look(visitor, f"{screen}-privacy-receipts")
        assert number in page.locator("main").inner_text()
        listed = visitor.open(f"/s/{store.slug}/customer-profiles").locator("main").inner_text()
        assert number not in listed


def _look(visitor: Any, name: str) -> None:
    visitor.picture(name)
    assert barriers(visitor.page) == []
    assert no_sideways_scroll(visitor.page)
