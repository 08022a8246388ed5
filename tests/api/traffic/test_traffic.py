"""Traffic over API and pages: who sees what, bad input, files, what is behind a cell."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

from flask.testing import FlaskClient
from openpyxl import load_workbook

from shared.domain.customers.models import Customer
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, fields_of
from tests.factories.sales import new_customer
from tests.factories.tenants import new_person, new_store
from tests.factories.traffic import arrive, worked_weeks
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]


def visited(store: Tenant) -> date:
    """Let the guests of the worked example come to a store, for four weeks."""
    with tenant_session(store) as session:
        last = worked_weeks(session, times=2)
        session.commit()
    return last


def page_of(app: App, store: Tenant, role: Role, path: str) -> str:
    client: FlaskClient = browser_of(app, new_person((store, role)))
    answer = client.get(f"/s/{store.slug}/traffic{path}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_map_says_averages_marks_and_windows(as_role: AsRole, store: Tenant) -> None:
    last = visited(store)
    found = as_role(store, "MGR").get(f"/traffic?weeks=4&until={last}").json
    assert found is not None
    cells = {(one["weekday"], one["hour"]): one for one in found["cells"]}
    assert (found["weeks"], found["is_small"], found["base"]) == (4, False, "2.0000")
    saturday, wednesday = cells[6, 14], cells[3, 15]
    assert (saturday["average"], saturday["mark"], saturday["arrivals"]) == ("4.0000", "PEAK", 16)
    assert (wednesday["average"], wednesday["mark"]) == ("0.0000", "SLACK")
    assert {one["suggested"] for one in found["cells"]} == {None}  # nothing was timed
    assert found["windows"] == [{"weekday": 3, "first": 14, "until": 16, "free_minutes": None}]
    assert {"weekday": 6, "days": 4} in found["open_days"]


def test_a_cell_opens_its_arrivals(as_role: AsRole, store: Tenant) -> None:
    last = visited(store)
    manager = as_role(store, "MGR")
    found = manager.get(f"/traffic/arrivals?weeks=4&until={last}&weekday=6&hour=14").json
    assert found is not None
    assert found["count"] == len(found["rows"]) == 16
    assert {one["channel"] for one in found["rows"]} == {"WALKIN"}


def test_bad_input_is_told_all_at_once(as_role: AsRole, store: Tenant) -> None:
    asked = "weeks=3&until=gestern&category=HAIR&guests=OLD&channel=FAX&weekday=8&hour=24"
    answer = as_role(store, "MGR").get(f"/traffic/arrivals?{asked}")
    assert answer.status_code == 422
    assert set(fields_of(answer)) == {
        "weeks", "until", "category", "guests", "channel", "weekday", "hour",
    }  # fmt: skip


def test_a_consultant_sees_the_own_guests_alone(as_role: AsRole, app: App, store: Tenant) -> None:
    person = new_person((store, "CON"))
    day = date(2025, 6, 4)
    with tenant_session(store) as session:
        mine: Customer = new_customer(session, name="自己的客")
        mine.consultant = person
        arrive(session, day, 14, customer_id=mine.id)
        arrive(session, day, 15)
        session.commit()
    asked = f"/traffic?weeks=4&until={day + timedelta(days=7)}"
    own = Caller.with_token(app, person, store).get(asked).json
    everybody = as_role(store, "MGR").get(asked).json
    assert own is not None
    assert everybody is not None
    assert (own["arrivals"], everybody["arrivals"]) == (1, 2)


def test_retention_names_groups_and_states(as_role: AsRole, store: Tenant) -> None:
    found = as_role(store, "MGR").get("/traffic/retention").json
    assert found is not None
    assert (found["returning_rate"], found["second_visit_rate"]) == (None, None)
    assert [one["group"] for one in found["groups"]] == [
        "BEFORE", "RETURNED", "NEW", "SECOND", "WON_BACK",
    ]  # fmt: skip
    assert "LOST" in [one["state"] for one in found["states"]]


def test_another_store_counts_none_of_it(as_role: AsRole, store: Tenant) -> None:
    last = visited(store)
    other = as_role(new_store(), "MGR").get(f"/traffic?weeks=4&until={last}").json
    assert other is not None
    assert (other["arrivals"], other["cells"][:1], other["weeks"]) == (0, [], 0)


def test_the_page_marks_in_words_and_invents_no_roster(app: App, store: Tenant) -> None:
    last = visited(store)
    shown = page_of(app, store, "MGR", f"?weeks=4&until={last}")
    assert shown.count(">高峰</span>") == 2
    assert shown.count(">较差</span>") == 2
    assert "系统尚无排班" in shown
    assert shown.count("/traffic/arrivals?weekday=") == 6
    assert "样本不足" not in shown
    small = page_of(app, store, "MGR", f"?weeks=4&until={last - timedelta(days=14)}")
    assert "样本不足" in small
    assert ">高峰</span>" not in small


def test_the_files_hold_every_cell(app: App, store: Tenant) -> None:
    last = visited(store)
    client = browser_of(app, new_person((store, "MGR")))
    asked = f"weeks=4&until={last}"
    lines = client.get(f"/s/{store.slug}/traffic/traffic.csv?{asked}").data.decode("utf-8-sig")
    rows = lines.splitlines()
    assert len(rows) == 1 + 6
    assert rows[0].split(",")[3] == '"每营业日到店"'
    assert '"周六","14:00","16","4.0000","高峰",""' in rows
    book = load_workbook(BytesIO(client.get(f"/s/{store.slug}/traffic/traffic.xlsx?{asked}").data))
    first = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert ["周日", "15:00", 12, 3, "高峰"] in [row[:5] for row in first]
    assert "周三" in [row[0].value for row in book.worksheets[1].iter_rows()]
    assert "较差" in page_of(app, store, "MGR", f"/paper?{asked}")


def test_who_may_not_export_is_refused(app: App, store: Tenant) -> None:
    client = browser_of(app, new_person((store, "FD")))
    assert client.get(f"/s/{store.slug}/traffic").status_code == 200
    assert client.get(f"/s/{store.slug}/traffic/traffic.csv").status_code == 403
