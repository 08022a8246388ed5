"""Workbooks over the pages: taken out as asked and allowed, brought in after a look."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.registers import REGISTERS
from shared.forms import tables
from shared.records import runs, service
from shared.records.register import Register
from tenants import provisioning
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction
from tests.api.clients import browser_of, csrf_of
from tests.factories.records import editor, handout, profile
from tests.factories.tenants import new_person, new_store
from web.app import App
from web.records import exports
from workers.testing import drain

SHEETS = [(one, one.form.sheet) for one in REGISTERS]
ENTERED = [one for one, sheet in SHEETS if not (sheet.is_made or sheet.is_hand_made)]


class Browser:
    """Somebody with a role, at the pages of one store."""

    def __init__(self, app: App, store: Tenant, role: Role = "MGR") -> None:
        self.store, self.person = store, new_person((store, role))
        self.client: FlaskClient = browser_of(app, self.person)

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/s/{self.store.slug}{path}")

    def post(self, path: str, **data: object) -> TestResponse:
        headers = csrf_of(self.client, self.store)
        return self.client.post(f"/s/{self.store.slug}{path}", data=data, headers=headers)


@pytest.fixture
def manager(app: App, store: Tenant) -> Browser:
    """A manager of a store with three hand-outs and a profile."""
    with tenant_transaction(store) as session:
        typed = handout(session)
        for campaign in ("夏日", "夏日", "秋日"):
            service.keep_new(session, HANDOUTS, typed={**typed, "campaign": campaign}, by=editor())
        service.keep_new(session, PROFILES, typed=profile(), by=editor())
    return Browser(app, store)


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    """Read the rows of a CSV answer."""
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def numbers(answer: TestResponse) -> Iterator[str]:
    yield from (row["编号"] for row in rows_of(answer))


def test_a_small_list_is_taken_out_at_once_as_it_is_asked_for(manager: Browser) -> None:
    page = manager.get("/handouts/exports?text=0001&kind=SAMPLE")
    assert page.status_code == 200
    assert "样品" in page.text

    answer = manager.post("/handouts/exports", format="CSV", text="0001", kind="SAMPLE")

    assert answer.mimetype == "text/csv"
    assert list(numbers(answer)) == ["F01-202506-0001"]
    assert list(numbers(manager.post("/handouts/exports", format="CSV", sort="number"))) == [
        f"F01-202506-000{n}" for n in (1, 2, 3)
    ]
    none = manager.post("/handouts/exports", format="CSV", kind="GIFT")
    assert rows_of(none) == []


def test_a_workbook_speaks_the_chosen_language(manager: Browser) -> None:
    answer = manager.post("/handouts/exports", format="XLSX", language="en")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    header = [cell.value for cell in book.worksheets[0][1]]
    assert header[:4] == ["Number", "Version", "Handed out at*", "Kind*"]
    assert book.worksheets[0]["D2"].value == "Sample"
    assert isinstance(book.worksheets[0]["C2"].value, datetime)
    assert book.worksheets[0]["I2"].value == 10
    assert book.worksheets[1].title == "About"


def test_phone_numbers_stay_masked_without_a_purpose(manager: Browser) -> None:
    masked = rows_of(manager.post("/customer-profiles/exports", format="CSV"))
    opened = rows_of(manager.post("/customer-profiles/exports", format="CSV", purpose="回访"))
    assert masked[0]["电话*"] == "138****5678"
    assert opened[0]["电话*"] == "13812345678"
    assert "过敏史" not in opened[0]  # a manager reads health data and takes none out


def test_a_filter_on_what_may_not_be_taken_out_narrows_nothing(manager: Browser) -> None:
    answer = manager.post("/customer-profiles/exports", format="CSV", skin_type="DRY")
    assert len(rows_of(answer)) == 1


def test_a_large_list_is_made_by_a_job_and_fetched_once(
    manager: Browser, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-11: not by another person, not twice."""
    monkeypatch.setattr(exports, "DIRECT_ROWS", 2)
    asked = manager.post("/handouts/exports", format="CSV", sort="number")
    assert asked.status_code == 303
    path = asked.location.removeprefix(f"/s/{manager.store.slug}")
    waiting = manager.get(f"{path}/progress")
    assert "HX-Refresh" not in waiting.headers
    assert manager.post(f"{path}/file").status_code == 409

    drain(manager.store)

    assert manager.get(f"{path}/progress").headers["HX-Refresh"] == "true"
    stranger = Browser(app, manager.store)
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/file").status_code == 404
    assert len(rows_of(manager.post(f"{path}/file"))) == 3
    assert manager.post(f"{path}/file").status_code == 409
    assert manager.get(path).status_code == 200


