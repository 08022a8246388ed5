"""The paper twins: in the browser and as PDF, for who may see the record, nothing in it runs."""

from collections.abc import Callable

import pytest

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.service.profiles import PROFILES
from shared.domain.registers import REGISTERS
from shared.records import service
from shared.records.register import Register
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_transaction
from tests.api.records.test_workbooks import Browser
from tests.factories.records import editor, handout, profile
from tests.factories.tenants import new_store
from web.app import App
from workers.testing import drain

NASTY = '{{7*7}} #read("/etc/passwd") $x$ <script>alert(1)</script>'
Desk = Callable[[Role], Browser]


@pytest.fixture
def desk(app: App, store: Tenant) -> Desk:
    """Make people of a store with a hand-out and a profile."""
    with tenant_transaction(store) as session:
        typed = {**handout(session), "feedback": NASTY}
        service.keep_new(session, HANDOUTS, typed=typed, by=editor())
        service.keep_new(session, PROFILES, typed=profile(), by=editor())
    return lambda role: Browser(app, store, role)


def test_a_record_stands_on_its_paper_with_head_ticks_and_nothing_that_runs(desk: Desk) -> None:
    page = desk("MGR").get("/handouts/1/print")
    assert page.status_code == 200
    for text in (
        "样品及礼品派送记录表",
        "Sample and gift log",
        "F01-202506-0001",
        "☑ 样品",
        "☐ 礼品",
    ):
        assert text in page.text
    assert "{{7*7}}" in page.text
    assert "<script>alert" not in page.text
    english = desk("MGR").get("/handouts/1/print?language=en").text
    assert "☑ Sample" in english
    assert "What was given" in english


def test_a_paper_masks_and_leaves_out_what_a_list_does(desk: Desk) -> None:
    full = desk("MGR").get("/customer-profiles/1/print").text
    assert "138****5678" in full
    assert "13812345678" not in full
    assert "皮肤与健康" not in desk("FD").get("/customer-profiles/1/print").text
    assert desk("CON").get("/customer-profiles/1/print").status_code == 404  # not his own
    assert "王**" in desk("AUD").get("/customer-profiles/1/print").text


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.code)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_has_an_empty_paper_and_a_printed_list(
    desk: Desk, register: Register, language: str
) -> None:
    path, browser = register.form.sheet.path, desk("FD")
    empty = browser.get(f"/{path}/print?language={language}")
    if register.form.sheet.is_made:  # nobody fills it in by hand
        assert empty.status_code == 404
    else:
        assert empty.status_code == 200
        assert "☐" in empty.text
        assert "☑" not in empty.text
    assert browser.get(f"/{path}/print-list?language={language}").status_code == 200


@pytest.mark.parametrize("record_id", ["1", ""])
def test_a_pdf_is_set_by_a_job_and_fetched_once(desk: Desk, record_id: str) -> None:
    browser = desk("MGR")
    asked = browser.post("/handouts/papers", record_id=record_id)
    path = asked.location.removeprefix(f"/s/{browser.store.slug}")
    assert browser.get(path).status_code == 200

    assert ("records.set_paper", "done") in drain(browser.store)

    assert desk("MGR").post(f"{path}/file").status_code == 404
    made = browser.post(f"{path}/file")
    assert made.mimetype == "application/pdf"
    assert made.data.startswith(b"%PDF")
    assert b"/JavaScript" not in made.data
    assert browser.post(f"{path}/file").status_code == 409
    assert browser.get("/handouts/papers").status_code == 200


def test_nobody_prints_what_they_do_not_see(desk: Desk, app: App) -> None:
    other = Browser(app, new_store())
    assert other.get("/handouts/1/print").status_code == 404
    assert other.post("/handouts/papers", record_id="1").status_code == 404
    consultant = desk("CON")
    assert consultant.post("/customer-profiles/papers", record_id="1").status_code == 404
    assert consultant.post("/handouts/papers", record_id="x").status_code == 404
