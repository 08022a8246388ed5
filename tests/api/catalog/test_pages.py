"""The price list as pages: read by all, changed by the manager, drafts kept when refused."""

import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from shared.domain.catalog import queries
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of, csrf_of
from tests.factories.sales import new_item
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App

FORM = {
    "code": "F001",
    "name": "补水护理",
    "category": "FACIAL",
    "price_fen": "298",
    "cost_fen": "",
    "on_sale_from": "2025-01-01",
    "on_sale_to": "",
}


def signed_in(app: App, tenant: Tenant, role: Role) -> FlaskClient:
    """A browser of somebody with this role; every form it sends carries its token."""
    client = browser_of(app, new_person((tenant, role)))
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, tenant)["X-CSRFToken"]
    return client


def stocked(store: Tenant, code: str = "F001") -> int:
    """Put one item on sale; gives its id."""
    with tenant_session(store) as session:
        item_id = new_item(session, code, price_fen=298_00).id
        session.commit()
    return item_id


def kept(store: Tenant) -> dict[str, tuple[str, int, int]]:
    """What the store sells: name, price and cost by code."""
    with tenant_session(store) as session:
        return {i.code: (i.name, i.price_fen, i.cost_fen) for i in queries.items(session)}


def addresses(store: Tenant, item_id: int) -> list[tuple[str, str]]:
    """Every address of the pages."""
    base = f"/s/{store.slug}/items"
    one = f"{base}/{item_id}"
    changing = [("POST", base), ("POST", one), ("POST", f"{one}/withdrawal")]
    return [("GET", base), ("GET", one), *changing, ("POST", f"{one}/return")]


def test_nobody_unknown_sees_or_changes_an_item(app: App, store: Tenant) -> None:
    item_id = stocked(store)

    for method, path in addresses(store, item_id):
        answer = app.test_client().open(path, method=method, data={**FORM, "name": "x"})
        assert (answer.status_code, answer.location[:8]) == (302, "/sign-in")

    assert kept(store) == {"F001": ("补水护理", 298_00, 0)}


def test_the_front_desk_reads_and_only_the_manager_changes(app: App, store: Tenant) -> None:
    item_id = stocked(store)
    desk = signed_in(app, store, "FD")

    page, *changes = addresses(store, item_id)
    shown = desk.get(page[1])
    refused = [desk.open(path, method=method, data=FORM).status_code for method, path in changes]

    assert "补水护理" in shown.text
    assert 'name="price_fen"' not in shown.text
    assert f"items/{item_id}" not in shown.text
    assert refused == [403] * 5
    assert kept(store) == {"F001": ("补水护理", 298_00, 0)}


def test_a_technician_and_a_headquarters_have_no_price_list(app: App, store: Tenant) -> None:
    hq = new_hq()

    assert signed_in(app, store, "TEC").get(f"/s/{store.slug}/items").status_code == 403
    assert signed_in(app, hq, "HQA").get(f"/s/{hq.slug}/items").status_code == 404


def test_another_stores_item_is_like_one_that_never_was(app: App, store: Tenant) -> None:
    other = new_store()
    stocked(other, "T1")
    foreign = stocked(other, "T2")
    manager = signed_in(app, store, "MGR")

    for method, path in addresses(store, foreign)[1:]:
        if path.endswith("/items"):
            continue
        there = manager.open(path, method=method, data=FORM)
        nowhere = manager.open(path.replace(f"/{foreign}", "/9999"), method=method, data=FORM)
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert _quiet(there.text) == _quiet(nowhere.text)
    assert list(kept(other)) == ["T1", "T2"]
    assert manager.get(f"/s/{other.slug}/items").status_code == 404


def test_an_empty_store_is_told_how_to_begin(app: App, store: Tenant) -> None:
    manager, desk = signed_in(app, store, "MGR"), signed_in(app, store, "FD")
    base = f"/s/{store.slug}"
    add, look = f'href="{base}/items?add="', f'href="{base}/items"'

    assert "添加第一个" in manager.get(f"{base}/items").text
    assert "由店长在此添加" in desk.get(f"{base}/items").text
    assert add in manager.get(f"{base}/").text
    assert add in manager.get(f"{base}/imports").text
    for path in ("sales/new", "imports"):
        page = desk.get(f"{base}/{path}").text
        assert "请店长先录入项目与价格" in page
        assert page.count(look) == 2  # the tab, and the hint

    stocked(store)
    for path in ("sales/new", "imports"):
        assert "请店长先录入" not in desk.get(f"{base}/{path}").text
    assert add not in manager.get(f"{base}/").text


def test_an_item_is_added_and_changed_and_the_till_knows(app: App, store: Tenant) -> None:
    manager, desk = signed_in(app, store, "MGR"), signed_in(app, store, "FD")
    base = f"/s/{store.slug}/items"

    added = manager.post(base, data=FORM)
    assert (added.status_code, added.location) == (303, f"{base}?add=FACIAL")
    listed = manager.get(added.location).text
    assert "已添加 F001 补水护理" in listed
    assert '<option value="FACIAL" selected>' in listed

    found = re.search(rf'href="({base}/\d+)"', listed)
    assert found
    assert 'value="298.00"' in manager.get(found[1]).text
    dearer = {**FORM, "name": "深层补水", "price_fen": "318.50", "cost_fen": "４0"}
    changed = manager.post(found[1], data={**dearer, "version": "1"})
    assert changed.status_code == 303
    late = manager.post(found[1], data={**FORM, "name": "别的", "version": "1"})
    assert late.status_code == 422
    assert "他人已修改" in late.text
    assert kept(store) == {"F001": ("深层补水", 318_50, 40_00)}
    assert "深层补水" in _json_unescaped(desk.get(f"/s/{store.slug}/sales/new").text)


