"""A guest gives an opinion by a code, without an account; on a tablet one after the other."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.surveys.service.opinions import OPINIONS
from shared.records import queries
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import SCREENS, wrong_with


def made_by_desk(visit: Callable[..., Any], login: str, store: Tenant, button: str) -> str:
    """Let the desk make a link; gives its path."""
    with visit() as desk:
        desk.sign_in(login)
        page = desk.open(f"/s/{store.slug}/opinion-links")
        page.get_by_role("button", name=button).click()
        url: str = page.locator("#guest-url").input_value()
        return "/g/" + url.partition("/g/")[2]


@pytest.mark.parametrize("screen", SCREENS)
def test_a_guest_says_what_displeased_and_the_link_is_used_up(
    screen: str, store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    path = made_by_desk(visit, person((store, "FD")), store, "生成二维码")
    with visit(**SCREENS[screen]) as guest:
        page = guest.open(path)
        wrong = wrong_with(guest, f"{screen}-guest")
        assert not page.locator("#reason").is_visible()  # nobody is asked why who liked it
        page.locator("input[name=overall][value=DISSATISFIED]").check()
        page.locator("button[type=submit].btn-primary").click()
        page.locator(".field-error").first.wait_for()
        wrong += wrong_with(guest, f"{screen}-guest-refused")
        page.locator("#reason").fill("等了半小时")
        page.locator("input[name=waiting][value=VERY_DISSATISFIED]").check()
        page.locator("button[type=submit].btn-primary").click()
        page.wait_for_url("**/thanks")
        wrong += wrong_with(guest, f"{screen}-guest-thanks")
        guest.open(path)
        assert not page.locator("input[name=overall]").count()
        wrong += wrong_with(guest, f"{screen}-guest-used")
    assert wrong == []
    with tenant_session(store) as session:
        row = queries.get(session, OPINIONS, 1)
        assert (row.overall, row.reason, row.waiting, row.way) == (
            "DISSATISFIED", "等了半小时", "VERY_DISSATISFIED", "LINK",
        )  # fmt: skip


def test_a_tablet_is_empty_again_for_the_next_guest(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    path = made_by_desk(visit, person((store, "FD")), store, "启用平板")
    with visit() as tablet:
        page = tablet.open(path)
        for _guest in range(2):
            page.locator("input[name=overall][value=SATISFIED]").check()
            page.locator("button[type=submit].btn-primary").click()
            page.get_by_role("link", name=re.compile("下一位")).click()
            assert not page.locator("input[name=overall]:checked").count()
    with tenant_session(store) as session:
        assert queries.count(session, OPINIONS, queries.Asked()) == 2
