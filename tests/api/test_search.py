"""Search over everything a person may see: permitted, masked, one tenant, few statements."""

from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest

from shared import days
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of
from tests.api.counting import counted
from tests.factories.franchise import new_chain
from tests.factories.sales import described_sale, new_customer, new_item, recording
from tests.factories.tenants import new_person, new_store
from web.app import App

FRAGMENT = {"HX-Request": "true"}


def search(app: App, store: Tenant, text: str, *roles: Role) -> str:
    """Ask as a fresh person with these roles."""
    client = browser_of(app, new_person(*((store, role) for role in roles)))
    answer = client.get(f"/s/{store.slug}/search?q={quote(text)}", headers=FRAGMENT)
    assert answer.status_code == 200
    return answer.text


def furnish(store: Tenant) -> str:
    """Give the store a customer, an item and a receipt; gives the receipt's number."""
    now = datetime.now(UTC)  # not when this file is read: the month may turn meanwhile
    today = days.business_day(now, zone=store.time_zone, change_hour=store.day_change_hour)
    with tenant_session(store) as session:
        item = new_item(session, "F777")
        guest = new_customer(session, "欧阳小明", phone="13800001234")
        sale = recording.record_sale(
            session,
            seller_id=new_person((store, "FD")),
            new=described_sale((item.id, 100_00), customer_id=guest.id),
            day=today,
            now=now,
        )
        number = sale.receipt_no
        session.commit()
    return number


def test_each_thing_is_found_by_what_people_type(app: App, store: Tenant) -> None:
    number = furnish(store)

    def found(text: str) -> str:
        return search(app, store, text, "MGR", "FD")

    assert "新建预约" in found("xjyy")  # a page by its initials
    assert "新建预约" in found("预约 新建")
    assert "欧阳小明" in found("小明")
    assert "欧阳小明" in found("1234")
    assert "F777" in found("f777")
    assert "F777" in found("补水")
    assert number in found(number.lower())
    assert number in found(str(int(number.rpartition("-")[2])))
    assert "/months/2025-03" in found("2025年3月")
    assert "/months/2025-03" in found("2025-3")
    assert f"/s/{store.slug}/items" in found("项目")
    assert "没有找到" in found("zzzz")


def test_a_role_finds_only_what_it_may_see(app: App, store: Tenant) -> None:
    number = furnish(store)

    assert "欧阳小明" not in search(app, store, "小明", "BEA")  # own customers: none yet
    assert "/sales/" not in search(app, store, number, "BEA")
    assert "/months/" not in search(app, store, "2025-03", "FD")


def test_an_auditor_finds_customers_masked(app: App, store: Tenant) -> None:
    furnish(store)

    found = search(app, store, "1234", "AUD")

    assert "欧" in found
    assert "欧阳小明" not in found
    assert "13800001234" not in found


def test_nothing_of_another_store_is_found(app: App, store: Tenant) -> None:
    number = furnish(store)
    other = new_store()

    for text in ("欧阳", "F777", number, "1234"):
        assert "没有找到" in search(app, other, text, "MGR", "FD"), text


def test_a_headquarters_finds_its_stores_and_no_customers(app: App) -> None:
    hq, (store,) = new_chain("华东")
    furnish(store)

    assert "/stores/001/months/" in search(app, hq, "001", "HQA")
    assert "欧阳小明" not in search(app, hq, "小明", "HQA")


def test_a_search_takes_few_statements(app: App, store: Tenant) -> None:
    furnish(store)
    client = browser_of(app, new_person((store, "MGR"), (store, "FD")))

    with counted(app) as sent:
        client.get(f"/s/{store.slug}/search?q=1", headers=FRAGMENT)

    assert len([one for one in sent if one.lstrip().startswith("SELECT")]) <= 3


@pytest.mark.shares_store
@pytest.mark.parametrize("text", ["\x00", "%", "_", "'", "\\", "年" * 500, "99月", "2025-13"])
def test_whatever_is_typed_is_answered(app: App, store: Tenant, text: str) -> None:
    search(app, store, text, "MGR", "FD")


def test_the_page_of_the_search_stands_in_the_frame(app: App, store: Tenant) -> None:
    client = browser_of(app, new_person((store, "MGR")))

    page = client.get(f"/s/{store.slug}/search?q=2025-03").text

    assert store.display_name in page
    assert f"/s/{store.slug}/months/{date(2025, 3, 1):%Y-%m}" in page
