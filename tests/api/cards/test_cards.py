"""Cards over the API: offered, sold, used under a signature, given back, passed on."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller, fields_of, signature
from tests.factories import records
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]
ITEM = {
    "code": "F-01", "name": "补水护理", "category": "FACIAL", "price_fen": 40000,
    "on_sale_from": "2020-01-01",
}  # fmt: skip
PACKAGE = {
    "code": "P-01", "name": "补水3送1", "kind": "PACKAGE", "price_fen": 100000, "paid_sessions": 3,
    "gift_sessions": 1, "valid_months": 12, "on_sale_from": "2020-01-01",
}  # fmt: skip
STORED = {
    "code": "V-01", "name": "充1000送200", "kind": "STORED", "price_fen": 100000,
    "bonus_fen": 20000, "on_sale_from": "2020-01-01",
}  # fmt: skip


def made(answer: Any) -> dict[str, Any]:
    """What a call made."""
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def picture() -> dict[str, Any]:
    """A signature as the pad sends it."""
    return {"file": (io.BytesIO(records.png()), "x.png")}


class Shop:
    """A store with an item, two offers and a guest, and who works there."""

    def __init__(self, as_role: AsRole, store: Tenant) -> None:
        self.manager, self.desk = as_role(store, "MGR"), as_role(store, "FD")
        self.beautician, self.auditor = as_role(store, "BEA"), as_role(store, "AUD")
        self.item = made(self.manager.post("/items", ITEM))["id"]
        package = {**PACKAGE, "item_id": self.item}
        self.package = made(self.manager.post("/card-offers", package))["id"]
        self.stored = made(self.manager.post("/card-offers", STORED))["id"]
        self.guest = self.new_guest("13800001234")

    def new_guest(self, phone: str) -> int:
        """Register a guest of the beautician's."""
        whose = {"preferred_staff": str(self.beautician.person_id)}
        signed = made(self.desk.post("/customer-profiles/customer_sign/files", data=picture()))
        profile = records.contact(phone=phone, customer_sign=signed["id"], **whose)
        return int(made(self.desk.post("/customer-profiles", profile))["id"])

    def sold(self, offer: int, **more: Any) -> dict[str, Any]:
        """Sell a card at the till."""
        sale = made(self.desk.post("/sales", receipt(offer, self.guest, **more)))
        card = self.desk.get(f"/cards/{sale['lines'][0]['card_id']}")
        assert card.json is not None
        return dict(card.json)

    def cards_of(self, guest: int, by: Caller) -> list[dict[str, Any]]:
        """List a guest's cards as somebody sees them."""
        listed = by.get(f"/customers/{guest}/cards").json
        assert listed is not None
        return list(listed["items"])

    def signed(self, card: dict[str, Any], by: Caller) -> str:
        """Have the guest sign on somebody's screen."""
        return str(made(by.post(f"/cards/{card['id']}/signatures", data=picture()))["id"])

    def deduction(self, card: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Write what the guest signs for."""
        sign = self.signed(card, self.beautician)
        return {"key": str(uuid4()), "item_id": self.item, "sign": sign, **more}


def receipt(offer: int, guest: int | None, fen: int = 100000, **more: Any) -> dict[str, Any]:
    """A receipt of one card, paid by WeChat."""
    return {
        "key": str(uuid4()),
        "customer_id": guest,
        "lines": [{"offer_id": offer, "quantity": 1, "amount_fen": fen, **more}],
        "tenders": [{"tender": "WECHAT", "amount_fen": fen}],
    }


@pytest.fixture
def shop(as_role: AsRole, store: Tenant) -> Shop:
    """A store that sells cards."""
    return Shop(as_role, store)


def test_a_package_is_sold_used_under_a_signature_and_shown(shop: Shop) -> None:
    card = shop.sold(shop.package)
    assert (card["kind"], card["state"], card["unit_fen"]) == ("PACKAGE", "ACTIVE", 33333)
    assert date.fromisoformat(card["valid_until"]) > date.fromisoformat(card["issued_on"])

    sent = shop.deduction(card)
    first = made(shop.beautician.post(f"/cards/{card['id']}/deductions", sent))
    again = made(shop.beautician.post(f"/cards/{card['id']}/deductions", sent))

    assert first == again
    assert (first["kind"], first["value_fen"]) == ("DEDUCT", 33333)
    assert (first["paid_before"], first["paid_after"]) == (3, 2)
    [listed] = shop.cards_of(shop.guest, shop.beautician)
    assert listed["balances"] == {"principal_fen": 66667, "bonus_fen": 0, "paid": 2, "gift": 1}
    entries = shop.desk.get(f"/cards/{card['id']}/entries?limit=1").json
    assert entries is not None
    assert [one["seq"] for one in entries["items"]] == [2]
    older = shop.desk.get(f"/cards/{card['id']}/entries?cursor={entries['next']}").json
    assert older is not None
    assert [one["kind"] for one in older["items"]] == ["ISSUE"]
    profile = shop.desk.get(f"/customer-profiles/{shop.guest}").json
    assert profile is not None
    assert profile["sessions_left"] == 3


def test_stored_value_is_topped_up_and_pays(shop: Shop) -> None:
    card = shop.sold(shop.stored)
    assert shop.sold(shop.stored)["id"] == card["id"]

    paid = shop.deduction(card, amount_fen=150000)
    entry = made(shop.beautician.post(f"/cards/{card['id']}/deductions", paid))
    assert (entry["principal_after_fen"], entry["bonus_after_fen"]) == (50000, 40000)

    too_much = shop.deduction(card, amount_fen=90001)
    short = shop.beautician.post(f"/cards/{card['id']}/deductions", too_much)
    assert (short.status_code, fields_of(short)) == (409, {"amount_fen": "BALANCE_SHORT"})


def test_a_bad_deduction_is_told_everything_at_once(shop: Shop) -> None:
    card = shop.sold(shop.package)
    path = f"/cards/{card['id']}/deductions"

    answer = shop.beautician.post(
        path, {"key": "x", "item_id": 0, "amount_fen": -1, "sign": "y", "other": 1}
    )
    assert answer.status_code == 422
    assert fields_of(answer) == {
        "key": "TYPE", "item_id": "RANGE", "amount_fen": "RANGE", "sign": "TYPE",
        "other": "UNKNOWN_FIELD",
    }  # fmt: skip
    unsigned = {"key": str(uuid4()), "item_id": shop.item}
    assert fields_of(shop.beautician.post(path, unsigned)) == {"sign": "REQUIRED"}
    somebody_elses = {**unsigned, "sign": shop.signed(card, shop.manager)}
    assert fields_of(shop.beautician.post(path, somebody_elses)) == {"sign": "NOT_FOUND"}


def test_who_may_do_what(shop: Shop) -> None:
    card = shop.sold(shop.package)
    because = {"key": str(uuid4()), "reason": "因"}
    refused = [
        shop.desk.post(f"/cards/{card['id']}/deductions", shop.deduction(card)),
        shop.desk.post(f"/cards/{card['id']}/freeze", because),
        shop.beautician.post(f"/cards/{card['id']}/release", because),
        shop.desk.post(f"/cards/{card['id']}/write-off", because),
        shop.beautician.post(f"/cards/{card['id']}/entries/2/reversal", because),
        shop.manager.post(f"/cards/{card['id']}/refund", {}),
        shop.manager.post(f"/cards/{card['id']}/transfer", {}),
        shop.beautician.get(f"/cards/{card['id']}/refund"),
        shop.desk.post("/card-offers", STORED),
        shop.desk.call("PUT", "/card-settings", json={"rule": "LIST"}),
    ]
    assert {answer.status_code for answer in refused} == {403}
    assert shop.auditor.get(f"/cards/{card['id']}").status_code == 200


def test_another_tenants_card_is_no_card_and_a_strangers_guest_is_not_seen(
    shop: Shop, as_role: AsRole
) -> None:
    card = shop.sold(shop.package)
    elsewhere = as_role(new_store(), "MGR")
    strange = as_role(shop.desk.tenant, "CON")
    for path in (f"/cards/{card['id']}", f"/cards/{card['id']}/entries"):
        missing = elsewhere.get("/cards/999999" + path.removeprefix(f"/cards/{card['id']}"))
        for caller in (elsewhere, strange):
            answer = caller.get(path)
            assert answer.status_code == 404
            assert answer.json == missing.json
    assert strange.get(f"/customers/{shop.guest}/cards").status_code == 404
    assert strange.get("/cards").json == {"items": [], "next": None}
    sent = {"key": str(uuid4()), "item_id": shop.item}
    assert strange.post(f"/cards/{card['id']}/deductions", sent).status_code == 404


def test_a_deduction_is_reversed_a_card_frozen_and_released_by_the_manager(shop: Shop) -> None:
    card = shop.sold(shop.package)
    at = f"/cards/{card['id']}"
    made(shop.beautician.post(f"{at}/deductions", shop.deduction(card)))

    def because() -> dict[str, str]:
        return {"key": str(uuid4()), "reason": "录错"}

    assert made(shop.manager.post(f"{at}/entries/2/reversal", because()))["value_fen"] == -33333
    assert shop.manager.post(f"{at}/entries/2/reversal", because()).status_code == 409
    assert shop.manager.post(f"{at}/freeze", {"key": str(uuid4())}).status_code == 422
    made(shop.manager.post(f"{at}/freeze", because()))
    frozen = shop.beautician.post(f"{at}/deductions", shop.deduction(card))
    assert (frozen.status_code, fields_of(frozen)) == (409, {"card_id": "STATE"})
    made(shop.manager.post(f"{at}/release", because()))
    assert shop.manager.post(f"{at}/write-off", because()).status_code == 409
    made(shop.beautician.post(f"{at}/deductions", shop.deduction(card)))


def test_a_card_is_given_back_by_the_stores_rule_under_two_signatures(shop: Shop) -> None:
    card = shop.sold(shop.package)
    at = f"/cards/{card['id']}"
    made(shop.beautician.post(f"{at}/deductions", shop.deduction(card)))
    read = shop.desk.get(f"{at}/refund").json
    assert read is not None
    assert (read["by_paid_fen"], read["by_list_fen"], read["refund_fen"]) == (66667, 60000, 66667)

    rule = {"rule": "LIST"}
    assert shop.manager.call("PUT", "/card-settings", json=rule).json == rule
    sent = {
        "key": str(uuid4()), "reason": "搬家", "tenders": [{"tender": "CASH", "amount_fen": 66667}],
    }  # fmt: skip
    assert fields_of(shop.desk.post(f"{at}/refund", sent)) == {
        "tenders": "SUM_MISMATCH", "approver_login": "LIMIT",
    }  # fmt: skip
    right = {**sent, "tenders": [{"tender": "CASH", "amount_fen": 60000}]}
    signed = {**right, **signature((shop.desk.tenant, "MGR"))}
    receipt = made(shop.desk.post(f"{at}/refund", signed))

    assert (receipt["kind"], receipt["total_fen"]) == ("REFUND", -60000)
    assert receipt["lines"][0]["kind"] == "PACKAGE"
    shown = shop.desk.get(at).json
    assert shown is not None
    assert shown["state"] == "REFUNDED"


def test_a_card_is_passed_on_when_both_signed_and_the_manager_agrees(shop: Shop) -> None:
    card, daughter = shop.sold(shop.package), shop.new_guest("13900001234")
    sent = {
        "key": str(uuid4()), "to_customer_id": daughter, "relation": "母女",
        "giver_sign": shop.signed(card, shop.desk), "taker_sign": shop.signed(card, shop.desk),
    }  # fmt: skip
    refused = shop.desk.post(f"/cards/{card['id']}/transfer", sent)
    assert fields_of(refused) == {"approver_login": "LIMIT"}

    signed = {**sent, **signature((shop.desk.tenant, "MGR"))}
    entry = made(shop.desk.post(f"/cards/{card['id']}/transfer", signed))

    assert (entry["kind"], entry["paid_after"], entry["source"]) == (
        "TRANSFER_IN",
        3,
        card["number"],
    )
    [taken] = shop.cards_of(daughter, shop.desk)
    assert taken["id"] == entry["card_id"] != card["id"]


def test_offers_are_judged_and_changed_in_the_version_that_was_seen(shop: Shop) -> None:
    wrong = {**PACKAGE, "code": "X", "bonus_fen": 5, "paid_sessions": 0, "on_sale_to": "2019-01-01"}
    assert fields_of(shop.manager.post("/card-offers", wrong)) == {
        "bonus_fen": "RANGE", "paid_sessions": "REQUIRED", "item_id": "REQUIRED",
        "on_sale_to": "DATE_ORDER",
    }  # fmt: skip
    assert shop.manager.post("/card-offers", {**STORED, "code": "F-01"}).status_code == 409
    assert shop.manager.post("/card-offers", STORED).status_code == 409

    path = f"/card-offers/{shop.stored}"
    seen = {"If-Match": shop.desk.get(path).headers["ETag"]}
    dearer = {**STORED, "bonus_fen": 30000}
    assert shop.manager.call("PUT", path, json=dearer).status_code == 428
    assert shop.manager.call("PUT", path, json=dearer, headers=seen).status_code == 200
    assert shop.manager.call("PUT", path, json=dearer, headers=seen).status_code == 409
    listed = shop.desk.get("/card-offers?on_sale_on=2025-06-10&limit=1").json
    assert listed is not None
    assert ([one["code"] for one in listed["items"]], bool(listed["next"])) == (["P-01"], True)


def test_the_till_takes_deposits_and_tells_what_a_line_lacks(shop: Shop) -> None:
    deposit = {
        "key": str(uuid4()), "customer_id": shop.guest,
        "lines": [{"kind": "DEPOSIT", "quantity": 1, "amount_fen": 5000}],
        "tenders": [{"tender": "CASH", "amount_fen": 5000}],
    }  # fmt: skip
    line = made(shop.desk.post("/sales", deposit))["lines"][0]
    assert (line["kind"], line["item_id"], line["category"]) == ("DEPOSIT", None, None)

    nothing = {**deposit, "key": str(uuid4()), "lines": [{"quantity": 1, "amount_fen": 5000}]}
    assert fields_of(shop.desk.post("/sales", nothing)) == {"lines.0.item_id": "REQUIRED"}
    lost = receipt(999999, None)
    assert fields_of(shop.desk.post("/sales", lost)) == {"lines.0.offer_id": "NOT_FOUND"}
    nobodys = receipt(shop.package, None)
    assert fields_of(shop.desk.post("/sales", nobodys)) == {"customer_id": "REQUIRED"}
