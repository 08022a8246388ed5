"""What the front desk does: sign in, record a sale, find it in the day's report."""

from collections.abc import Callable
from typing import Any

from shared.domain.catalog.rules import Category
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.sales import new_customer, new_item


def stock(store: Tenant) -> None:
    """Give a store a few items and a customer."""
    with tenant_session(store) as session:
        new_item(session, "F001", category=Category.FACIAL, price_fen=298_00, cost_fen=40_00)
        new_item(session, "B001", category=Category.BODY, price_fen=398_00, cost_fen=60_00)
        new_item(session, "P001", category=Category.PRODUCT, price_fen=128_00, cost_fen=50_00)
        new_customer(session, "王丽华", number="V0001", phone="13812345678")
        session.commit()


def test_a_person_signs_in_and_chooses_a_store(
    store: Tenant, hq: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "FD"), (hq, "HQN"))
    with visit() as visitor:
        page = visitor.open("/")
        page.wait_for_url("**/sign-in?next=/")
        visitor.picture("sign-in")

        page.locator("#login").fill(login)
        page.locator("#password").fill("not the password")
        page.locator("button[type=submit].btn-primary").click()
        page.get_by_text("登录名或密码不正确").wait_for()

        visitor.sign_in(login)
        visitor.picture("stores")
        page.get_by_text(store.display_name).click()
        page.get_by_role("heading", name="首页").wait_for()
        visitor.picture("home-empty")


def test_the_front_desk_records_a_sale_by_keyboard_and_sees_it_in_the_day_report(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    stock(store)
    login = person((store, "FD"))
    with visit() as visitor:
        page = visitor.sign_in(login)
        visitor.open(f"/s/{store.slug}/sales/new")
        page.keyboard.type("5678")
        page.locator("#customer ~ .found button").first.wait_for()
        visitor.picture("sale-customer")
        page.keyboard.press("Enter")
        page.keyboard.type("F001")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")  # quantity 1
        page.keyboard.press("Enter")  # the list price
        page.keyboard.type("P0")
        page.keyboard.press("Enter")
        page.keyboard.type("2")
        visitor.picture("sale")
        page.keyboard.press("F9")

        page.wait_for_url("**/sales/*?new=1")
        assert page.locator("tfoot").first.inner_text().split()[-1] == "¥554.00"
        visitor.picture("receipt")

        visitor.open(f"/s/{store.slug}/sales")
        page.get_by_text("王丽华").wait_for()
        visitor.picture("receipts")
        page.get_by_role("link", name="日报").first.click()
        page.get_by_role("heading", name="现金收支日报表").wait_for()
        assert "¥554.00" in page.locator(".figures").inner_text()
        visitor.picture("day")


def test_a_refused_sale_stands_there_again_with_the_reasons(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    stock(store)
    with visit() as visitor:
        page = visitor.sign_in(person((store, "FD")))
        visitor.open(f"/s/{store.slug}/sales/new")
        page.locator("#customer").fill("查无此人")
        page.locator("[name=item]").first.fill("F001")
        page.locator("[name=amount]").first.fill("三百")
        page.keyboard.press("F9")
        page.locator(".notice.bad").wait_for()
        visitor.picture("sale-refused")
        assert page.locator("#customer").input_value() == "查无此人"

        page.locator("#customer").fill("V0001")
        page.locator("[name=amount]").first.fill("298")
        page.locator("[name=tender_amount]").first.fill("298")
        page.keyboard.press("F9")
        page.wait_for_url("**/sales/*?new=1")
        visitor.page.emulate_media(media="print")
        visitor.picture("receipt-print")


def test_a_person_switches_the_language_and_finds_it_again_elsewhere(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "FD"))
    with visit() as visitor:
        page = visitor.sign_in(login)
        visitor.open(f"/s/{store.slug}/")
        page.locator("details.menu summary").last.click()
        page.get_by_role("button", name="English").click()
        page.get_by_role("heading", name="Home").wait_for()
        page.locator("details.menu summary").last.click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Rollbook").wait_for()
    with visit() as elsewhere:
        page = elsewhere.sign_in(login)
        page.get_by_role("heading", name="Home").wait_for()
