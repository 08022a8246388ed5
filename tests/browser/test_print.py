"""Paper: the store's name at its head, no buttons, nothing cut off at the width of A4."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tenants.registry import Tenant
from tests.browser.conftest import no_sideways_scroll
from tests.browser.test_every_page import shop  # noqa: F401

A4 = {"width": 718, "height": 1040}  # 190 mm between the margins, at 96 dots an inch


def test_reports_are_printed_with_the_name_of_the_store_and_no_controls(
    shop: tuple[Tenant, date],  # noqa: F811
    visit: Callable[..., Any],
    person: Callable[..., str],
) -> None:
    store, month = shop
    pages = {"day": f"days/{month:%Y-%m}-04", "month": f"months/{month:%Y-%m}", "items": "items"}
    with visit(viewport=A4, dark=True) as visitor:
        visitor.sign_in(person((store, "MGR"), (store, "FD")))
        visitor.page.emulate_media(media="print", color_scheme="dark")
        for name, path in pages.items():
            page = visitor.open(f"/s/{store.slug}/{path}")
            assert store.display_name in page.locator(".print-head").inner_text()
            assert not page.locator(".cloth, .index, form").locator("visible=true").count()
            assert no_sideways_scroll(page), name
            visitor.picture(f"print-{name}")
