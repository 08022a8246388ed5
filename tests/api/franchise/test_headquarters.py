"""A headquarters over the API: what its stores reported, and its word on their months."""

from collections.abc import Callable
from datetime import date

import pytest

from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of
from tests.api.counting import counted
from tests.factories import franchise, reporting
from tests.factories.tenants import new_hq

AsRole = Callable[[Tenant, Role], Caller]
JUNE = date(2025, 6, 1)


def reported_chain(*fen: int) -> tuple[Tenant, list[Tenant]]:
    """A chain whose stores sold, reviewed and reported June."""
    hq, stores = franchise.new_chain(*("华北" if n % 2 else "华东" for n in range(len(fen))))
    for store, amount in zip(stores, fen, strict=True):
        franchise.sell(store, amount, day=date(2025, 6, 10))
        with tenant_session(store) as session:
            reporting.reviewed(session)
            session.commit()
        franchise.send(store)
    franchise.read_all(hq)
    franchise.aggregate(hq, JUNE)
    return hq, stores


def test_the_dashboard_adds_up_and_says_what_it_covers(as_role: AsRole) -> None:
    hq, _ = reported_chain(30000, 10000)

    for role in ("HQA", "HQN", "AUD"):
        shown = as_role(hq, role).get("/dashboard?first=2025-05&last=2025-06").json
        assert shown is not None
        assert [month["month"] for month in shown["months"]] == ["2025-05", "2025-06"]
        june = shown["months"][1]
        assert june["turnover_fen"] == shown["total_fen"] == 40000
        assert june["coverage"]["text"] == "含 2/2 家"
        assert june["coverage"]["is_provisional"] is True  # reviewed is not closed
        assert {row["months"]["2025-06"]["turnover_fen"] for row in shown["stores"]} == {
            30000,
            10000,
        }
        assert {row["name"]: row["total_fen"] for row in shown["regions"]} == {
            "华东": 30000,
            "华北": 10000,
        }
    newest = as_role(hq, "HQN").get("/dashboard").json
    assert newest is not None
    assert [newest["months"][n]["month"] for n in (0, -1)] == ["2024-07", "2025-06"]


def test_a_store_month_and_the_ranking_are_what_was_reported(as_role: AsRole) -> None:
    hq, _ = reported_chain(30000, 10000)
    analyst = as_role(hq, "HQN")

    detail = analyst.get("/stores/001/months/2025-06").json
    ranked = analyst.get("/ranking?month=2025-06").json
    listed = analyst.get("/stores/001/months").json

    assert detail is not None
    assert ranked is not None
    assert listed is not None
    assert detail["total_fen"] == 30000
    assert [(row["code"], row["value"]) for row in ranked["rows"]] == [
        ("001", "30000.0000"),
        ("002", "10000.0000"),
    ]
    assert [(row["month"], row["state"]) for row in listed["items"]] == [("2025-06", "REVIEWED")]
    assert analyst.get("/stores/009/months/2025-06").status_code == 404
    assert analyst.get("/stores/001/months/2025-07").status_code == 404


def test_the_ranking_is_turned_over_page_by_page(as_role: AsRole) -> None:
    hq, _ = reported_chain(30000, 10000)
    analyst = as_role(hq, "HQN")

    first = analyst.get("/ranking?month=2025-06&limit=1").json
    assert first is not None
    last = analyst.get(f"/ranking?month=2025-06&limit=1&cursor={first['next']}").json

    assert last is not None
    assert [row["code"] for row in (*first["rows"], *last["rows"])] == ["001", "002"]
    assert last["next"] is None
    assert first["groups"] == last["groups"]


