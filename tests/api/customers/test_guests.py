"""One guest on one page, grades and the follow-up list: who sees what, by page and program."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shared import days
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.reporting.service import guests
from shared.domain.surveys.service.opinions import OPINIONS
from shared.records import service
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of, fields_of
from tests.api.counting import counted
from tests.factories.records import contact, editor, opinion, profile
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]


@dataclass(frozen=True)
class Shop:
    """A store with a guest of a consultant who stays away, and one of nobody who came today."""

    app: App
    store: Tenant
    consultant: UUID
    today: date
    sleeper: int
    regular: int

    def caller(self) -> Caller:
        """The consultant's own program."""
        return Caller.with_token(self.app, self.consultant, self.store)

    def browser(self, *roles: Role) -> FlaskClient:
        """A browser of somebody new, or without a role of the consultant."""
        roles_here = ((self.store, role) for role in roles)
        person = new_person(*roles_here) if roles else self.consultant
        client = browser_of(self.app, person)
        client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, self.store)["X-CSRFToken"]
        return client

    def page(self, client: FlaskClient, path: str) -> str:
        """Open a page of the store."""
        answer = client.get(f"/s/{self.store.slug}{path}")
        assert answer.status_code == 200, answer.status
        return answer.text


@pytest.fixture
def shop(app: App, store: Tenant) -> Shop:
    """Graded as of the month that is over, judged today."""
    now = datetime.now(UTC)
    today = days.business_day(now, zone=store.time_zone, change_hour=store.day_change_hour)
    consultant = new_person((store, "CON"))
    with tenant_session(store) as session:
        by, item = editor(), new_item(session)
        typed = profile(
            name="欧阳睡莲", consultant=str(consultant), registered_on="2025-01-02",
            contraindications=["HEART"], birthday=f"--{today + timedelta(days=3):%m-%d}",
        )  # fmt: skip
        sleeper = service.keep_new(session, PROFILES, typed=typed, by=by).id
        regular = service.keep_new(
            session, PROFILES, typed=contact(name="常客", registered_on="2025-01-02"), by=by
        ).id
        new_sale(session, (item.id, 900_00), day=today - timedelta(days=100), customer_id=sleeper)
        new_sale(session, (item.id, 300_00), day=today, customer_id=regular)
        said = opinion(customer=sleeper, likes="环境好")
        service.keep_new(session, OPINIONS, typed=said, by=by)
        guests.grade_guests(session, month=days.previous_month(today), now=now)
        guests.judge_activity(session, day=today, now=now)
        session.commit()
    return Shop(app, store, consultant, today, sleeper, regular)


def test_a_manager_sees_all_of_a_guest_on_one_page(shop: Shop) -> None:
    shown = shop.page(shop.browser("MGR"), f"/customers/{shop.sleeper}")

    for text in ("欧阳睡莲", "A 重点", "沉睡", "138****5678", "心脏病", "¥900.00", "生日"):
        assert text in shown, text
    assert "13812345678" not in shown
    assert "前面顾客累计占比 0 %" in shown
    assert f"/s/{shop.store.slug}/opinions/1" in shown


def test_each_sees_the_guest_as_far_as_the_matrix_says(shop: Shop) -> None:
    desk = shop.page(shop.browser("FD"), f"/customers/{shop.sleeper}")
    assert "心脏病" not in desk
    assert "A 重点" in desk

    own = shop.page(shop.browser(), f"/customers/{shop.sleeper}")
    assert "心脏病" in own
    assert "前面顾客累计占比" in own
    assert "/sales/" not in own  # no receipts for consultants
    for client in (shop.browser(), shop.browser("BEA")):
        assert client.get(f"/s/{shop.store.slug}/customers/{shop.regular}").status_code == 404

    auditor = shop.page(shop.browser("AUD"), f"/customers/{shop.sleeper}")
    assert "欧阳睡莲" not in auditor
    assert "前面顾客累计占比" not in auditor


def test_the_page_takes_few_statements(shop: Shop) -> None:
    client = shop.browser("MGR")
    shop.page(client, f"/customers/{shop.sleeper}")
    with counted(shop.app) as sent:
        shop.page(client, f"/customers/{shop.sleeper}")
    assert len(sent) <= 20


def test_a_phone_is_opened_and_written_down(shop: Shop) -> None:
    client = shop.browser("MGR")
    path = f"/s/{shop.store.slug}/customer-profiles/{shop.sleeper}/reveal"
    opened = client.post(path, data={"fields": "phone", "purpose": "联系顾客", "to": "read"})
    assert "13812345678" in opened.text
    assert "查看" in shop.page(client, f"/customer-profiles/{shop.sleeper}")


