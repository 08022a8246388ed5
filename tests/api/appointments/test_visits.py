"""Visits over HTTP: the sample day, two desks at once, who may do what, other tenants' ids."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.days import business_day
from shared.domain.cards.queries import cards
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from shared.domain.sales.queries import figures
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of
from tests.factories import visits as made
from tests.factories.cards import package_offer
from tests.factories.records import send_picture
from tests.factories.sales import new_item
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]


@pytest.fixture
def shop(store: Tenant) -> dict[str, Any]:
    """A store with two guests, a facial sold as a package, body care and a mask."""
    with tenant_session(store) as session:
        facial = new_item(session, price_fen=400_00)
        found = {
            "guest": made.guest(session).id,
            "second": made.guest(session).id,
            "facial": facial.id,
            "offer": package_offer(session, facial.id).id,
            "body": new_item(session, price_fen=500_00, category=Category.BODY).id,
            "mask": new_item(session, price_fen=100_00, duration_minutes=15).id,
            "serum": new_item(session, category=Category.PRODUCT).id,
        }
        now = datetime.now(UTC)
        batch = stock.Batch(item_id=found["serum"], quantity=5, batch_no="S1")
        stock.receive(session, batch, stock.Mover(by=None, now=now, day=now.date()))
        session.commit()
    return found


class House:
    """The people of one store, and a guest whom they lead from step to step."""

    def __init__(self, as_role: AsRole, store: Tenant) -> None:
        self.desk, self.advice, self.care = (as_role(store, one) for one in ("FD", "CON", "BEA"))
        self.visit: Any = {}

    def arrives(self, customer: int) -> Any:
        """Let a guest walk in to the beautician."""
        asked = {"customer": customer, "staff": str(self.care.person_id), "is_requested": True}
        answer = self.desk.post("/visits", asked)
        assert answer.status_code == 201, answer.text
        self.visit = answer.json
        return answer.json

    def step(self, who: Caller, act: str, json: Any = None, *, status: int = 200) -> Any:
        """Take one step in the version that was answered last."""
        seen = {"If-Match": f'"{self.visit["version"]}"'}
        answer = who.call("POST", f"/visits/{self.visit['id']}/{act}", json=json, headers=seen)
        assert answer.status_code == status, answer.text
        if status == 200:
            fresh = who.get(f"/visits/{self.visit['id']}")
            self.visit = fresh.json
        return answer.json

    def quoted(self, *lines: dict[str, Any]) -> None:
        """Advise and quote; the guest agrees."""
        self.step(self.desk, "greeting")
        self.step(self.advice, "consultation", {"needs": "补水"})
        self.step(self.advice, "quote", {"lines": list(lines), "is_agreed": True})

    def signs(self, line: int = 0, **more: Any) -> Any:
        """Fill in the card of a line and have it signed."""
        card = self.visit["lines"][line]["treatment_id"]
        sign = send_picture(self.care, "treatments/guest_sign")
        now = datetime.now(UTC) + timedelta(seconds=0)
        typed = {
            "ended_at": now.isoformat(), "skin_before": "干燥", "skin_after": "水润",
            "reaction": "NONE", "guest_feeling": "VERY_SATISFIED", "guest_sign": sign, **more,
        }  # fmt: skip
        version = self.care.get(f"/treatments/{card}").json["version"]
        seen = {"If-Match": f'"{version}"'}
        answer = self.care.call("POST", f"/treatments/{card}/signature", json=typed, headers=seen)
        assert answer.status_code == 200, answer.text
        return answer.json

    def settles(self, *tenders: tuple[str, int], key: str | None = None, status: int = 200) -> Any:
        """Pay at the till."""
        paid = [{"tender": tender, "amount_fen": fen} for tender, fen in tenders]
        body = {"key": key or str(uuid4()), "tenders": paid or None}
        return self.step(self.desk, "settlement", body, status=status)


def bought(house: House, shop: dict[str, Any]) -> None:
    """Have the guest buy the package of 3 + 1 by WeChat."""
    sale = house.desk.post(
        "/sales",
        {
            "key": str(uuid4()), "customer_id": shop["guest"],
            "lines": [{"offer_id": shop["offer"], "quantity": 1, "amount_fen": 1000_00}],
            "tenders": [{"tender": "WECHAT", "amount_fen": 1000_00}],
        },
    )  # fmt: skip
    assert sale.status_code == 201, sale.text


def test_the_sample_day_from_arrival_to_farewell(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    house = House(as_role, store)
    house.arrives(shop["guest"])
    bought(house, shop)
    house.quoted({"item": shop["facial"], "pay_by": "PACKAGE"})
    house.step(house.care, "start", {})
    next_on = (datetime.now(UTC) + timedelta(days=14)).date().isoformat()
    used = [{"item": shop["serum"], "batch_no": "S1", "quantity": 1}]
    card = house.signs(next_date=next_on, products=used)
    assert (card["sessions_before"], card["sessions_after"]) == (4, 3)
    assert (card["unit_value_fen"], card["assigned_by"]) == (333_33, "REQUESTED")
    house.step(house.care, "check")
    assert house.visit["is_on_time"] is True
    house.settles()
    house.step(house.advice, "farewell", {})
    assert (house.visit["stage"], house.visit["next_on"]) == ("LEFT", next_on)

    house.arrives(shop["second"])
    house.quoted({"item": shop["body"], "pay_by": "SINGLE"})
    house.step(house.care, "start", {})
    mask = {"lines": [{"item": shop["mask"], "pay_by": "SINGLE"}]}
    house.step(house.care, "extra", mask)
    house.step(house.care, "decision", {"is_agreed": True})
    house.step(house.care, "start", {})
    house.signs(0)
    house.signs(1)
    house.step(house.care, "check")
    assert house.visit["due_fen"] == 600_00
    wrong = house.settles(("CASH", 500_00), status=422)
    assert [one["code"] for one in wrong["errors"]] == ["SUM_MISMATCH"]
    assert house.settles(("CASH", 600_00))["total_fen"] == 600_00

    today = business_day(datetime.now(UTC), zone=store.time_zone, change_hour=store.day_change_hour)
    with tenant_session(store) as session:
        day = figures.day_figures(session, [today]).totals[0]
        (card_left,) = cards.cards_of(session, shop["guest"])
    assert (day.turnover_fen, day.cash_sales_fen, day.visits) == (933_33, 1600_00, 2)
    assert (card_left.balances.paid, card_left.balances.gift) == (2, 1)
    done = [(one["step"], one["stage"]) for one in house.visit["steps"]]
    assert done[-2:] == [("CHECK", "CHECKED"), ("SETTLE", "SETTLED")]


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
