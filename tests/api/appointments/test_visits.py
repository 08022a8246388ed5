"""Visits over HTTP: two desks at once, who may do what, other tenants' ids."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.appointments.house import AsRole, House, stocked
from tests.api.clients import fields_of
from tests.factories import visits as made
from tests.factories.tenants import new_store


@pytest.fixture
def shop(store: Tenant) -> dict[str, Any]:
    """A store with guests and what they buy."""
    return stocked(store)


def test_of_two_desks_one_settles_and_the_same_key_is_the_same(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    house = House(as_role, store)
    house.arrives(shop["second"])
    house.quoted({"item": shop["body"], "pay_by": "SINGLE"})
    house.step(house.care, "start", {})
    house.signs()
    house.step(house.care, "check")
    seen = {"If-Match": f'"{house.visit["version"]}"'}
    path = f"/visits/{house.visit['id']}/settlement"

    def settle(key: str) -> Any:
        body = {"key": key, "tenders": [{"tender": "CASH", "amount_fen": 500_00}]}
        return house.desk.call("POST", path, json=body, headers=seen)

    keys = [str(uuid4()), str(uuid4())]
    with ThreadPoolExecutor(2) as desks:
        answers = list(desks.map(settle, keys))
    assert sorted(one.status_code for one in answers) == [200, 409]
    won = next(key for key, one in zip(keys, answers, strict=True) if one.status_code == 200)
    first = next(one for one in answers if one.status_code == 200)
    assert settle(won).json["receipt_no"] == first.json["receipt_no"]
    assert len(house.desk.get("/sales").json["items"]) == 1


def test_the_day_stays_open_while_somebody_is_in_the_house(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    house = House(as_role, store)
    house.arrives(shop["second"])
    house.quoted({"item": shop["body"], "pay_by": "SINGLE"})
    house.step(house.care, "start", {})
    day = house.visit["business_date"]
    refused = house.desk.call("PUT", f"/cash-days/{day}/count", json={"counted_fen": 0})
    assert (refused.status_code, refused.json["code"]) == (409, "STATE")
    assert [one["field"].partition(".")[0] for one in refused.json["errors"]] == [
        "treatments", "visits",
    ]  # fmt: skip


def test_each_step_is_for_its_own_people(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    house = House(as_role, store)
    house.arrives(shop["guest"])
    assert house.care.post("/visits", {"customer": shop["second"]}).status_code == 403
    line = {"lines": [{"item": shop["body"], "pay_by": "SINGLE"}]}
    house.step(house.care, "greeting", status=403)
    house.step(house.desk, "consultation", {}, status=403)
    house.step(house.care, "quote", line, status=403)
    house.step(house.desk, "start", {}, status=403)
    house.step(house.care, "settlement", {"key": str(uuid4())}, status=403)
    other = as_role(store, "BEA")
    assert other.get(f"/visits/{house.visit['id']}").status_code == 404
    assert other.get("/visits").json["items"] == []
    assert [one["guest"] for one in house.care.get("/visits").json["items"]] == ["王丽"]


def test_what_is_wrong_is_told_at_once(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    house = House(as_role, store)
    bad = house.desk.post("/visits", {"customer": 2**40, "staff": str(uuid4()), "place": 7})
    assert (bad.status_code, fields_of(bad)) == (
        422, {"customer": "NOT_FOUND", "staff": "NOT_FOUND", "place": "NOT_FOUND"},
    )  # fmt: skip
    house.arrives(shop["guest"])
    house.step(house.advice, "consultation", {})
    typed = {"lines": [{"item": 2**40, "pay_by": "SINGLE"}, {"pay_by": "CHEQUE"}]}
    wrong = house.step(house.advice, "quote", typed, status=422)
    assert {one["field"]: one["code"] for one in wrong["errors"]} == {
        "lines.1.item": "REQUIRED", "lines.1.pay_by": "ENUM",
    }  # fmt: skip
    gone = house.step(house.desk, "leaving", {}, status=422)
    assert [one["code"] for one in gone["errors"]] == ["REQUIRED"]
    house.step(house.desk, "farewell", {}, status=409)
    left = house.step(house.desk, "leaving", {"reason": "PRICE", "note": "太贵"})
    assert left["left_reason"] == "PRICE"


def test_a_guest_without_health_data_needs_the_consultants_note(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    with tenant_session(store) as session:
        made.known(session, shop["guest"]).consent_sensitive = False
        session.commit()
    house = House(as_role, store)
    house.arrives(shop["guest"])
    asked = house.step(house.advice, "consultation", {}, status=422)
    assert [one["code"] for one in asked["errors"]] == ["CONSENT"]
    house.step(house.advice, "consultation", {"is_health_declined": True})
    line = {"item": shop["body"], "pay_by": "SINGLE"}
    refused = house.step(house.advice, "quote", {"lines": [line]}, status=409)
    assert refused["code"] == "CONTRAINDICATED"
    house.step(house.advice, "quote", {"lines": [{**line, "note": "口头确认"}]})


def test_an_id_of_another_store_is_no_id(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    house = House(as_role, store)
    house.arrives(shop["guest"])
    house.quoted({"item": shop["body"], "pay_by": "SINGLE"})
    house.step(house.care, "start", {})
    visit, card = house.visit["id"], house.visit["lines"][0]["treatment_id"]
    elsewhere = new_store()
    stranger, tie = as_role(elsewhere, "FD"), {"If-Match": '"1"'}
    never = stranger.get(f"/visits/{2**40}")
    for path in (f"/visits/{visit}", f"/treatments/{card}", f"/treatments/{card}/products"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.json["code"]) == (404, never.json["code"])
    for who, act, body in (
        ("FD", "greeting", None), ("FD", "seat", {}), ("FD", "farewell", {}),
        ("FD", "leaving", {"reason": "OTHER"}), ("FD", "settlement", {"key": str(uuid4())}),
        ("CON", "consultation", {}), ("CON", "start", {}), ("CON", "check", None),
        ("CON", "decision", {"is_agreed": True}), ("CON", "lines/1/refusal", None),
    ):  # fmt: skip
        other = as_role(elsewhere, who)  # type: ignore[arg-type]
        answer = other.call("POST", f"/visits/{visit}/{act}", json=body, headers=tie)
        assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND"), act
    care = as_role(elsewhere, "BEA")
    for method, path, body in (
        ("PUT", "products", {"products": []}), ("POST", "signature", {"guest_sign": str(uuid4())}),
    ):  # fmt: skip
        answer = care.call(method, f"/treatments/{card}/{path}", json=body, headers=tie)
        assert (answer.status_code, answer.json["code"]) == (404, "NOT_FOUND"), path
