"""The calls of every declared form: keep, show, change, approve, void, list, history."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller, fields_of, signature
from tests.api.counting import counted
from tests.factories import records
from tests.factories.tenants import new_store

AsRole = Callable[[Tenant, Role], Caller]


def body(answer: TestResponse) -> dict[str, Any]:
    """The answer's JSON object."""
    assert answer.json is not None, answer.text
    return dict(answer.json)


@pytest.fixture
def typed(store_session: Session) -> dict[str, Any]:
    """A hand-out as sent."""
    made = records.handout(store_session)
    store_session.commit()
    return made


def test_a_form_is_kept_shown_changed_approved_and_voided(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")

    made = desk.post("/handouts", typed)
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    first = body(made)
    assert first["number"].startswith("F01-")
    assert (first["state"], first["version"], first["qty"]) == ("SUBMITTED", 1, 2)
    at = f"/handouts/{first['id']}"
    assert body(manager.get(at)) == first

    changed = manager.call(
        "PATCH", at, json={"qty": 3, "change_reason": "数错"}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.headers["ETag"], body(changed)["qty"]) == ('"2"', 3)

    approved = as_role(store, "MGR").post(f"{at}/approval", headers={"If-Match": '"2"'})
    assert (approved.status_code, body(approved)["state"]) == (200, "APPROVED")
    voided = manager.post(f"{at}/void", {"reason": "误录"}, headers={"If-Match": '"3"'})
    assert (voided.status_code, body(voided)["state"]) == (200, "VOID")

    history = body(manager.get(f"{at}/history"))["items"]
    assert [entry["action"] for entry in history] == ["VOID", "APPROVE", "CHANGE", "CREATE"]
    assert history[2]["values"]["qty"] == [2, 3]
    assert (history[2]["reason"], history[0]["reason"]) == ("数错", "误录")


def test_a_change_names_the_version_it_saw(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    manager = as_role(store, "MGR")
    at = f"/handouts/{body(manager.post('/handouts', typed))['id']}"

    for method, path in (("PATCH", at), ("POST", f"{at}/void"), ("POST", f"{at}/approval")):
        silent = manager.call(method, path, json={"reason": "x"} if "void" in path else {})
        assert (silent.status_code, body(silent)["code"]) == (428, "PRECONDITION")
    assert (
        manager.call("PATCH", at, json={"qty": 3}, headers={"If-Match": '"1"'}).status_code == 200
    )
    for tag in ('"1"', '"9"', '"x"', '"1", "2"', "*", '"99999999999999999999"'):
        stale = manager.call("PATCH", at, json={"qty": 5}, headers={"If-Match": tag})
        assert stale.status_code == (428 if tag == "*" else 409), tag
    assert body(manager.get(at))["qty"] == 3
    weakened = manager.call("PATCH", at, json={"qty": 4}, headers={"If-Match": 'W/"2"'})
    assert weakened.status_code == 200


@pytest.mark.shares_store
def test_everything_wrong_is_told_at_once_in_both_languages(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    answer = as_role(store, "MGR").post(
        "/handouts",
        {**typed, "qty": 0, "kind": "X", "handed_at": "2999-01-01T00:00:00Z", "created_by": "me",
         "id": 4, "state": "APPROVED", "item": True},
    )  # fmt: skip

    assert answer.status_code == 422
    assert fields_of(answer) == {
        "qty": "RANGE", "kind": "ENUM", "handed_at": "FUTURE", "created_by": "UNKNOWN_FIELD",
        "id": "UNKNOWN_FIELD", "state": "UNKNOWN_FIELD", "item": "TYPE", "customer": "REQUIRED",
    }  # fmt: skip
    assert all(p["message_zh"] and p["message_en"] for p in body(answer)["errors"])


@pytest.mark.shares_store
@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"qty": 1, "qty": 2}', "application/json", 400),
        (b"qty=1", "application/x-www-form-urlencoded", 415),
        (b"", "text/plain", 415),
    ],
)
def test_a_body_that_is_no_object_is_refused(
    as_role: AsRole, store: Tenant, sent: bytes, kind: str, status: int
) -> None:
    answer = as_role(store, "MGR").call("POST", "/handouts", data=sent, content_type=kind)

    assert answer.status_code == status