def test_a_refused_item_keeps_what_was_typed_and_says_all_at_once(app: App, store: Tenant) -> None:
    manager = signed_in(app, store, "MGR")
    item_id = stocked(store)
    wrong = {
        "code": "",
        "name": "长" * 121,
        "category": "NAILS",
        "price_fen": "三百",
        "cost_fen": "-1",
        "on_sale_from": "昨天",
        "on_sale_to": "2025-02-30",
    }

    for path in ("items", f"items/{item_id}"):
        answer = manager.post(f"/s/{store.slug}/{path}", data=wrong)
        assert answer.status_code == 422
        assert answer.text.count("field-error") == 7
        for kept_text in ("长" * 121, "三百", "-1", "昨天"):
            assert f'value="{kept_text}"' in answer.text
    assert kept(store) == {"F001": ("补水护理", 298_00, 0)}


def test_a_form_without_anything_and_with_strange_things_is_no_fault(
    app: App, store: Tenant
) -> None:
    manager = signed_in(app, store, "MGR")
    base = f"/s/{store.slug}/items"

    assert manager.post(base, data={}).status_code == 422
    assert manager.post(base, data={**FORM, "name": "a\x00b"}).status_code == 422
    assert manager.post(base, data={**FORM, "on_sale_to": "2024-12-31"}).status_code == 422
    for query in ("text=%25_%5C", "text=%27%22", "text=%00", "category=NAILS", "add=NAILS"):
        assert manager.get(f"{base}?{query}").status_code == 200, query
    assert kept(store) == {}


def test_a_code_is_used_once(app: App, store: Tenant) -> None:
    manager = signed_in(app, store, "MGR")
    stocked(store, "F001")
    second = stocked(store, "F002")

    added = manager.post(f"/s/{store.slug}/items", data={**FORM, "name": "别的"})
    renamed = manager.post(f"/s/{store.slug}/items/{second}", data={**FORM, "version": "1"})

    for answer in (added, renamed):
        assert answer.status_code == 422
        assert 'id="code-error">记录重复' in answer.text
    assert 'value="别的"' in added.text
    assert list(kept(store)) == ["F001", "F002"]


def test_a_withdrawn_item_leaves_the_till_at_once_and_comes_back(app: App, store: Tenant) -> None:
    manager, desk = signed_in(app, store, "MGR"), signed_in(app, store, "FD")
    item_id = stocked(store)
    base, till = f"/s/{store.slug}/items", f"/s/{store.slug}/sales/new"

    gone = manager.post(f"{base}/{item_id}/withdrawal")
    assert gone.status_code == 303
    assert "已下架" in manager.get(f"{base}/{item_id}").text
    assert "今日没有在售项目" in desk.get(till).text
    assert desk.post(till, data=_receipt()).status_code == 422

    assert manager.post(f"{base}/{item_id}/return").status_code == 303
    assert desk.post(till, data=_receipt()).status_code == 303


def test_the_list_is_grouped_and_narrowed_by_text_and_category(app: App, store: Tenant) -> None:
    manager = signed_in(app, store, "MGR")
    base = f"/s/{store.slug}/items"
    rows = [("P1", "精华液", "PRODUCT"), ("F1", "补水", "FACIAL"), ("F2", "100%_美白", "FACIAL")]
    for code, name, category in rows:
        manager.post(base, data={**FORM, "code": code, "name": name, "category": category})

    def shown(query: str) -> list[str]:
        return re.findall(r">([PF]\d)</td>", manager.get(f"{base}?{query}").text)

    assert shown("") == ["F1", "F2", "P1"]
    assert shown("text=f") == ["F1", "F2"]
    assert shown("text=华") == ["P1"]
    assert shown("text=%25_") == ["F2"]
    assert shown("text=1&category=PRODUCT") == ["P1"]
    assert "没有符合条件的项目" in manager.get(f"{base}?text=没有").text


@pytest.mark.parametrize("role", ["CON", "BEA", "SDA", "AUD"])
def test_everybody_else_of_the_store_reads_it(app: App, store: Tenant, role: Role) -> None:
    stocked(store)

    assert "补水护理" in signed_in(app, store, role).get(f"/s/{store.slug}/items").text


def _receipt() -> dict[str, object]:
    return {
        "key": str(uuid4()),
        "item": ["F001"],
        "quantity": ["1"],
        "amount": ["298.00"],
        "tender": ["WECHAT"],
        "tender_amount": ["298"],
    }


def _quiet(page: str) -> str:
    return re.sub(r'(csrf_token" value|X-CSRFToken).*|name="next" value="[^"]*"', "", page)


def _json_unescaped(page: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), page)
