"""Receipts and refunds over the API."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller, fields_of, signature
from tests.api.counting import counted
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]
ITEM = {
    "code": "F-01",
    "name": "补水护理",
    "category": "FACIAL",
    "price_fen": 30000,
    "on_sale_from": "2020-01-01",
}


def furnish(as_role: AsRole, store: Tenant) -> int:
    """Put one item on sale; gives its id."""
    made = as_role(store, "MGR").post("/items", ITEM).json
    assert made is not None
    return int(made["id"])


def receipt(item_id: int, fen: int = 30000, **more: Any) -> dict[str, Any]:
    """A receipt of one line, paid in cash."""
    return {
        "key": str(uuid4()),
        "lines": [{"item_id": item_id, "quantity": 1, "amount_fen": fen}],
        "tenders": [{"tender": "CASH", "amount_fen": fen}],
        **more,
    }


def test_a_sale_is_recorded_once_however_often_it_is_sent(as_role: AsRole, store: Tenant) -> None:
    item = furnish(as_role, store)
    desk, sent = as_role(store, "FD"), receipt(item)

    first, again = desk.post("/sales", sent), desk.post("/sales", sent)

    assert first.status_code == again.status_code == 201
    assert first.json is not None
    assert first.json == again.json
    assert first.json["source"] == "API"
    assert first.json["seller_id"] == str(desk.person_id)
    assert desk.get(f"/sales/{first.json['id']}").json == first.json
    listed = desk.get("/sales").json
    assert listed is not None
    assert listed["items"] == [first.json]  # written by the database, to the letter the same
    assert desk.post("/sales", {**receipt(item, 5), "key": sent["key"]}).status_code == 409


def test_a_refund_above_the_limit_needs_a_manager_of_this_store(
    as_role: AsRole, store: Tenant
) -> None:
    desk = as_role(store, "FD")
    sale = desk.post("/sales", receipt(furnish(as_role, store))).json
    assert sale is not None
    back = {
        "key": str(uuid4()),
        "lines": [{"line_id": sale["lines"][0]["id"], "quantity": 1, "amount_fen": 30000}],
        "tenders": [{"tender": "CASH", "amount_fen": 30000}],
        "reason": "皮肤过敏",
    }
    path = f"/sales/{sale['id']}/refunds"

    assert fields_of(desk.post(path, back)) == {"approver_login": "LIMIT"}
    for roles, refused in (
        ([(store, "BEA")], "FORBIDDEN"),
        ([(new_store(), "MGR")], "FORBIDDEN"),
    ):
        assert fields_of(desk.post(path, {**back, **signature(*roles)})) == {
            "approver_login": refused
        }
    signed = signature((store, "MGR"))
    forged = {**signed, "approver_password": "guessed"}
    assert fields_of(desk.post(path, {**back, **forged})) == {"approver_login": "TYPE"}
    done = desk.post(path, {**back, **signed})
    assert done.status_code == 201
    assert done.json is not None
    assert done.json["total_fen"] == -30000
    refunds = desk.get(path).json
    assert refunds is not None
    assert [refund["id"] for refund in refunds["items"]] == [done.json["id"]]


def test_a_bad_receipt_is_told_everything_at_once(as_role: AsRole, store: Tenant) -> None:
    item = furnish(as_role, store)

    shape = as_role(store, "FD").post(
        "/sales",
        {
            "key": "x",
            "lines": [{"item_id": 0, "quantity": 0}, {"item_id": item, "kind": "GIFT"}],
            "tenders": [],
            "seller_id": 1,
        },
    )
    meaning = as_role(store, "FD").post(
        "/sales", {**receipt(item, 100), "customer_id": 77, "tenders": receipt(1, 99)["tenders"]}
    )

    assert shape.status_code == 422
    assert fields_of(shape) == {
        "key": "TYPE",
        "lines.0.item_id": "RANGE",
        "lines.0.quantity": "RANGE",
        "lines.0.amount_fen": "REQUIRED",
        "lines.1.quantity": "REQUIRED",
        "lines.1.amount_fen": "REQUIRED",
        "lines.1.kind": "ENUM",
        "tenders": "RANGE",
        "seller_id": "UNKNOWN_FIELD",
    }
    assert meaning.status_code == 422
    assert set(fields_of(meaning)) >= {"customer_id"}
    assert "SUM_MISMATCH" in fields_of(meaning).values()


@pytest.mark.parametrize("role", ["CON", "BEA", "SDA", "TEC", "AUD", "MGR"])
def test_only_the_front_desk_rings_up(as_role: AsRole, store: Tenant, role: Role) -> None:
    answer = as_role(store, role).post("/sales", {})

    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["permission"] == "F08:C"


def test_another_tenants_ids_are_unknown_here_in_address_and_body(
    as_role: AsRole, store: Tenant
) -> None:
    other = new_store()
    theirs, mine = as_role(other, "FD"), as_role(store, "FD")
    item, foreign_item = furnish(as_role, store), furnish(as_role, other)
    assert item == foreign_item  # equal in both
    manager = as_role(other, "MGR")
    second = manager.post("/items", {**ITEM, "code": "F-02"}).json
    sale = theirs.post("/sales", receipt(foreign_item)).json
    customer = theirs.post("/customers", {"name": "李"}).json
    assert second is not None
    assert sale is not None
    assert customer is not None
    before = theirs.get("/sales").data

    assert mine.get(f"/sales/{sale['id']}").data == mine.get("/sales/31337").data
    refund = {
        "key": str(uuid4()),
        "lines": [{"line_id": sale["lines"][0]["id"], "quantity": 1, "amount_fen": 1}],
        "tenders": [{"tender": "CASH", "amount_fen": 1}],
        "reason": "x",
    }
    assert mine.post(f"/sales/{sale['id']}/refunds", refund).status_code == 404
    assert mine.get(f"/sales/{sale['id']}/refunds").status_code == 404
    assert fields_of(mine.post("/sales", receipt(second["id"]))) == {"lines.0.item_id": "NOT_FOUND"}
    assert fields_of(mine.post("/sales", receipt(item, customer_id=customer["id"]))) == {
        "customer_id": "NOT_FOUND"
    }
    assert mine.get("/sales").json == {"items": [], "next": None}
    assert theirs.get("/sales").data == before


def test_more_receipts_send_no_more_statements(as_role: AsRole, store: Tenant) -> None:
    desk, item = as_role(store, "FD"), furnish(as_role, store)

    def statements() -> int:
        with counted(desk.app) as sent:
            assert desk.get("/sales?limit=100").status_code == 200
        return len(sent)

    desk.post("/sales", receipt(item))
    few = statements()
    for _ in range(8):
        desk.post("/sales", receipt(item))

    assert statements() == few <= 4
