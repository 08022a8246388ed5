"""Guests ask for a time without an account: free times alone, few at a time, nobody else's data."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from shared.domain.appointments.service import guests as service
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, new_address
from tests.factories.appointments import booked, room
from tests.factories.records import editor
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person
from web import guests
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_STARTS = re.compile(r'name="start_at" value="([^"]+)"')
DAY = (datetime.now(UTC) + timedelta(days=3)).date()


@pytest.fixture
def guest(app: App) -> FlaskClient:
    """A browser of somebody without an account, at an address of its own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = new_address()
    return client


@pytest.fixture
def shop(app: App, store: Tenant) -> dict[str, Any]:
    """A store with a room, an item and somebody who serves; its manager opened the address."""
    new_person((store, "BEA"))
    manager = browser_of(app, new_person((store, "MGR")))
    with tenant_session(store) as session:
        made = {"room": room(session).id, "item": new_item(session).id}
        session.commit()
    page = manager.get(f"/s/{store.slug}/rooms")
    token = _CSRF.search(page.text)
    assert token
    opened = manager.post(f"/s/{store.slug}/rooms/guests", data={"csrf_token": token[1]})
    assert opened.status_code == 303
    found = re.search(
        r'href="[^"]*(/g/[^"/]+/booking)"', manager.get(f"/s/{store.slug}/rooms").text
    )
    assert found
    return {**made, "path": found[1], "manager": manager, "csrf": token[1]}


def asked(shop: dict[str, Any]) -> str:
    """Give the address at which free times of a day stand."""
    return f"{shop['path']}?items={shop['item']}&day={DAY}"


def send(client: FlaskClient, shop: dict[str, Any], **typed: str) -> Any:
    """Open the form, choose the first free time unless another one is typed, and send it."""
    shown = client.get(asked(shop))
    assert shown.status_code == 200, shown.text
    token, first = _CSRF.findall(shown.text)[-1], _STARTS.search(shown.text)
    assert first
    sent = {
        "items": str(shop["item"]), "day": f"{DAY}", "start_at": first[1], "contact_name": "王女士",
        "contact_phone": "138 0000 1234", "csrf_token": token, **typed,
    }  # fmt: skip
    return client.post(shop["path"], data=sent)


def requests(store: Tenant) -> list[Any]:
    """What was asked for."""
    with tenant_session(store) as session:
        asked = "SELECT stage, channel, customer, contact_name, contact_phone, created_by"
        return list(session.execute(text(f"{asked} FROM appointments ORDER BY id")))


def test_a_guest_asks_sees_how_it_stands_and_calls_it_off(
    store: Tenant, shop: dict[str, Any], guest: FlaskClient
) -> None:
    answer = send(guest, shop)
    assert answer.status_code == 303, answer.text
    assert requests(store) == [("REQUESTED", "ONLINE", None, "王女士", "13800001234", None)]
    own = answer.headers["Location"]
    shown = guest.get(own)
    assert shown.status_code == 200
    token = _CSRF.findall(shown.text)[-1]
    assert guest.post(own, data={"csrf_token": token}).status_code == 303
    assert requests(store)[0].stage == "CANCELLED"
    assert guest.post(own, data={"csrf_token": token}).status_code == 409


def test_only_free_times_are_shown_and_taken(
    store: Tenant, shop: dict[str, Any], guest: FlaskClient
) -> None:
    first = _STARTS.search(guest.get(asked(shop)).text)
    assert first
    at = datetime.fromisoformat(first[1])
    with tenant_session(store) as session:
        booked(session, at=at, room=shop["room"], by=editor(now=datetime.now(UTC)))
        session.commit()
    assert first[1] not in _STARTS.findall(guest.get(asked(shop)).text)
    refused = send(guest, shop, start_at=first[1])
    assert refused.status_code == 422
    assert len(requests(store)) == 1


def test_a_guest_hears_nothing_of_who_is_known(
    store: Tenant, shop: dict[str, Any], guest: FlaskClient
) -> None:
    with tenant_session(store) as session:
        known = new_customer(session, "王丽", phone="13800001234")
        known.contraindications = ["PREGNANT"]
        session.execute(
            text("UPDATE items SET contraindications = '{PREGNANT}' WHERE id = :id"),
            {"id": shop["item"]},
        )
        session.commit()
    answer = send(guest, shop)
    assert answer.status_code == 303
    assert "王丽" not in guest.get(answer.headers["Location"]).text
    assert requests(store)[0].customer is None


def test_everything_wrong_is_told_at_once(
    store: Tenant, shop: dict[str, Any], guest: FlaskClient
) -> None:
    refused = send(guest, shop, contact_name="", contact_phone="12", items="999999", start_at="x")
    assert refused.status_code == 422
    assert requests(store) == []


def test_few_requests_wait_of_one_number_and_few_come_from_one_address(
    store: Tenant, shop: dict[str, Any], guest: FlaskClient
) -> None:
    for _ in range(service.MOST_OF_PHONE):
        assert send(guest, shop).status_code == 303
    assert send(guest, shop).status_code == 503
    assert len(requests(store)) == service.MOST_OF_PHONE
    answers = [send(guest, shop, contact_phone="x").status_code for _ in range(guests.MOST_ANSWERS)]
    assert set(answers) == {422, 503}


def test_a_closed_changed_or_forged_address_leads_nowhere(
    store: Tenant, shop: dict[str, Any], guest: FlaskClient
) -> None:
    manager, path = shop["manager"], shop["path"]
    forged = path.replace("/g/", "/g/x")
    assert guest.get(forged).status_code == 404
    assert guest.get(f"{path}/request").status_code == 404
    renewed = {"csrf_token": shop["csrf"], "act": "open"}
    assert manager.post(f"/s/{store.slug}/rooms/guests", data=renewed).status_code == 303
    assert guest.get(path).status_code == 404
    closed = {"csrf_token": shop["csrf"], "act": "close"}
    manager.post(f"/s/{store.slug}/rooms/guests", data=closed)
    assert "/booking" not in manager.get(f"/s/{store.slug}/rooms").text.partition("guest-code")[2]
