"""The productivity plan over API and pages: who may, what is refused, what is kept."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of
from tests.api.sales.test_pages import signed_in
from tests.factories import reporting
from tests.factories.sales import new_item, new_sale
from tests.factories.tenants import new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
NUMBERS = {
    "revenue_fen": 1_200_000_00,
    "wages_fen": 300_000_00,
    "expense_fen": 900_000_00,
    "interest_fen": 12_000_00,
    "headcount_tenths": 95,
    "visits": 6000,
    "working_days": 300,
    "investment_fen": 400_000_00,
}
BOTH = {"prior": NUMBERS, "plan": NUMBERS}
TYPED = {
    "revenue_fen": "1,200,000", "wages_fen": "300000", "expense_fen": "900000",
    "interest_fen": "12000", "headcount_tenths": "9.5", "visits": "6,000",
    "working_days": "300", "investment_fen": "400000.00",
}  # fmt: skip


def _approved(as_role: AsRole, store: Tenant) -> Caller:
    writer, approver = as_role(store, "MGR"), as_role(store, "MGR")
    assert writer.call("PUT", "/plans/2025/draft", json=BOTH).status_code == 200
    assert writer.post("/plans/2025/submission").status_code == 201
    assert writer.post("/plans/2025/approval").status_code == 403  # another person signs
    assert approver.post("/plans/2025/approval").status_code == 201
    return writer


def test_a_plan_is_written_submitted_and_approved_by_another(
    as_role: AsRole, store: Tenant
) -> None:
    consultant = as_role(store, "CON")
    manager = _approved(as_role, store)

    sheet = manager.get("/plans/2025").json

    assert sheet is not None
    assert (sheet["head"]["state"], sheet["months_counted"]) == ("APPROVED", 0)
    lines = {line["code"]: line for line in sheet["lines"]}
    assert (lines["H"]["plan"], lines["P05"]["plan"], lines["P14"]["plan"]) == (
        "9.5", "200.00", "0.2400",
    )  # fmt: skip
    june = [cell for cell in sheet["cells"] if cell["month"] == "2025-06"]
    of_person = [cell for cell in june if cell["kind"] == "CONSULTANT"]
    assert [(cell["part"], cell["amount_fen"]) for cell in of_person] == [
        (str(consultant.person_id), 100_000_00)
    ]
    assert manager.get("/plans").json == {"plans": [sheet["head"]]}
    assert manager.call("PUT", "/plans/2025/draft", json=BOTH).status_code == 422  # why a revision?
    revised = manager.call("PUT", "/plans/2025/draft", json={**BOTH, "reason": "扩店"})
    assert revised.json is not None
    assert revised.json["revision"] == 2


def test_only_managers_plan_and_auditors_read(as_role: AsRole, store: Tenant) -> None:
    _approved(as_role, store)
    assert as_role(store, "AUD").get("/plans/2025").status_code == 200
    for role in ("FD", "CON", "BEA"):
        assert as_role(store, role).get("/plans/2025").status_code == 403
    assert as_role(store, "AUD").call("PUT", "/plans/2025/draft", json=BOTH).status_code == 403


def test_a_plan_of_another_store_is_none(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    theirs = _approved(as_role, other)
    before = theirs.get("/plans/2025").data
    mine = as_role(store, "MGR")

    for answer in (
        mine.get("/plans/2025"),
        mine.post("/plans/2025/submission"),
        mine.post("/plans/2025/approval"),
        mine.post("/plans/2025/rejection", {"reason": "x"}),
        mine.call("PUT", "/plans/2025/split", json={"cells": [_cell()], "spread": True}),
    ):
        assert answer.status_code == 404
    assert mine.get("/plans").json == {"plans": []}
    assert theirs.get("/plans/2025").data == before


def _cell(**more: Any) -> dict[str, Any]:
    return {"month": "2025-06", "kind": "STORE", "amount_fen": 210_000_00, **more}


def test_all_mistakes_are_told_at_once(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")
    wrong = {**NUMBERS, "visits": -1, "working_days": 367, "headcount_tenths": "9.5"}

    draft = manager.call("PUT", "/plans/2025/draft", json={"plan": wrong, "reason": 5})

    assert fields_of(draft) == {
        "prior": "REQUIRED",
        "plan.visits": "RANGE",
        "plan.working_days": "RANGE",
        "plan.headcount_tenths": "TYPE",
        "reason": "TYPE",
    }
    assert manager.call("PUT", "/plans/2025/draft", json=BOTH).status_code == 200
    bad = [_cell(kind="X"), _cell(month="2025-13"), _cell(amount_fen=-1)]
    split = manager.call("PUT", "/plans/2025/split", json={"cells": bad})
    assert fields_of(split) == {
        "cells.0.kind": "ENUM", "cells.1.month": "TYPE", "cells.2.amount_fen": "RANGE",
    }  # fmt: skip
    off = manager.call("PUT", "/plans/2025/split", json={"cells": [_cell()]})
    assert fields_of(off) == {"split.STORE": "SUM_MISMATCH"}
    spread = manager.call("PUT", "/plans/2025/split", json={"cells": [_cell()], "spread": True})
    assert spread.status_code == 200
    assert fields_of(manager.call("PUT", "/months/2025-06/solution", json={})) == {
        "text": "REQUIRED"
    }
    assert fields_of(manager.call("PUT", "/months/2025-06/plan-inputs", json={"more": 1})) == {
        "more": "UNKNOWN_FIELD"
    }
    assert fields_of(manager.post("/plans/2025/rejection", {})) == {"reason": "REQUIRED"}


def test_months_get_their_inputs_and_solutions(as_role: AsRole, store: Tenant) -> None:
    manager = _approved(as_role, store)
    with tenant_session(store) as session:
        new_sale(session, (new_item(session).id, 80_000_00))
        reporting.roll_up(session)
        reporting.closed(session)
        session.commit()

    known = {"headcount_tenths": 90, "interest_fen": 900_00}
    assert manager.call("PUT", "/months/2025-06/plan-inputs", json=known).status_code == 200
    said = {"text": "暑期活动提前到七月,\n补三场沙龙"}
    assert manager.call("PUT", "/months/2025-06/solution", json=said).status_code == 200

    sheet = manager.get("/plans/2025").json
    assert sheet is not None
    assert (sheet["months_counted"], sheet["missing"]) == (1, [])
    assert sheet["months"][5]["solution"] == said["text"]
    revenue = sheet["lines"][0]
    assert (revenue["plan_to_date"], revenue["to_date"], revenue["variance_rate"]) == (
        "100000.00", "80000.00", "-0.2000",
    )  # fmt: skip
    assert revenue["is_favourable"] is False


def test_the_plan_is_written_and_read_on_its_pages(app: App, store: Tenant) -> None:
    manager, other = signed_in(app, store, "MGR"), signed_in(app, store, "MGR")
    plans = f"/s/{store.slug}/plans"
    form = {f"{side}.{name}": text for side in ("prior", "plan") for name, text in TYPED.items()}

    assert "还没有计划" in manager.get(plans).text
    bad = manager.post(f"{plans}/2025/draft", data={**form, "plan.visits": "many"})
    assert bad.status_code == 422
    assert 'value="many"' in bad.text
    assert manager.post(f"{plans}/2025/draft", data=form).status_code == 303
    assert "1200000.00" in manager.get(f"{plans}/2025/draft").text
    cells = {f"2025-{n:02d}/STORE/": "" for n in range(1, 13)} | {"2025-06/STORE/": "210000"}
    off = manager.post(f"{plans}/2025/split", data={**cells, "then": "save"})
    assert off.status_code == 422
    assert "合计不符" in off.text
    assert manager.post(f"{plans}/2025/split", data={**cells, "then": "spread"}).status_code == 303
    assert "90000.00" in manager.get(f"{plans}/2025/split").text
    assert manager.post(f"{plans}/2025/submission").status_code == 303
    assert manager.post(f"{plans}/2025/approval").status_code == 422
    assert other.post(f"{plans}/2025/rejection", data={"reason": "偏高"}).status_code == 303
    assert "偏高" in manager.get(f"{plans}/2025").text
    assert manager.post(f"{plans}/2025/submission").status_code == 303
    assert other.post(f"{plans}/2025/approval").status_code == 303
    june = f"{plans}/2025/months/2025-06"
    assert manager.post(f"{june}/inputs", data={"headcount_tenths": "9.5"}).status_code == 303
    assert manager.post(f"{june}/inputs", data={"headcount_tenths": "x"}).status_code == 422
    assert manager.post(f"{june}/solution", data={"text": "补促销"}).status_code == 303
    page = manager.get(f"{plans}/2025").text
    assert "补促销" in page
    assert "每客消费额" in page


def test_what_if_computes_without_scripts_and_keeps_nothing(
    as_role: AsRole, app: App, store: Tenant
) -> None:
    manager = _approved(as_role, store)
    before = manager.get("/plans/2025").data

    page = signed_in(app, store, "MGR").get(f"/s/{store.slug}/plans/2025/what-if?V=3000&W=x").text

    assert "¥400.00" in page  # spend per customer: the same revenue from half the visits
    assert manager.get("/plans/2025").data == before


def test_the_plan_goes_to_paper_and_workbook(as_role: AsRole, app: App, store: Tenant) -> None:
    _approved(as_role, store)
    plans = f"/s/{store.slug}/plans/2025"

    assert "营业生产力计划表" in signed_in(app, store, "AUD").get(f"{plans}/paper").text
    assert signed_in(app, store, "MGR").get(f"{plans}/plan.xlsx").data[:2] == b"PK"
    assert signed_in(app, store, "AUD").get(f"{plans}/plan.xlsx").status_code == 403
    assert signed_in(app, store, "MGR").get(f"/s/{store.slug}/plans/2024").status_code == 404


def test_the_days_that_a_plan_counts_are_those_of_its_year(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")
    manager.call("PUT", "/plans/2025/draft", json=BOTH)
    other_year = [_cell(month=f"{date(2026, 6, 1):%Y-%m}")]
    answer = manager.call("PUT", "/plans/2025/split", json={"cells": other_year, "spread": True})
    assert fields_of(answer) == {"cells.0.month": "RANGE"}