def test_the_same_is_given_to_programs(shop: Shop, as_role: AsRole) -> None:
    whole = as_role(shop.store, "MGR").get(f"/customers/{shop.sleeper}/overview").json
    assert whole is not None

    assert whole["profile"]["name"] == "欧阳睡莲"
    assert whole["profile"]["grade"] == "A"
    assert whole["grade"]["why_en"].startswith("those before hold 0 % of sales (below 70 %)")
    assert whole["activity"]["state"] == "DORMANT"
    assert whole["activity"]["at_risk_fen"] == 900_00 * 100 // 180
    parts = {part["key"]: part for part in whole["parts"]}
    assert parts["receipts"]["lines"][0]["end"] == "¥900.00"
    assert parts["opinions"]["count"] == 1
    assert whole["steps"][0]["text"]

    own = shop.caller()
    assert own.get(f"/customers/{shop.sleeper}/overview").status_code == 200
    assert own.get(f"/customers/{shop.regular}/overview").status_code == 404
    assert as_role(shop.store, "TEC").get(f"/customers/{shop.sleeper}/overview").status_code == 403


def test_another_stores_guest_is_not_there(shop: Shop, as_role: AsRole) -> None:
    manager = as_role(new_store(), "MGR")
    body = {"grade": "B", "reason": "x", "until": str(shop.today)}

    for answer in (
        manager.get(f"/customers/{shop.sleeper}/overview"),
        manager.call("PUT", f"/customers/{shop.sleeper}/grade-override", json=body),
        manager.call("DELETE", f"/customers/{shop.sleeper}/grade-override"),
    ):
        assert answer.status_code == 404


def test_a_grade_is_set_by_hand_by_the_manager_alone(shop: Shop, as_role: AsRole) -> None:
    path = f"/customers/{shop.regular}/grade-override"
    until = shop.today + timedelta(days=60)
    body = {"grade": "B", "reason": "老板的朋友", "until": str(until)}
    for role in ("FD", "CON", "SDA", "AUD"):
        refused = as_role(shop.store, role).call("PUT", path, json=body)  # type: ignore[arg-type]
        assert refused.status_code == 403
    manager = as_role(shop.store, "MGR")

    wrong = manager.call("PUT", path, json={"grade": "X", "until": "soon", "more": 1})
    late = manager.call("PUT", path, json={**body, "until": str(shop.today + timedelta(days=300))})
    made = manager.call("PUT", path, json=body)

    assert fields_of(wrong) == {
        "grade": "ENUM", "until": "TYPE", "reason": "REQUIRED", "more": "UNKNOWN_FIELD",
    }  # fmt: skip
    assert fields_of(late) == {"until": "RANGE"}
    assert made.json is not None
    assert (made.json["grade"], made.json["override_reason"]) == ("B", "老板的朋友")
    listed = manager.get("/customer-profiles?grade=B&fields=name,grade,last_visit").json
    assert listed is not None
    assert [row["name"] for row in listed["items"]] == ["常客"]
    assert listed["items"][0]["last_visit"] == str(shop.today)
    history = manager.get(f"/customer-gradings/{made.json['id']}/history").json
    assert history is not None
    assert history["items"][0]["action"] == "OVERRIDE"
    gone = manager.call("DELETE", path)
    assert gone.json is not None
    assert gone.json["override_grade"] is None


def test_the_page_sets_a_grade_and_says_why_not(shop: Shop) -> None:
    manager = shop.browser("MGR")
    base = f"/s/{shop.store.slug}/customers/{shop.sleeper}"

    refused = manager.post(f"{base}/grade", data={"grade": "P", "until": str(shop.today)})
    assert refused.status_code == 422
    assert refused.text.count('class="field-error"') >= 1
    typed = {"grade": "B", "until": str(shop.today + timedelta(days=9)), "reason": "新娘套餐"}
    assert manager.post(f"{base}/grade", data=typed).status_code == 303
    assert "新娘套餐" in shop.page(manager, f"/customers/{shop.sleeper}")
    assert manager.post(f"{base}/grade/end").status_code == 303
    assert "新娘套餐" not in shop.page(manager, f"/customers/{shop.sleeper}")
    assert shop.browser("FD").post(f"{base}/grade", data=typed).status_code == 403


