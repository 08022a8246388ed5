"""The pages of a desk: find a time, book it, check in, cancel; rooms, turns, requests."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of, signature
from tests.factories.appointments import booked, room
from tests.factories.cards import package_offer, sold
from tests.factories.records import editor
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person, new_store
from web.app import App

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_TICKED = re.compile(r'name="slot" value="([^"]+)" checked')
_SLOTS = re.compile(r'name="slot" value="([^"]+)"')
DAY = (datetime.now(UTC) + timedelta(days=3)).date()


@pytest.fixture
def desk(app: App, store: Tenant) -> FlaskClient:
    """A browser at the front desk."""
    return browser_of(app, new_person((store, "FD")))


@pytest.fixture
def shop(store: Tenant) -> dict[str, Any]:
    """A guest, an item, a room and somebody who serves."""
    with tenant_session(store) as session:
        made = {
            "customer": new_customer(session, "王丽").id, "items": new_item(session).id,
            "room": room(session).id,
        }  # fmt: skip
        session.commit()
    return {**made, "staff": str(new_person((store, "BEA")))}


def post(client: FlaskClient, store: Tenant, path: str, **typed: Any) -> Any:
    """Send a form as its page would."""
    token = _CSRF.search(client.get(f"/s/{store.slug}/day").text)
    assert token
    return client.post(f"/s/{store.slug}{path}", data={"csrf_token": token[1], **typed})


def free(client: FlaskClient, store: Tenant, shop: dict[str, Any]) -> str:
    """Give the first free time of a day, as the page offers it."""
    shown = client.get(f"/s/{store.slug}/booking/free?items={shop['items']}&day={DAY}")
    assert shown.status_code == 200, shown.text
    return _SLOTS.findall(shown.text)[0].replace("&#43;", "+")


def test_a_guest_is_booked_at_a_free_time_and_moved(
    store: Tenant, desk: FlaskClient, shop: dict[str, Any]
) -> None:
    typed = {"channel": "PHONE", "readback_done": "true", "items": str(shop["items"])}
    slot = free(desk, store, shop)
    unread = post(
        desk,
        store,
        "/booking/new",
        customer=shop["customer"],
        slot=slot,
        channel="PHONE",
        items=shop["items"],
    )  # noqa: E501 one call
    assert unread.status_code == 422
    none = post(desk, store, "/booking/new", customer=shop["customer"], **typed)
    assert none.status_code == 422
    made = post(desk, store, "/booking/new", customer=shop["customer"], slot=slot, **typed)
    assert made.status_code == 303, made.text
    page = desk.get(made.headers["Location"])
    assert "王丽" in page.text
    path = made.headers["Location"].partition(f"/s/{store.slug}/day")[2]
    other = _SLOTS.findall(desk.get(f"/s/{store.slug}/booking{path}/move").text)[5]
    moved = post(desk, store, f"/booking{path}/move", slot=other, version=1, **typed)
    assert moved.status_code == 303, moved.text
    stale = post(desk, store, f"/booking{path}/move", slot=slot, version=1, **typed)
    assert stale.status_code == 409


def test_a_chosen_time_that_is_gone_stays_chosen_and_is_told(
    store: Tenant, desk: FlaskClient, shop: dict[str, Any]
) -> None:
    slot = free(desk, store, shop)
    asked = {"items": shop["items"], "day": DAY, "slot": slot}
    path = f"/s/{store.slug}/booking/free"

    def shown(**other: Any) -> tuple[list[str], bool]:
        page = desk.get(path, query_string={**asked, **other}).text.replace("&#43;", "+")
        return _TICKED.findall(page), "已不在可约时间之列" in page

    assert shown() == ([slot], False)
    assert shown(items="") == ([slot], False)  # on the way from one item to another
    assert shown(day=DAY + timedelta(days=1)) == ([], True)
    assert shown(requested_staff=str(new_person((store, "BEA")))) == ([], True)
    typed = {"channel": "WECHAT", "items": shop["items"], "slot": slot}
    assert post(desk, store, "/booking/new", customer=shop["customer"], **typed).status_code == 303
    assert shown() == ([slot], True)
    # pointed at on the board: what is free at that time stands beside, and takes no place of it
    assert shown(start_at=slot.partition("|")[0]) == ([slot], True)
    for wrong in ("|", "x|y|z|", "0001-01-01T00:00:00+14:00|x||", slot.replace("+00:00", "")):
        assert shown(slot=wrong)[0] == []


def test_two_at_one_time_are_asked_about_and_signed(
    store: Tenant, desk: FlaskClient, shop: dict[str, Any]
) -> None:
    slot = free(desk, store, shop)
    typed = {"channel": "WECHAT", "items": str(shop["items"]), "day": DAY, "slot": slot}
    assert post(desk, store, "/booking/new", customer=shop["customer"], **typed).status_code == 303
    with tenant_session(store) as session:
        other = new_customer(session, "李梅").id
        session.commit()
    asked = post(desk, store, "/booking/new", customer=other, **typed)
    assert asked.status_code == 422
    confirmed = re.findall(r'name="confirm" value="([^"]+)"', asked.text)
    assert sorted(confirmed) == ["assigned_staff:OVERLAP", "room:OVERLAP"]
    assert _TICKED.findall(asked.text.replace("&#43;", "+")) == [slot]
    signed = {
        "confirm": confirmed, "reason.assigned_staff": "双人", "reason.room": "双人房",
        **signature((store, "MGR")),
    }  # fmt: skip
    done = post(desk, store, "/booking/new", customer=other, **typed, **signed)
    assert done.status_code == 303, done.text


def test_the_day_shows_steps_turns_and_what_waits(
    store: Tenant, desk: FlaskClient, shop: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    with tenant_session(store) as session:
        row = booked(
            session,
            at=now.replace(minute=0, second=0, microsecond=0),
            by=editor(now=now - timedelta(hours=5)),
        )  # noqa: E501 one call
        waiting = booked(
            session,
            at=now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2),
            assigned_staff=None,
            by=editor(now=now),
        )  # noqa: E501 one call
        session.execute(
            text("UPDATE appointments SET business_date = :day WHERE id = :id"),
            {"day": (now + timedelta(hours=8)).date(), "id": row.id},
        )  # noqa: E501 one call
        number = row.number, waiting.number
        session.commit()
    assert all(number)
    day = desk.get(f"/s/{store.slug}/day")
    assert day.status_code == 200
    assert "王丽" in day.text
    inbox = desk.get(f"/s/{store.slug}/day/requests")
    assert f"/booking/{waiting.id}/move" in inbox.text
    came = post(desk, store, f"/day/{row.id}/arrival", version=1)
    assert came.status_code == 303
    greeted = post(desk, store, f"/day/{row.id}/greeting", version=2)
    assert greeted.status_code == 303
    assert post(desk, store, f"/day/{row.id}/no-show", version=3).status_code == 303  # says why not
    gone = post(desk, store, f"/day/{row.id}/cancellation", version=3, reason="CUSTOMER")
    assert gone.status_code == 303
    with tenant_session(store) as session:
        stage = session.execute(
            text("SELECT stage, version FROM appointments WHERE id = :id"), {"id": row.id}
        ).one()  # noqa: E501 one call
    assert tuple(stage) == ("CANCELLED", 4)
    turn = {f"turn.{shop['staff']}": "1", f"paused.{shop['staff']}": "1"}
    assert post(desk, store, f"/day/turns/{DAY}", **turn).status_code == 303
    assert "checked" in desk.get(f"/s/{store.slug}/day?day={DAY}").text
    unseen = post(desk, store, f"/day/turns/{DAY}")  # another desk's queue is not swept away
    assert "轮牌" in desk.get(unseen.location).text
    assert "checked" in desk.get(f"/s/{store.slug}/day?day={DAY}").text


def test_the_guest_beside_the_form_shows_health_only_to_who_looks_after_her(
    app: App, store: Tenant, desk: FlaskClient, shop: dict[str, Any]
) -> None:
    consultant = new_person((store, "CON"))
    with tenant_session(store) as session:
        session.execute(
            text("UPDATE customers SET contraindications = '{PACEMAKER}', consultant = :id"),
            {"id": consultant},
        )
        session.commit()
    path = f"/s/{store.slug}/booking/guest?customer={shop['customer']}"
    assert "起搏器" not in desk.get(path).text
    assert "起搏器" in browser_of(app, consultant).get(path).text
    assert "起搏器" not in browser_of(app, new_person((store, "CON"))).get(path).text


def test_what_is_left_on_her_cards_stands_beside_the_form(
    store: Tenant, desk: FlaskClient, shop: dict[str, Any]
) -> None:
    path = f"/s/{store.slug}/booking/guest?customer={shop['customer']}"
    with tenant_session(store) as session:
        offer = package_offer(session, new_item(session, "F009").id)
        card = sold(session, offer, shop["customer"])
        spent = sold(session, offer, shop["customer"])
        session.execute(text("UPDATE cards SET state = 'FROZEN' WHERE id = :id"), {"id": spent.id})
        session.commit()
    shown = desk.get(path).text
    assert f"/cards/{card.id}" in shown
    assert "剩余 4 次" in shown
    assert f"/cards/{spent.id}" not in shown


def test_rooms_are_the_managers_to_change(app: App, store: Tenant, desk: FlaskClient) -> None:
    manager = browser_of(app, new_person((store, "MGR")))
    typed = {"kind": "PLACE", "name": "三号房", "is_active": "1"}
    assert post(desk, store, "/rooms", **typed).status_code == 403
    assert post(manager, store, "/rooms", **typed).status_code == 303
    assert post(manager, store, "/rooms", **typed).status_code == 422
    found = re.search(r"/rooms/(\d+)", manager.get(f"/s/{store.slug}/rooms").text)
    assert found
    renamed = post(manager, store, f"/rooms/{found[1]}", version=1, **{**typed, "name": "四号房"})
    assert renamed.status_code == 303
    assert post(manager, store, f"/rooms/{found[1]}", version=1, **typed).status_code == 422
    elsewhere = new_store()
    other = browser_of(app, new_person((elsewhere, "MGR")))
    assert post(other, elsewhere, f"/rooms/{found[1]}", version=1, **typed).status_code == 404
