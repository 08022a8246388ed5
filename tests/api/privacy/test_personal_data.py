"""A guest's copy and erasure by page and API: who may, what is asked, who else sees nothing."""

import io
import zipfile
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from shared.domain.customers.models import Customer
from shared.domain.customers.service.erasing import MARK
from shared.domain.customers.service.profiles import PROFILES
from shared.records import queries, service
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.api.clients import Caller, browser_of, csrf_of, fields_of
from tests.factories.records import editor, profile
from tests.factories.tenants import new_person, new_store
from web.app import App
from workers.testing import drain


@pytest.fixture
def number(store: Tenant) -> str:
    """The number of a guest who is registered in the store, with the id 1."""
    with tenant_transaction(store) as session:
        row: Customer = service.keep_new(session, PROFILES, typed=profile(), by=editor())
        return row.number


class Desk:
    """A person in a browser, for pages and for the API."""

    def __init__(self, app: App, store: Tenant, role: Any = "MGR", person: UUID | None = None):
        self.person = person or new_person((store, role))
        self.browser: FlaskClient = browser_of(app, self.person)
        self.headers = csrf_of(self.browser, store)
        self.store = store

    def page(self, path: str, **form: str) -> Any:
        """GET a page, or POST when there is a form."""
        address = f"/s/{self.store.slug}{path}"
        if not form:
            return self.browser.get(address)
        return self.browser.post(address, data=form, headers=self.headers)

    def call(self, path: str, **json: Any) -> Any:
        """POST to the API."""
        return self.browser.post(
            f"/api/v1/s/{self.store.slug}{path}", json=json, headers=self.headers
        )

    def get(self, path: str) -> Any:
        """GET from the API."""
        return self.browser.get(f"/api/v1/s/{self.store.slug}{path}")


def test_a_manager_hands_a_copy_over_and_it_is_written_down(
    app: App, store: Tenant, number: str
) -> None:
    desk = Desk(app, store)
    assert "个人信息" in desk.page("/customer-profiles/1").text
    assert number in desk.page("/customer-profiles/1/personal-data").text
    refused = desk.page("/customer-profiles/1/copies", purpose=" ")
    assert refused.status_code == 422
    asked = desk.page("/customer-profiles/1/copies", purpose="本人到店要求")
    assert asked.status_code == 303
    drain(store)
    run = asked.location.removeprefix(f"/s/{store.slug}")
    assert "下载" in desk.page(run).text
    assert desk.page(f"{run}/progress").headers["HX-Refresh"] == "true"

    sent = desk.page(f"{run}/file", x="")

    assert sent.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        assert "13812345678" in archive.read("data.json").decode()
    assert desk.page(f"{run}/file", x="").status_code == 409  # once
    with tenant_session(store) as session:
        (copied, _) = queries.history(session, PROFILES, 1)
        assert (copied.action, copied.reason, copied.made_by) == (
            "COPY", "本人到店要求", desk.person,
        )  # fmt: skip
        assert copied.version == 1  # whoever has the form open goes on


def test_a_copy_by_the_api_is_its_askers_alone(app: App, store: Tenant, number: str) -> None:
    desk, other = Desk(app, store), Desk(app, store)
    made = desk.call("/customer-profiles/1/copies", purpose="本人要求")
    assert made.status_code == 202
    run = f"/personal-data/copies/{made.json['id']}"
    drain(store)
    assert desk.get(run).json["state"] == "READY"
    for path in (run, f"{run}/file"):
        assert other.get(run).status_code == 404, path
    assert other.call(f"{run}/file").status_code == 404
    assert other.page(run).status_code == 404
    assert desk.call(f"{run}/file").mimetype == "application/zip"


