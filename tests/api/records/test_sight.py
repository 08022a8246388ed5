"""Who sees which rows and fields of a declared form, and what opening one leaves behind."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories import records
from tests.factories.tenants import new_person
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
PHONE = {"phone": "13800001234"}


def body(answer: TestResponse) -> dict[str, Any]:
    """The answer's JSON object."""
    assert answer.json is not None, answer.text
    return dict(answer.json)


@pytest.fixture
def consultant(as_role: AsRole, store: Tenant) -> Caller:
    """A consultant of the store."""
    return as_role(store, "CON")


@pytest.fixture
def guest(consultant: Caller) -> str:
    """The path of a guest of that consultant's, health part included."""
    sent = records.profile(
        customer_sign=records.send_picture(consultant),
        consultant=str(consultant.person_id),
        allergies="花粉过敏",
        **PHONE,
    )
    made = consultant.post("/customer-profiles", sent)
    assert made.status_code == 201, made.text
    return f"/customer-profiles/{body(made)['id']}"


def test_a_phone_is_masked_for_everybody_until_it_is_opened(
    as_role: AsRole, store: Tenant, guest: str
) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")
    assert body(desk.get(guest))["phone"] == "138****1234"
    assert [row["phone"] for row in body(desk.get("/customer-profiles"))["items"]] == [
        "138****1234"
    ]

    opened = desk.post(f"{guest}/reveal", {"fields": ["phone"], "purpose": "改约"})

    assert (opened.status_code, body(opened)) == (200, {"values": {"phone": "13800001234"}})
    newest = body(manager.get(f"{guest}/history"))["items"][0]
    assert (newest["action"], newest["reason"]) == ("REVEAL", "phone: 改约")
    assert newest["made_by"] == str(desk.person_id)
    created = body(manager.get(f"{guest}/history"))["items"][1]
    assert created["values"]["phone"] == [None, "138****1234"]


def test_opening_says_which_fields_and_what_for(as_role: AsRole, store: Tenant, guest: str) -> None:
    desk = as_role(store, "FD")
    for wrong in (
        {}, {"fields": ["phone"]}, {"fields": [], "purpose": "x"},
        {"fields": ["nothing"], "purpose": "x"}, {"fields": "phone", "purpose": "x"},
        {"fields": ["phone"], "purpose": " "},
    ):  # fmt: skip
        assert desk.post(f"{guest}/reveal", wrong).status_code == 422, wrong
    closed = desk.post(f"{guest}/reveal", {"fields": ["allergies"], "purpose": "x"})
    assert closed.status_code == 403


def test_the_health_part_needs_its_own_permission(
    as_role: AsRole, store: Tenant, consultant: Caller, guest: str
) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")
    health = ("skin_type", "allergies", "contraindications")

    assert [body(consultant.get(guest))[name] for name in health] == [
        "COMBINATION",
        "花粉过敏",
        ["NONE"],
    ]
    assert [body(manager.get(guest))[name] for name in health] == [
        "COMBINATION",
        "花粉过敏",
        ["NONE"],
    ]
    assert [body(desk.get(guest))[name] for name in health] == [None, None, None]
    created = body(desk.get(f"{guest}/history"))["items"][0]["values"]
    assert created["allergies"] == [None, None]
    assert desk.get("/customer-profiles?skin_type=COMBINATION").status_code == 403
    assert manager.get("/customer-profiles?skin_type=COMBINATION").status_code == 200

    tag = {"If-Match": '"1"'}
    for caller in (desk, manager):  # the manager reads it and does not write it
        refused = caller.call("PATCH", guest, json={"allergies": None}, headers=tag)
        assert (refused.status_code, body(refused)["permission"]) == (403, "F04_health:U")
    sent = records.profile(phone="13800009999")
    assert desk.post("/customer-profiles", sent).status_code == 403
    changed = desk.call("PATCH", guest, json={"wechat": "wxl88"}, headers=tag)
    assert changed.status_code == 200
    assert body(manager.get(guest))["allergies"] == "花粉过敏"


def test_who_has_own_rows_only_meets_no_others(
    app: App, as_role: AsRole, store: Tenant, consultant: Caller, guest: str
) -> None:
    other = as_role(store, "CON")
    theirs = body(
        other.post(
            "/customer-profiles",
            records.contact(customer_sign=records.send_picture(other), phone="13700000000"),
        )
    )

    assert [row["id"] for row in body(other.get("/customer-profiles"))["items"]] == [theirs["id"]]
    for method, path, sent in (
        ("GET", "", None), ("GET", "/history", None), ("PATCH", "", {"wechat": "x"}),
        ("POST", "/reveal", {"fields": ["phone"], "purpose": "x"}),
        ("POST", "/void", {"reason": "x"}),
    ):  # fmt: skip
        answer = other.call(method, guest + path, json=sent, headers={"If-Match": '"1"'})
        assert answer.status_code == 404, path
    both = Caller.with_token(app, new_person((store, "CON"), (store, "FD")), store)
    shown = body(both.get(guest))
    assert (shown["name"], shown["allergies"]) == (
        "王小丽",
        None,
    )  # the desk's reach, not the health
    assert body(both.get("/customer-profiles?skin_type=COMBINATION"))["items"] == []
    touched = both.call("PATCH", guest, json={"allergies": "无"}, headers={"If-Match": '"1"'})
    assert touched.status_code == 404


def test_an_auditor_sees_persons_masked_and_cannot_find_them_out(
    as_role: AsRole, store: Tenant, guest: str
) -> None:
    auditor = as_role(store, "AUD")

    shown = body(auditor.get(guest))
    assert (shown["name"], shown["phone"], shown["gender"]) == ("王**", "138****1234", "F")
    assert (shown["allergies"], shown["skin_type"]) == (None, None)
    for name in ("小丽", "wxl", "13800001234"):
        assert body(auditor.get(f"/customer-profiles?text={name}"))["items"] == [], name
    number = shown["number"]
    assert len(body(auditor.get(f"/customer-profiles?text={number}"))["items"]) == 1
    assert auditor.get("/customer-profiles?sort=name").status_code == 403
    opened = auditor.post(f"{guest}/reveal", {"fields": ["phone"], "purpose": "audit"})
    assert opened.status_code == 403
    values = body(auditor.get(f"{guest}/history"))["items"][0]["values"]
    assert (values["name"], values["phone"]) == ([None, "王**"], [None, "138****1234"])


def test_an_auditor_reads_no_free_text(as_role: AsRole, store: Tenant) -> None:
    said = records.opinion(overall="DISSATISFIED", reason="王小丽 13800001234 态度差")
    made = body(as_role(store, "FD").post("/opinions", said))

    shown = body(as_role(store, "AUD").get(f"/opinions/{made['id']}"))
    assert (shown["reason"], shown["overall"]) == ("***", "DISSATISFIED")


def test_who_may_only_see_sums_gets_no_rows(
    as_role: AsRole, hq: Tenant, store: Tenant, store_session: Session
) -> None:
    assert as_role(hq, "HQA").get("/handouts").status_code == 404  # a headquarters has none
    assert as_role(store, "HQA").get("/handouts").status_code == 403
    assert as_role(store, "TEC").get("/handouts").status_code == 403
