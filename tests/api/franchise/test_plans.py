"""The plans of the stores and the adjustments of their statements, over API and pages."""

from collections.abc import Callable
from datetime import date

from shared.domain.reporting.queries import plans as store_plans
from shared.domain.reporting.rules.states import Why
from shared.domain.reporting.service import closing
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of
from tests.api.sales.test_pages import signed_in
from tests.factories import franchise, reporting
from tests.factories.franchise import hand_in_plan, in_store, new_chain, send_plans
from tests.factories.reporting import HQ, JUNE, NOW
from tests.factories.tenants import new_hq
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
PLAN = "/stores/001/plans/2025/1"


def handed_in() -> tuple[Tenant, Tenant]:
    """A chain whose store has handed its plan in."""
    hq, (store,) = new_chain("华北")
    hand_in_plan(store, R=1_320_000_00)
    send_plans(store)
    franchise.read_all(hq)
    return hq, store


def state_of(store: Tenant) -> str:
    with tenant_session(store) as session:
        return store_plans.shown(session, 2025, 1).state


def test_the_headquarters_sees_the_plan_and_decides(as_role: AsRole) -> None:
    hq, store = handed_in()
    admin = as_role(hq, "HQA")

    listed = admin.get("/store-plans").json
    assert listed is not None
    (head,) = listed["items"]
    assert (head["code"], head["year"], head["revision"], head["is_waiting"]) == (
        "001", 2025, 1, True,
    )  # fmt: skip
    assert (head["revenue_fen"], head["prior_fen"]) == (1_320_000_00, 1_200_000_00)
    shown = admin.get(PLAN).json
    assert shown is not None
    assert shown["head"] == head
    assert {line["code"]: line["plan"] for line in shown["lines"]}["P05"] == "220.00"
    whole = [one["amount_fen"] for one in shown["targets"] if one["category"] == ""]
    assert (len(whole), sum(whole)) == (12, 1_320_000_00)

    word = {"decision": "approve", "fingerprint": head["fingerprint"]}
    for role in ("HQN", "AUD"):
        assert as_role(hq, role).get("/store-plans").status_code == 200
        assert as_role(hq, role).post(f"{PLAN}/decisions", word).status_code == 403
    assert fields_of(admin.post(f"{PLAN}/decisions", {"decision": "perhaps"})) == {
        "decision": "ENUM",
        "fingerprint": "REQUIRED",
    }
    back = admin.post(f"{PLAN}/decisions", {**word, "decision": "back"})
    assert fields_of(back) == {"reason": "REQUIRED"}
    stale = admin.post(f"{PLAN}/decisions", {**word, "fingerprint": "0" * 64})
    assert stale.status_code == 409
    assert admin.post(f"{PLAN}/decisions", word).status_code == 202
    assert admin.post(f"{PLAN}/decisions", word).status_code == 409  # on its way

    franchise.read_all(store)
    assert state_of(store) == "APPROVED"
    send_plans(store)
    franchise.read_all(hq)
    after = admin.get(PLAN).json
    assert after is not None
    assert after["head"]["state"] == "APPROVED"


def test_no_manager_of_the_store_approves(as_role: AsRole) -> None:
    _hq, store = handed_in()
    manager = as_role(store, "MGR")

    assert manager.post("/plans/2025/approval").status_code == 403
    assert manager.post("/plans/2025/rejection", {"reason": "改数"}).status_code == 201
    assert state_of(store) == "DRAFT"


def test_another_chain_and_the_store_itself_find_nothing_here(as_role: AsRole) -> None:
    hq, store = handed_in()
    known = as_role(hq, "HQA").get(PLAN).json
    assert known is not None
    word = {"decision": "approve", "fingerprint": known["head"]["fingerprint"]}

    for stranger in (as_role(new_hq(), "HQA"), as_role(store, "MGR")):
        for answer in (
            stranger.get(PLAN),
            stranger.post(f"{PLAN}/decisions", word),
            stranger.get("/adjustments/1"),
        ):
            assert answer.status_code == 404
    assert as_role(new_hq(), "HQA").get("/store-plans").json == {"items": [], "next": None}
    assert as_role(hq, "HQA").get("/stores/001/plans/2025/99999999999").status_code == 404
    assert state_of(store) == "SUBMITTED"


