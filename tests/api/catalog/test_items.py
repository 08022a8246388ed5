"""Items and prices over the API."""

from collections.abc import Callable

from werkzeug.test import TestResponse

from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller, fields_of
from tests.api.counting import counted
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]
ITEM = {
    "code": "F-01",
    "name": "补水护理",
    "category": "FACIAL",
    "price_fen": 19800,
    "on_sale_from": "2025-01-01",
}


def seen(answer: TestResponse) -> dict[str, str]:
    """The header that names the version an answer showed."""
    return {"If-Match": answer.headers["ETag"]}


def test_an_item_is_added_shown_changed_and_listed(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")

    made = manager.post("/items", ITEM)
    assert made.status_code == 201
    assert made.json is not None
    item = made.json
    assert {**ITEM, "cost_fen": 0, "on_sale_to": None}.items() <= item.items()

    dearer = {**ITEM, "price_fen": 20800, "on_sale_to": "2025-06-30"}
    changed = manager.call("PUT", f"/items/{item['id']}", json=dearer, headers=seen(made))
    assert changed.status_code == 200
    assert changed.headers["ETag"] != made.headers["ETag"]
    assert as_role(store, "BEA").get(f"/items/{item['id']}").json == changed.json
    assert _codes(manager, "on_sale_on=2025-06-30") == ["F-01"]
    assert _codes(manager, "on_sale_on=2025-07-01") == []


def test_of_two_managers_the_second_is_told_that_it_changed(as_role: AsRole, store: Tenant) -> None:
    one, other = as_role(store, "MGR"), as_role(store, "MGR")
    made = one.post("/items", ITEM)
    assert made.json is not None
    path = f"/items/{made.json['id']}"

    assert one.call("PUT", path, json=ITEM).status_code == 428
    dearer = {**ITEM, "price_fen": 20800}
    assert one.call("PUT", path, json=dearer, headers=seen(made)).status_code == 200
    late = other.call("PUT", path, json={**ITEM, "name": "x"}, headers=seen(made))
    assert late.status_code == 409
    assert late.json is not None
    assert late.json["code"] == "CONFLICT"
    now = one.get(path)
    assert now.json is not None
    assert (now.json["price_fen"], now.json["name"]) == (20800, ITEM["name"])
    assert other.call("PUT", path, json=ITEM, headers=seen(now)).status_code == 200


def test_a_code_is_used_once(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")
    manager.post("/items", ITEM)

    again = manager.post("/items", ITEM)

    assert again.status_code == 409
    assert again.json is not None
    assert again.json["code"] == "DUPLICATE"
    assert fields_of(again) == {"code": "DUPLICATE"}


def test_a_bad_item_is_told_everything_at_once_in_both_languages(
    as_role: AsRole, store: Tenant
) -> None:
    answer = as_role(store, "MGR").post(
        "/items",
        {
            "name": "x" * 121,
            "category": "NAILS",
            "price_fen": "19800",
            "cost_fen": -1,
            "on_sale_from": "1.1.2025",
            "role": "HQA",
            "tenant_id": 1,
        },
    )

    assert answer.status_code == 422
    assert fields_of(answer) == {
        "code": "REQUIRED",
        "name": "LENGTH",
        "category": "ENUM",
        "price_fen": "TYPE",
        "cost_fen": "RANGE",
        "on_sale_from": "TYPE",
        "role": "UNKNOWN_FIELD",
        "tenant_id": "UNKNOWN_FIELD",
    }
    assert answer.json is not None
    assert all(p["message_zh"] and p["message_en"] for p in answer.json["errors"])


def test_another_tenants_item_is_like_one_that_never_was(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    mine, theirs = as_role(store, "MGR"), as_role(other, "MGR")
    mine.post("/items", ITEM)
    for number in range(3):
        made = theirs.post("/items", {**ITEM, "code": f"T-{number}"})
    assert made.json is not None
    foreign = made.json["id"]  # exists there, not here
    before = theirs.get("/items").data

    for method in ("GET", "PUT"):
        there = mine.call(method, f"/items/{foreign}", json=ITEM, headers=seen(made))
        nowhere = mine.call(method, "/items/999999", json=ITEM, headers=seen(made))
        assert there.status_code == 404
        assert there.data == nowhere.data
    assert theirs.get("/items").data == before


def test_the_list_is_read_page_by_page_and_its_cursor_is_nobody_elses(
    as_role: AsRole, store: Tenant
) -> None:
    manager, stranger = as_role(store, "MGR"), as_role(new_store(), "MGR")
    for number in range(5):
        manager.post("/items", {**ITEM, "code": f"C-{number}"})

    first = manager.get("/items?limit=2").json
    assert first is not None
    assert _codes(manager, "limit=2") == ["C-0", "C-1"]
    assert _codes(manager, f"limit=2&cursor={first['next']}") == ["C-2", "C-3"]
    last = manager.get("/items?limit=5").json
    assert last is not None
    assert last["next"] is None
    for caller, path in (
        (stranger, f"/items?cursor={first['next']}"),
        (manager, f"/customers?cursor={first['next']}"),
        (manager, "/items?cursor=made-up"),
    ):
        refused = caller.get(path)
        assert refused.status_code == 422
        assert fields_of(refused) == {"cursor": "TYPE"}
    assert fields_of(manager.get("/items?limit=1000000000")) == {"limit": "RANGE"}


def test_a_longer_list_sends_no_more_statements(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")
    for number in range(20):
        manager.post("/items", {**ITEM, "code": f"C-{number}"})

    with counted(manager.app) as sent:
        manager.get("/items")
        manager.get("/items?limit=1")

    assert len(sent) == 2


def _codes(caller: Caller, query: str) -> list[str]:
    answer = caller.get(f"/items?{query}")
    assert answer.json is not None
    return [item["code"] for item in answer.json["items"]]