def test_an_erasure_is_asked_for_with_reason_and_number_and_leaves_a_receipt(
    app: App, store: Tenant, number: str
) -> None:
    desk = Desk(app, store)
    wrong = desk.page("/customer-profiles/1/erasure", reason="本人要求", number="F04-1")
    assert wrong.status_code == 422
    assert "与此档案的编号不同" in wrong.text
    empty = desk.call("/customer-profiles/1/erasure")
    assert fields_of(empty) == {"reason": "REQUIRED", "number": "REQUIRED"}

    asked = desk.page("/customer-profiles/1/erasure", reason="本人要求 13812345678", number=number)

    assert asked.status_code == 303
    receipt = asked.location.removeprefix(f"/s/{store.slug}")
    assert "正在删除" in desk.page(receipt).text
    assert desk.page("/customer-profiles/1").status_code == 404
    assert desk.page("/customer-profiles/1/personal-data").status_code == 404
    again = desk.call("/customer-profiles/1/erasure", reason="再次", number=number)
    assert again.status_code == 404
    drain(store)
    shown = desk.page(receipt).text
    assert "已删除" in shown
    assert "顾客档案登记" in shown
    assert "13812345678" not in shown
    told = desk.get(receipt).json
    assert told["reason"] == f"本人要求 {MARK}"
    assert told["erased"]["customers"] == 1
    assert told["asked_by"] == str(desk.person)
    assert [one["id"] for one in desk.get("/personal-data/erasures").json["items"]] == [told["id"]]
    assert receipt in desk.page("/personal-data/erasures").text


def test_who_asks_for_something_dangerous_proves_who_it_is(
    app: App, store: Tenant, number: str
) -> None:
    desk = Desk(app, store)
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(
            "UPDATE registry.sessions SET fresh_at = NULL WHERE person_id = %s", [desk.person]
        )
    token = Caller.with_token(app, desk.person, store)
    for path, asked in (
        ("/customer-profiles/1/copies", {"purpose": "x"}),
        ("/customer-profiles/1/erasure", {"reason": "x", "number": number}),
    ):
        assert desk.page(path, **asked).status_code == 403
        assert desk.call(path, **asked).json["code"] == "REAUTHENTICATE"
        assert token.post(path, asked).status_code == 403
    with tenant_session(store) as session:
        assert len(queries.history(session, PROFILES, 1)) == 1


@pytest.mark.parametrize("role", ["FD", "CON", "BEA", "SDA", "TEC", "AUD"])
def test_only_the_manager_may(app: App, store: Tenant, number: str, role: Any) -> None:
    desk = Desk(app, store, role)
    asked = {"reason": "x", "number": number}
    assert desk.call("/customer-profiles/1/copies", purpose="x").status_code == 403
    assert desk.call("/customer-profiles/1/erasure", **asked).status_code == 403
    assert desk.page("/customer-profiles/1/personal-data").status_code == 403
    receipts = 200 if role == "AUD" else 403
    assert desk.get("/personal-data/erasures").status_code == receipts
    assert desk.page("/personal-data/erasures").status_code == receipts


def test_another_stores_guest_copy_and_receipt_are_not_there(
    app: App, store: Tenant, number: str
) -> None:
    elsewhere = new_store()
    own, foreign = Desk(app, store), Desk(app, elsewhere)
    made = own.call("/customer-profiles/1/copies", purpose="x").json["id"]
    erased = own.call("/customer-profiles/1/erasure", reason="x", number=number).json["id"]
    for path in (
        "/customer-profiles/1/personal-data", f"/personal-data/copies/{made}",
        f"/personal-data/copies/{made}/progress", f"/personal-data/erasures/{erased}",
    ):  # fmt: skip
        assert foreign.page(path).status_code == 404, path
    assert foreign.get(f"/personal-data/copies/{made}").status_code == 404
    assert foreign.call(f"/personal-data/copies/{made}/file").status_code == 404
    assert foreign.get(f"/personal-data/erasures/{erased}").status_code == 404
    assert foreign.call("/customer-profiles/1/copies", purpose="x").status_code == 404
    answer = foreign.call("/customer-profiles/1/erasure", reason="x", number=number)
    assert answer.status_code == 404
    anonymous = app.test_client().post(f"/api/v1/s/{store.slug}/customer-profiles/1/copies")
    assert anonymous.status_code in (401, 404)


def test_a_person_who_comes_twice_is_a_new_guest(app: App, store: Tenant, number: str) -> None:
    desk = Desk(app, store)
    desk.call("/customer-profiles/1/erasure", reason="x", number=number)
    drain(store)
    with tenant_transaction(store) as session:
        again = service.keep_new(session, PROFILES, typed=profile(), by=editor())
        assert again.id == 2
    listed = desk.get("/customer-profiles?text=wxl").json["items"]
    assert [one["id"] for one in listed] == [2]