def restated() -> tuple[Tenant, Tenant]:
    """A chain whose store closed June, then again with 30.00 more."""
    hq, (store,) = new_chain("华北")
    franchise.sell(store, 100_00, day=date(2025, 6, 3))
    in_store(store, reporting.closed)
    franchise.send(store)
    why = Why(reason="漏记一单", forms=("SALES",))
    in_store(
        store,
        lambda session: closing.reopen_month(
            session, month=JUNE, why=why, actor=HQ, has_hq=True, now=NOW
        ),
    )
    franchise.sell(store, 30_00, day=date(2025, 6, 20))
    in_store(store, reporting.reviewed)
    return hq, store


def test_an_adjustment_is_listed_with_the_figures_behind_it(as_role: AsRole) -> None:
    hq, store = restated()
    in_store(
        store, lambda session: closing.close_month(
            session, month=JUNE, actor=HQ, has_hq=True, now=NOW
        ),
    )  # fmt: skip
    franchise.send(store)
    franchise.read_all(hq)
    analyst = as_role(hq, "HQN")

    listed = analyst.get("/adjustments").json
    assert listed is not None
    assert {row["base"]: row["difference_fen"] for row in listed["items"]} == {
        "TURNOVER": 30_00,
        "CASH": 30_00,
    }
    first = listed["items"][0]
    behind = analyst.get(f"/adjustments/{first['id']}").json
    assert behind is not None
    assert behind["adjustment"] == first
    assert {(one["indicator"], one["part"]): one["delta"] for one in behind["figures"]}[
        "turnover", ""
    ] == 30_00
    half = analyst.get("/adjustments?limit=1").json
    assert half is not None
    rest = analyst.get(f"/adjustments?cursor={half['next']}").json
    assert rest is not None
    assert half["items"] + rest["items"] == listed["items"]


def test_the_pages_show_it_before_and_after(app: App) -> None:
    hq, store = restated()
    manager = signed_in(app, store, "MGR")
    before = manager.get(f"/s/{store.slug}/months/2025-06").text
    assert "第 1 版结账时为 ¥100.00，本版为 ¥130.00" in before
    assert "差额 ¥30.00 计入下一期结算单" in before
    assert "收银小票" in before  # what it was reopened for
    franchise.send(store)
    franchise.read_all(hq)
    analyst = signed_in(app, hq, "HQN")
    chain = f"/s/{hq.slug}"
    assert "还没有门店提交计划" in analyst.get(f"{chain}/store-plans").text
    assert "没有重新结账后金额有变的月份" in analyst.get(f"{chain}/adjustments").text
    # the first close was never read by itself: the letter of it comes with the second
    assert analyst.get(f"{chain}/stores/001/months/2025-06").status_code == 200


def test_a_plan_is_decided_on_its_page(app: App) -> None:
    hq, store = handed_in()
    admin = signed_in(app, hq, "HQA")
    chain = f"/s/{hq.slug}"
    page = f"{chain}/stores/001/plans/2025/1"

    assert "等您审核的计划" in admin.get(f"{chain}/").text
    assert "1,320,000.00" in admin.get(f"{chain}/store-plans").text
    shown = admin.get(page).text
    fingerprint = shown.split('name="fingerprint" value="')[1][:64]
    word = {"decision": "back", "fingerprint": fingerprint}
    assert admin.post(f"{page}/decision", data=word).status_code == 422
    for refused in ({"decision": "approve", "reason": "长" * 501}, {"decision": "perhaps"}):
        assert admin.post(f"{page}/decision", data={**word, **refused}).status_code == 422
    told = admin.post(f"{page}/decision", data={**word, "reason": "目标偏低"})
    assert told.status_code == 303
    franchise.read_all(store)

    manager = signed_in(app, store, "MGR")
    sheet = manager.get(f"/s/{store.slug}/plans/2025").text
    assert "退回：目标偏低" in sheet
    assert state_of(store) == "DRAFT"
