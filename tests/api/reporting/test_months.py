"""Days, months and their close over the API."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, fields_of
from tests.api.counting import counted
from tests.factories import reporting
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
COSTS = dict.fromkeys(("WAGES", "RENT", "MATERIALS", "UTILITIES", "MARKETING", "OTHER"), 10000)


def sold(store: Tenant, *fen: int, first: date = date(2025, 6, 10)) -> None:
    """Sell one treatment a day and close the days."""
    with tenant_session(store) as session:
        item = new_item(session)
        for number, amount in enumerate(fen):
            day = first.replace(day=first.day + number)
            customer = new_customer(session)
            new_sale(session, (item.id, amount), day=day, customer_id=customer.id)
        reporting.roll_up(session)
        reporting.close_days(session)
        session.commit()


def _state(answer: TestResponse) -> str:
    assert answer.json is not None, answer.text
    return str(answer.json.get("state") or answer.json["code"])


def test_a_store_without_a_headquarters_closes_and_reopens_its_month(
    as_role: AsRole, store: Tenant
) -> None:
    sold(store, 30000, 10000)
    manager = as_role(store, "MGR")
    month = "/months/2025-06"

    assert _state(manager.post(f"{month}/computation")) == "COMPUTED"
    missing = manager.post(f"{month}/review", {})
    assert missing.status_code == 422
    assert fields_of(missing) == {f"costs.{kind}": "REQUIRED" for kind in COSTS}
    assert manager.call("PUT", f"{month}/costs", json=COSTS).json == COSTS
    assert manager.call("PUT", f"{month}/costs", json={"RENT": 1}).json == {**COSTS, "RENT": 1}
    assert _state(manager.post(f"{month}/review", {})) == "REVIEWED"
    assert _state(manager.post(f"{month}/return", {"reason": "复核"})) == "COMPUTED"
    assert _state(manager.post(f"{month}/review", {})) == "REVIEWED"
    assert _state(manager.post(f"{month}/closure")) == "CLOSED"
    assert manager.post(f"{month}/closure").status_code == 409
    late = manager.call("PUT", f"{month}/costs", json={"RENT": 2})
    assert late.status_code == 409
    assert _state(late) == "CLOSED_PERIOD"
    assert fields_of(manager.post(f"{month}/reopening", {"reason": " ", "forms": []})) == {
        "reason": "REQUIRED",
        "forms": "REQUIRED",
    }
    why = {"reason": "漏记一单", "forms": ["SALES"]}
    assert _state(manager.post(f"{month}/reopening", why)) == "REOPENED"


def test_a_store_of_a_chain_waits_for_its_headquarters(as_role: AsRole) -> None:
    store = new_store(hq=new_hq())
    sold(store, 30000)
    manager = as_role(store, "MGR")
    manager.post("/months/2025-06/computation")
    manager.post("/months/2025-06/review", {"acknowledged": "成本由总部录入"})

    refused = manager.post("/months/2025-06/closure")

    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["code"] == "FORBIDDEN"


def test_the_reports_state_what_was_sold(as_role: AsRole, store: Tenant) -> None:
    sold(store, 30000, 10000)
    manager, desk = as_role(store, "MGR"), as_role(store, "FD")
    manager.post("/months/2025-06/computation")

    day = desk.get("/days/2025-06-10").json
    assert day is not None
    assert day["total"]["turnover_fen"] == day["tenders"][0]["amount_fen"] == 30000
    assert day["total"]["new_customers"] == 1

    detail = manager.get("/months/2025-06").json
    assert detail is not None
    assert (detail["month"], detail["revision"], detail["total_fen"]) == ("2025-06", 1, 40000)
    assert len(detail["days"]) == 30
    assert detail["days"][9]["share"] == "0.7500"
    assert detail["marks"]["peak_days"] == ["2025-06-10"]
    assert detail["customers"]["new_growth"] is None  # nothing to grow from
    assert manager.get("/months/2025-06?revision=9").status_code == 404

    report = as_role(store, "AUD").get("/months/2025-06/sales").json
    assert report is not None
    assert report["head"][0]["amount_fen"] == 40000
    assert report["top_items"][0]["turnover_fen"] == 40000
    listed = manager.get("/months").json
    assert listed is not None
    assert [(row["month"], row["turnover_fen"]) for row in listed["items"]] == [("2025-06", 40000)]


def test_a_correction_shows_in_the_differences_of_two_revisions(
    as_role: AsRole, store: Tenant
) -> None:
    sold(store, 30000)
    manager = as_role(store, "MGR")
    manager.post("/months/2025-06/computation")
    sold(store, 5000, first=date(2025, 6, 20))
    manager.post("/months/2025-06/computation")

    answer = manager.get("/months/2025-06/differences?old=1&new=2").json

    assert answer is not None
    turnover = [row for row in answer["figures"] if row["indicator"] == "turnover"]
    assert {(row["part"], row["delta"]) for row in turnover} == {("", 5000), ("FACIAL", 5000)}
    assert [(c["day"], c["new_fen"]) for c in answer["cells"]] == [("2025-06-20", 5000)]
    assert manager.get("/months/2025-06/differences").status_code == 422
    assert manager.get("/months/2025-06/differences?old=1&new=7").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        (
            "PUT",
            "/costs",
            {"WAGES": -1, "BRIBES": 1},
            {"WAGES": "RANGE", "BRIBES": "UNKNOWN_FIELD"},
        ),
        ("POST", "/review", {"acknowledged": "x" * 501}, {"acknowledged": "LENGTH"}),
        ("POST", "/return", {}, {"reason": "REQUIRED"}),
        (
            "POST",
            "/reopening",
            {"reason": "a\x00b", "forms": ["F99"]},
            {"reason": "TYPE", "forms.0": "ENUM"},
        ),
    ],
)
def test_a_bad_form_is_refused(
    as_role: AsRole,
    store: Tenant,
    method: str,
    path: str,
    body: dict[str, object],
    wrong: dict[str, str],
) -> None:
    answer = as_role(store, "MGR").call(method, f"/months/2025-06{path}", json=body)

    assert answer.status_code == 422
    assert fields_of(answer) == wrong


def test_costs_of_a_month_to_come_are_refused(as_role: AsRole, store: Tenant) -> None:
    answer = as_role(store, "MGR").call("PUT", "/months/2999-12/costs", json={"RENT": 1})

    assert fields_of(answer) == {"month": "FUTURE"}


def test_a_number_opens_the_records_behind_it(as_role: AsRole, store: Tenant) -> None:
    sold(store, 30000, 10000)
    manager, address = as_role(store, "MGR"), "/months/2025-06/records"

    whole = manager.get(f"{address}?indicator=turnover").json
    day = manager.get(f"{address}?indicator=turnover&day=2025-06-11&category=FACIAL").json
    people = manager.get(f"{address}?indicator=new_customers").json

    assert whole is not None
    assert day is not None
    assert people is not None
    assert (whole["total"], whole["count"]) == (40000, 2)
    assert [row["amount_fen"] for row in day["rows"]] == [10000]
    assert people["total"] == len(people["people"]) == 2
    assert manager.get("/months/2024-01/records?indicator=turnover").status_code == 404
    wrong = manager.get(f"{address}?indicator=open_days&category=HAIR&item_id=x")
    assert fields_of(wrong) == {"indicator": "ENUM", "category": "ENUM", "item_id": "TYPE"}
    assert as_role(new_store(), "MGR").get(f"{address}?indicator=turnover").status_code == 404


def test_only_the_manager_closes(as_role: AsRole, store: Tenant) -> None:
    sold(store, 30000)
    for role in ("FD", "CON", "AUD"):
        answer = as_role(store, role).post("/months/2025-06/computation")
        assert answer.status_code == 403
        assert answer.json is not None
        assert answer.json["permission"] == "month_close:A"


def test_another_tenants_month_is_not_there_and_stays_as_it_was(
    as_role: AsRole, store: Tenant
) -> None:
    other = new_store()
    sold(other, 30000)
    theirs, mine = as_role(other, "MGR"), as_role(store, "MGR")
    theirs.post("/months/2025-06/computation")
    before = theirs.get("/months/2025-06").data

    assert mine.get("/months/2025-06").data == mine.get("/months/2024-01").data
    why = {"reason": "x", "forms": ["F10"]}
    assert mine.post("/months/2025-06/return", {"reason": "x"}).status_code == 404
    assert mine.post("/months/2025-06/reopening", why).status_code == 404
    assert mine.post("/months/2025-06/review", {}).status_code == 404
    assert mine.post("/months/2025-06/closure").status_code == 404
    assert theirs.get("/months/2025-06").data == before


def test_reports_cost_a_bounded_number_of_statements(as_role: AsRole, store: Tenant) -> None:
    sold(store, *range(1000, 1018))
    manager = as_role(store, "MGR")
    manager.post("/months/2025-06/computation")

    for path, most in (
        ("/months", 2),
        ("/months/2025-06", 10),
        ("/months/2025-06/sales", 18),
        ("/days/2025-06-10", 20),
        ("/months/2025-06/records?indicator=turnover", 4),
    ):
        with counted(manager.app) as sent:
            assert manager.get(path).status_code == 200
        assert len(sent) <= most, (path, len(sent))


def test_a_month_has_its_twins_on_paper_and_as_workbook(app: App, store: Tenant) -> None:
    sold(store, 30000, 10000)
    page = f"/s/{store.slug}/months/2025-06"

    def visit(address: str, of: Tenant = store, role: Role = "MGR") -> TestResponse:
        return browser_of(app, new_person((of, role))).get(address)

    paper, book = visit(f"{page}/paper"), load_workbook(BytesIO(visit(f"{page}/report.xlsx").data))

    assert paper.status_code == 200
    assert "¥400.00" in paper.text
    days, sales = book.worksheets
    rows = {str(row[0]): row for row in days.iter_rows(values_only=True)}
    assert rows["2025-06-10 00:00:00"][1:8] == (300, "", "", "", "", 300, 0.75)
    assert rows["合计"][6] == 400
    heads = {row[0]: row[1] for row in sales.iter_rows(values_only=True)}
    assert (heads["营业额"], heads["现金"], heads["未消耗余额"]) == (400, 400, 0)
    assert visit(f"/s/{store.slug}/months/2024-01/report.xlsx").status_code == 404
    assert visit(f"{page}/paper", of=new_store()).status_code == 404
    assert visit(f"{page}/report.xlsx", role="FD").status_code == 403


def test_a_month_that_waits_says_by_when_and_that_it_is_late(
    app: App, as_role: AsRole, store: Tenant
) -> None:
    sold(store, 30000)
    manager, browser = as_role(store, "MGR"), browser_of(app, new_person((store, "MGR")))
    home, month = f"/s/{store.slug}/", f"/s/{store.slug}/months/2025-06"
    manager.post("/months/2025-06/computation")
    assert "2025-07-03 18:00 前复核2025年6月" in browser.get(home).text
    assert "逾期" in browser.get(home).text
    assert "须于 2025-07-03 18:00 前" in browser.get(month).text
    manager.call("PUT", "/months/2025-06/costs", json=COSTS)
    for step in ("review", "closure"):
        manager.post(f"/months/2025-06/{step}", {})
    assert "2025年6月" not in _tasks(browser.get(home).text)
    why = {"reason": "漏记一单", "forms": ["SALES"]}
    assert _state(manager.post("/months/2025-06/reopening", why)) == "REOPENED"
    assert "前重新结账:2025年6月" in browser.get(home).text
    assert "逾期" not in browser.get(home).text  # three days from now
    assert "须于" in browser.get(month).text


def _tasks(page: str) -> str:
    return page.partition("待办")[2].partition("</section>")[0]
