"""Deposits over HTTP: who may take one, for what, how."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask.testing import FlaskClient

from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of, fields_of
from tests.factories.appointments import booked
from tests.factories.records import editor
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]


def test_a_deposit_is_taken_at_the_desk(
    app: App, as_role: AsRole, store: Tenant, anonymous: FlaskClient
) -> None:
    now = datetime.now(UTC)
    soon = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=5)
    with tenant_session(store) as session:
        row_id = booked(session, at=soon, by=editor(now=now)).id
        session.commit()
    asked = {
        "key": str(uuid4()), "appointment_id": row_id,
        "tenders": [{"tender": "WECHAT", "amount_fen": 100_00}],
    }  # fmt: skip
    assert anonymous.post(f"/api/v1/s/{store.slug}/deposits", json=asked).status_code == 401
    assert as_role(store, "BEA").post("/deposits", asked).status_code == 403
    assert as_role(new_store(), "FD").post("/deposits", asked).status_code == 404
    desk = as_role(store, "FD")
    bad = desk.post("/deposits", {"key": "x", "appointment_id": 0, "tenders": []})
    assert (bad.status_code, fields_of(bad)) == (
        422, {"key": "TYPE", "appointment_id": "RANGE", "tenders": "RANGE"},
    )  # fmt: skip
    made = desk.post("/deposits", asked)
    assert (made.status_code, made.json["lines"][0]["kind"]) == (201, "DEPOSIT"), made.text
    assert desk.post("/deposits", asked).json["id"] == made.json["id"]
    client = browser_of(app, new_person((store, "FD")))
    path = f"/s/{store.slug}/deposits/{row_id}"
    paid = client.post(
        path, data={"amount": "50", "tender": "CASH", "key": str(uuid4())},
        headers=csrf_of(client, store),
    )  # fmt: skip
    assert paid.status_code == 303
    assert desk.get(f"/appointments/{row_id}").json["deposit_paid_fen"] == 150_00


def test_no_receipt_has_a_deposit_among_its_lines(as_role: AsRole, store: Tenant) -> None:
    line = {"item_id": 1, "quantity": 1, "amount_fen": 100, "kind": "DEPOSIT"}
    sale = {
        "key": str(uuid4()), "lines": [line],
        "tenders": [{"tender": "CASH", "amount_fen": 100}],
    }  # fmt: skip
    assert as_role(store, "FD").post("/sales", sale).status_code == 422