def test_another_tenants_record_is_like_one_that_never_was(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    foreign = body(as_role(store, "MGR").post("/handouts", typed))["id"]
    stranger = as_role(new_store(), "MGR")

    for method, path, sent in (
        ("GET", "", None), ("PATCH", "", {"qty": 3}), ("POST", "/void", {"reason": "x"}),
        ("POST", "/approval", None), ("GET", "/history", None),
        ("POST", "/reveal", {"fields": ["batch_no"], "purpose": "x"}),
    ):  # fmt: skip
        there, nowhere = (
            stranger.call(method, f"/handouts/{at}{path}", json=sent, headers={"If-Match": '"1"'})
            for at in (foreign, 999999)
        )
        assert (there.status_code, there.data) == (404, nowhere.data), path


def test_a_list_is_filtered_sorted_paged_and_cut_to_fields(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    manager = as_role(store, "MGR")
    for number in range(5):
        day = f"2025-06-1{number}T10:00:00+08:00"
        kind = "SAMPLE" if number % 2 else "GIFT"
        sent = {**typed, "handed_at": day, "kind": kind, "campaign": f"b{number}"}
        if kind == "GIFT":
            sent["customer"] = body(manager.post("/customers", {"name": "李四"}))["id"]
        assert manager.post("/handouts", sent).status_code == 201

    def campaigns(query: str) -> list[str]:
        found = manager.get(f"/handouts?{query}")
        assert found.status_code == 200, found.text
        return [row["campaign"] for row in body(found)["items"]]

    assert campaigns("") == ["b4", "b3", "b2", "b1", "b0"]
    assert campaigns("sort=handed_at&kind=SAMPLE") == ["b1", "b3"]
    low, high = "2025-06-11T00:00:00%2B08:00", "2025-06-13T00:00:00%2B08:00"
    assert campaigns(f"handed_at_from={low}&handed_at_to={high}") == ["b2", "b1"]
    assert campaigns("text=B3") == ["b3"]
    assert campaigns("text=100%25") == []
    for sort in ("handed_at", "-handed_at", "-cost_fen", "number"):
        first = body(manager.get(f"/handouts?limit=3&sort={sort}"))
        rest = body(manager.get(f"/handouts?limit=3&sort={sort}&cursor={first['next']}"))
        assert len({row["id"] for row in first["items"] + rest["items"]}) == 5
        assert rest["next"] is None
        crossed = manager.get(f"/handouts?sort=-handed_at&cursor={first['next']}")
        assert crossed.status_code == (200 if sort == "-handed_at" else 422)
    (row, *_) = body(manager.get("/handouts?fields=number,qty"))["items"]
    assert row.keys() == {"id", "number", "qty"}
    for wrong in ("fields=phone", "sort=qty", "kind=X", "state=GONE", "text=%00", "limit=0"):
        assert manager.get(f"/handouts?{wrong}").status_code == 422, wrong


def test_a_guest_is_found_by_pinyin_and_by_the_end_of_the_phone(
    as_role: AsRole, store: Tenant
) -> None:
    desk = as_role(store, "FD")
    assert (
        desk.post(
            "/customer-profiles", records.contact(customer_sign=records.send_picture(desk))
        ).status_code
        == 201
    )
    other = records.contact(
        customer_sign=records.send_picture(desk), name="陈晨", phone="13900005678"
    )
    assert desk.post("/customer-profiles", other).status_code == 201

    for text, names in (("wxl", ["王小丽"]), ("小丽", ["王小丽"]), ("5678", ["陈晨"]), ("x y", [])):
        found = body(desk.get(f"/customer-profiles?text={text}"))["items"]
        assert [row["name"] for row in found] == names, text


def test_a_longer_list_sends_no_more_statements(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    manager = as_role(store, "MGR")
    for _ in range(8):
        manager.post("/handouts", typed)

    with counted(manager.app) as sent:
        manager.get("/handouts")
        manager.get("/handouts?limit=1")

    assert len(sent) == 2


def test_a_warning_is_told_with_who_may_confirm_it_and_kept_when_they_did(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    desk, manager = as_role(store, "FD"), as_role(store, "MGR")
    guest = body(desk.post("/customers", {"name": "李四"}))["id"]
    much = {**typed, "customer": guest, "qty": 50}  # 250 yuan in a month
    because = {"field": "cost_fen", "code": "LIMIT", "reason": "开业十周年"}

    told = desk.post("/handouts", much)
    assert (told.status_code, body(told)["code"]) == (422, "CONFIRM")
    (warning,) = body(told)["errors"]
    assert (warning["field"], warning["code"]) == ("cost_fen", "LIMIT")
    assert (warning["severity"], warning["permission"]) == ("warning", "F01:A")
    assert (warning["roles"], warning["needs_second"]) == (["MGR"], True)
    alone = manager.post("/handouts", {**much, "confirmations": [because]})
    assert body(alone)["code"] == "CONFIRM"
    silent = desk.post("/handouts", {**much, **signature((store, "MGR"))})
    assert body(silent)["code"] == "CONFIRM"

    signed = {**much, "confirmations": [because], **signature((store, "MGR"))}
    kept = desk.post("/handouts", signed)
    assert kept.status_code == 201, kept.text
    assert body(kept)["approved_by"] is not None
    (created,) = body(manager.get(f"/handouts/{body(kept)['id']}/history"))["items"]
    assert created["reason"] == "LIMIT: 开业十周年"


def test_a_signature_that_does_not_count_is_refused(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")

    refused = desk.post("/handouts", {**typed, **signature((store, "CON"))})
    assert fields_of(refused) == {"approver_login": "FORBIDDEN"}
    wrong = desk.post("/handouts", {**typed, "approver_login": 7, "approver_password": []})
    assert fields_of(wrong) == {"approver_login": "TYPE", "approver_password": "TYPE"}


def test_what_clashes_with_the_data_alone_is_a_conflict(
    as_role: AsRole, store: Tenant, typed: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    assert (
        desk.post(
            "/customer-profiles", records.contact(customer_sign=records.send_picture(desk))
        ).status_code
        == 201
    )

    twice = desk.post(
        "/customer-profiles", records.contact(customer_sign=records.send_picture(desk))
    )
    assert (twice.status_code, fields_of(twice)) == (409, {"phone": "DUPLICATE"})
    worse = desk.post(
        "/customer-profiles", records.contact(customer_sign=records.send_picture(desk), gender="?")
    )
    assert (worse.status_code, len(fields_of(worse))) == (422, 2)