def test_the_analyst_accepts_and_the_admin_alone_reopens(as_role: AsRole) -> None:
    hq, stores = reported_chain(30000)
    analyst, admin = as_role(hq, "HQN"), as_role(hq, "HQA")
    shown = analyst.get("/stores/001/months").json
    assert shown is not None
    path, revision = "/stores/001/months/2025-06/decisions", shown["items"][0]["revision"]

    refused = admin.post(path, {"decision": "accept", "revision": revision})
    assert refused.status_code == 403
    stale = analyst.post(path, {"decision": "accept", "revision": revision + 1})
    assert stale.status_code == 409
    assert stale.json is not None
    assert stale.json["code"] == "CONFLICT"
    taken = analyst.post(path, {"decision": "accept", "revision": revision})
    assert taken.status_code == 202
    again = analyst.post(path, {"decision": "back", "revision": revision, "reason": "x"})
    assert again.status_code == 409  # the store has not answered yet
    franchise.read_all(stores[0])
    franchise.send(stores[0])
    franchise.read_all(hq)
    closed = analyst.get("/stores/001/months").json
    assert closed is not None
    assert closed["items"][0]["state"] == "CLOSED"

    reopen = {"decision": "reopen", "revision": revision}
    assert analyst.post(path, {**reopen, "reason": "漏单"}).status_code == 403
    assert fields_of(admin.post(path, reopen)) == {"reason": "REQUIRED", "forms": "REQUIRED"}
    reopen["forms"] = ["SALES", "F10"]
    assert admin.post(path, {**reopen, "reason": "漏单"}).status_code == 202


def test_a_store_file_is_changed_by_the_admin(as_role: AsRole) -> None:
    hq, _ = franchise.new_chain("华东", "华北")
    admin = as_role(hq, "HQA")
    file = admin.get("/stores/001").json
    assert file is not None

    changed = admin.call("PUT", "/stores/001", json={**file, "region": "华南", "code": "101"})

    assert changed.status_code == 200
    assert changed.json == {**file, "region": "华南", "code": "101"}
    assert admin.call("PUT", "/stores/101", json={**file, "code": "002"}).status_code == 409
    bad = admin.call(
        "PUT", "/stores/101", json={**file, "code": "x", "kind": "PIRATE", "tenant": "t"}
    )
    assert fields_of(bad) == {"kind": "ENUM", "tenant": "UNKNOWN_FIELD"}
    assert as_role(hq, "HQN").call("PUT", "/stores/101", json=file).status_code == 403
    listed = admin.get("/stores?limit=1").json
    assert listed is not None
    assert [store["code"] for store in listed["items"]] == ["002"]
    rest = admin.get(f"/stores?cursor={listed['next']}").json
    assert rest is not None
    assert [store["code"] for store in rest["items"]] == ["101"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/dashboard?first=2025-06&last=2025-01", {"last": "DATE_ORDER"}),
        ("/dashboard?first=2000-01&last=2025-01", {"first": "RANGE"}),
        ("/dashboard?first=0001-01", {"first": "RANGE"}),
        ("/dashboard?first=2025-13&last=x", {"first": "TYPE", "last": "TYPE"}),
        ("/ranking", {"month": "REQUIRED"}),
        ("/ranking?month=2025-06&by=beauty", {"by": "ENUM"}),
    ],
)
def test_a_bad_question_is_refused(
    as_role: AsRole, hq: Tenant, path: str, wrong: dict[str, str]
) -> None:
    answer = as_role(hq, "HQA").get(path)

    assert answer.status_code == 422
    assert fields_of(answer) == wrong


def test_another_chain_sees_nothing_and_a_store_has_no_such_addresses(as_role: AsRole) -> None:
    hq, stores = reported_chain(30000)
    other = as_role(new_hq(), "HQA")

    empty = other.get("/dashboard?first=2025-06&last=2025-06").json
    assert empty is not None
    assert empty["total_fen"] == 0
    assert empty["stores"] == []
    assert other.get("/stores/001").data == other.get("/stores/xyz").data
    assert other.get("/stores").json == {"items": [], "next": None}
    inside = as_role(stores[0], "MGR")
    assert inside.get("/dashboard").data == other.get("/stores/001").data
    assert inside.get("/dashboard", slug=hq.slug).status_code == 404


def test_more_stores_cost_no_more_statements(as_role: AsRole) -> None:
    def statements(hq: Tenant, path: str) -> int:
        caller = as_role(hq, "HQA")
        with counted(caller.app) as sent:
            assert caller.get(path).status_code == 200
        return len(sent)

    small, large = reported_chain(100)[0], reported_chain(100, 200, 300, 400)[0]
    for path in ("/dashboard", "/ranking?month=2025-06", "/stores", "/stores/001/months/2025-06"):
        assert statements(small, path) == statements(large, path) <= 12, path