def test_a_link_is_refused_after_a_day_and_after_the_role_is_lost(
    manager: Browser, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-11: not after a day, not without the role."""
    monkeypatch.setattr(exports, "DIRECT_ROWS", 0)
    monkeypatch.setattr(runs, "FETCHED_WITHIN", timedelta(seconds=-1))
    late = manager.post("/handouts/exports", format="CSV").location
    monkeypatch.setattr(runs, "FETCHED_WITHIN", timedelta(hours=24))
    good = manager.post("/handouts/exports", format="CSV").location
    drain(manager.store)
    paths = [path.removeprefix(f"/s/{manager.store.slug}") for path in (late, good)]

    assert manager.post(f"{paths[0]}/file").status_code == 409
    provisioning.grant_role(manager.person, manager.store, "FD")
    provisioning.revoke_role(manager.person, manager.store, "MGR")
    assert manager.post(f"{paths[1]}/file").status_code in (401, 403, 302)


def test_another_tenants_run_is_not_found(manager: Browser, app: App) -> None:
    other = Browser(app, new_store())
    manager.post("/handouts/exports", format="CSV")
    assert manager.get("/handouts/exports/1").status_code == 200
    assert other.get("/handouts/exports/1").status_code == 404
    assert other.post("/handouts/exports/1/file").status_code == 404
    assert manager.get("/opinions/exports/1").status_code == 404


@pytest.mark.parametrize("register", ENTERED, ids=lambda register: register.code)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_has_an_empty_workbook_with_lists_and_explanations(
    app: App, store: Tenant, register: Register, language: str
) -> None:
    desk = Browser(app, store, "FD")
    answer = desk.get(f"/{register.form.sheet.path}/imports/blank?language={language}")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    rows, explained, lists = book.worksheets
    assert rows.max_row == 1
    assert explained.max_row == rows.max_column + 1
    assert lists.sheet_state == "hidden"
    assert [rule.type for rule in rows.data_validations.dataValidation].count("list")
    assert all(cell.value for cell in rows[1])


def test_a_workbook_is_sent_looked_at_and_saved(manager: Browser) -> None:
    """X-10 for the file's own name."""
    sent = manager.post(
        "/handouts/imports",
        file=(io.BytesIO(_filled(manager, "好")), "../../七月;x=1.csv"),
    )
    assert sent.status_code == 303
    path = sent.location.removeprefix(f"/s/{manager.store.slug}")
    assert manager.get(path).status_code == 200
    assert "HX-Refresh" not in manager.get(f"{path}/progress").headers
    drain(manager.store)

    page = manager.get(path)
    assert "数量: 数值应在 1 到 99 之间" in page.text
    bad = manager.get(f"{path}/checked?lines=bad")
    assert [row["导入问题"] for row in rows_of(bad)] == ["数量:数值应在 1 到 99 之间"]
    assert len(rows_of(manager.get(f"{path}/checked"))) == 2

    assert manager.post(f"{path}/confirmation").status_code == 303
    assert manager.post(f"{path}/confirmation").status_code == 409
    drain(manager.store)
    assert len(rows_of(manager.post("/handouts/exports", format="CSV"))) == 4


def test_three_changed_one_new_one_conflict_is_shown_before_anything_is_saved(
    manager: Browser,
) -> None:
    with tenant_transaction(manager.store) as session:
        typed = handout(session)
        for _ in range(2):
            service.keep_new(session, HANDOUTS, typed=typed, by=editor())
    rows = rows_of(manager.post("/handouts/exports", format="CSV", sort="number"))
    for row in rows[:4]:
        row["数量(件)*"] = "3"
    rows[3]["版本"] = "7"
    rows.append({**rows[4], "编号": "", "版本": "", "使用反馈": "又一份"})
    rows[-1]["派送人*"] = str(manager.person)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)

    sent = manager.post("/handouts/imports", file=(io.BytesIO(out.getvalue().encode()), "a.csv"))
    drain(manager.store)

    page = manager.get(sent.location.removeprefix(f"/s/{manager.store.slug}"))
    shown = re.findall(r'<div class="name">(.+?)</div>\s*<div class="value">(.+?)</div>', page.text)
    assert dict(shown) == {"新建": "1", "修改": "3", "未变": "1", "冲突": "1", "有误": "0"}
    listed = rows_of(manager.post("/handouts/exports", format="CSV"))
    assert [row["数量(件)*"] for row in listed] == ["2"] * 5


def test_a_workbook_may_be_left_alone(manager: Browser) -> None:
    sent = manager.post("/handouts/imports", file=(io.BytesIO(_filled(manager, "x")), "a.csv"))
    path = sent.location.removeprefix(f"/s/{manager.store.slug}")
    assert manager.post(f"{path}/cancellation").status_code == 409
    drain(manager.store)
    assert manager.post(f"{path}/cancellation").status_code == 303
    assert manager.post(f"{path}/confirmation").status_code == 409


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PK\x03\x04", "a.csv"), (b"a,b", "a.xlsx"), (b"x" * 100, "a.csv")],
)
def test_what_is_no_workbook_is_refused_at_the_door(
    manager: Browser, content: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 99)
    answer = manager.post("/handouts/imports", file=(io.BytesIO(content), name))
    assert answer.status_code == 422


def test_no_file_is_said_so(manager: Browser) -> None:
    assert manager.post("/handouts/imports").status_code == 422


def _filled(manager: Browser, feedback: str) -> bytes:
    listed = manager.post("/handouts/exports", format="CSV")
    row = rows_of(listed)[0]
    header = [
        "派送时间*",
        "类别*",
        "品名*",
        "数量(件)*",
        "派送原因*",
        "活动",
        "派送人*",
        "使用反馈",
    ]
    with tenant_transaction(manager.store) as session:
        name = session.connection().exec_driver_sql("SELECT code FROM items LIMIT 1").scalar_one()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    for quantity in ("2", "100"):
        said = {**row, "品名*": name, "数量(件)*": quantity, "使用反馈": feedback}
        said["派送人*"] = str(manager.person)
        writer.writerow([said[column] for column in header])
    return out.getvalue().encode()