def test_grades_are_summed_up_and_open_their_rows(shop: Shop, as_role: AsRole) -> None:
    answer = as_role(shop.store, "MGR").get("/customer-grades").json
    assert answer is not None
    block = {one["grade"]: one for one in answer["grades"]}
    assert block["A"]["guests"] == 1
    assert block["A"]["spend_share"] == "1.0000"
    assert block["A"]["average_spend_fen"] == 900_00
    assert block["P"]["guests"] == 1  # came today only, graded as of last month
    assert block["C"]["average_spend_fen"] is None
    own = shop.caller().get("/customer-grades").json
    assert own is not None
    assert sum(one["guests"] for one in own["grades"]) == 1
    assert as_role(shop.store, "BEA").get("/customer-grades").status_code == 403
    assert as_role(shop.store, "MGR").get("/customer-grades?as_of=x").status_code == 422

    manager = shop.browser("MGR")
    shown = shop.page(manager, "/customer-grades")
    assert "100.00%" in shown
    as_of = answer["as_of"]
    rows = shop.page(manager, f"/customer-gradings?as_of_from={as_of}&as_of_to={as_of}&grade=A")
    assert "欧阳睡莲" in rows
    assert "常客" not in rows
    assert "批准" not in shop.page(manager, "/customer-gradings/1")
    assert manager.get(f"/s/{shop.store.slug}/customer-gradings/new").status_code == 404


def test_the_follow_up_list_names_who_stays_away(shop: Shop, as_role: AsRole) -> None:
    desk = as_role(shop.store, "FD")
    found = desk.get("/follow-up").json
    assert found is not None
    (row,) = found["items"]
    assert (row["name"], row["phone"], row["state"]) == ("欧阳睡莲", "138****5678", "DORMANT")
    assert (row["away_days"], row["at_risk_fen"]) == (100, 900_00 * 100 // 180)
    for query, count in (("state=COLD", 0), ("state=DORMANT&grade=A", 1), ("grade=B", 0)):
        listed = desk.get(f"/follow-up?{query}").json
        assert listed is not None
        assert len(listed["items"]) == count, query
    birthdays = desk.get("/follow-up/birthdays").json
    assert birthdays is not None
    assert [one["id"] for one in birthdays["items"]] == [shop.sleeper]
    assert birthdays["items"][0]["may_be_greeted"] is False
    other = Caller.with_token(shop.app, new_person((shop.store, "CON")), shop.store)
    for path in ("/follow-up", "/follow-up/birthdays"):
        assert other.get(path).json == {"items": [], "next": None}
        assert as_role(shop.store, "AUD").get(path).status_code == 403

    shown = shop.page(shop.browser("FD"), "/follow-up?state=DORMANT&consultant=x&grade=Z")
    assert "欧阳睡莲" in shown
    assert "未到店" in shown
    assert "欧阳睡莲" in shop.page(shop.browser(), "/follow-up")
    manager = shop.browser("MGR")
    (taken,) = re.findall(r'href="([^"]+/exports[^"]*)"', shop.page(manager, "/follow-up"))
    path = html.unescape(taken).removeprefix(f"/s/{shop.store.slug}")
    assert "<dt>行数</dt><dd>1</dd>" in shop.page(manager, path)


def test_pages_of_the_follow_up_list_go_on_where_they_ended(shop: Shop, as_role: AsRole) -> None:
    with tenant_session(shop.store) as session:
        item = new_item(session)
        for number in range(3):
            guest = new_customer(session, f"远{number}").id
            day = shop.today - timedelta(days=40)
            new_sale(session, (item.id, 500_00), day=day, customer_id=guest)
        guests.judge_activity(session, day=shop.today, now=datetime.now(UTC))
        session.commit()
    desk = as_role(shop.store, "FD")

    seen: list[str] = []
    path = "/follow-up?limit=2"
    while True:
        page: Any = desk.get(path).json
        seen += [row["name"] for row in page["items"]]
        if page["next"] is None:
            break
        path = f"/follow-up?limit=2&cursor={page['next']}"

    assert seen == ["欧阳睡莲", "远2", "远1", "远0"]


def test_search_and_home_lead_to_ones_own_guests(shop: Shop) -> None:
    consultant = shop.browser()
    address = f"/s/{shop.store.slug}/customers/{shop.sleeper}"
    assert address in shop.page(consultant, "/search?q=睡莲")
    assert "没有找到" in shop.page(consultant, "/search?q=常客")
    assert address in shop.page(consultant, "/")
