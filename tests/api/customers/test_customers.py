"""Customers over the API."""

from collections.abc import Callable

from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller, fields_of
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]
WANG = {"number": "C-1", "name": "王丽丽", "phone": "13800001234"}


def test_the_front_desk_adds_a_customer_and_finds_her(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")

    made = desk.post("/customers", WANG)

    assert made.status_code == 201
    assert made.json is not None
    shown = {**WANG, "phone": "138****1234"}  # a full one is opened on the profile
    assert made.json == {"id": made.json["id"], "first_paid_on": None, **shown}
    for query in ("q=C-1", "q=丽丽", "q=1234", ""):
        found = desk.get(f"/customers?{query}").json
        assert found is not None
        assert [customer["number"] for customer in found["items"]] == ["C-1"]
    none = desk.get("/customers?q=%25").json
    assert none is not None
    assert none["items"] == []


def test_an_auditor_sees_names_and_phones_masked(as_role: AsRole, store: Tenant) -> None:
    made = as_role(store, "FD").post("/customers", WANG).json
    assert made is not None
    auditor = as_role(store, "AUD")

    listed = auditor.get("/customers")
    found = auditor.get("/customers?q=C-1")
    shown = auditor.get(f"/customers/{made['id']}")

    assert auditor.get("/customers?q=丽丽").json == {"items": [], "next": None}
    for answer in (listed, found, shown):
        assert "王丽丽" not in answer.text
        assert "13800001234" not in answer.text
        assert "王**" in answer.text
        assert "138****1234" in answer.text


def test_who_sees_only_own_customers_sees_none_of_the_others(
    as_role: AsRole, store: Tenant
) -> None:
    made = as_role(store, "FD").post("/customers", WANG).json
    assert made is not None
    beautician = as_role(store, "BEA")

    assert beautician.get("/customers").json == {"items": [], "next": None}
    assert beautician.get(f"/customers/{made['id']}").status_code == 404


def test_a_headquarters_sees_no_customer(as_role: AsRole, store: Tenant, hq: Tenant) -> None:
    answer = as_role(hq, "HQA").get("/customers")

    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["permission"] == "F04:R"


def test_a_bad_customer_is_refused(as_role: AsRole, store: Tenant) -> None:
    desk = as_role(store, "FD")

    answer = desk.post("/customers", {"name": "  ", "phone": "abc", "number": "a\u202eb"})

    assert answer.status_code == 422
    assert fields_of(answer) == {"name": "REQUIRED", "phone": "TYPE", "number": "TYPE"}
    desk.post("/customers", WANG)
    assert desk.post("/customers", WANG).status_code == 409


def test_another_tenants_customer_is_not_found(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    theirs = as_role(other, "FD")
    made = theirs.post("/customers", WANG).json
    assert made is not None
    mine = as_role(store, "FD")

    foreign = mine.get(f"/customers/{made['id']}")
    nobody = mine.get("/customers/4711")

    assert foreign.status_code == 404
    assert foreign.data == nobody.data
    searched = mine.get("/customers?q=王").json
    assert searched is not None
    assert searched["items"] == []
