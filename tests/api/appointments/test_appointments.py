"""Appointments over HTTP: booked, moved, stepped, refused; the board asked again and again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from shared.records.models import ClosedDay
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, fields_of, signature
from tests.api.counting import counted
from tests.factories.appointments import device, room
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person, new_store
from web.app import App

BY_DAY = range(1, 17)  # the first booking of a test; others are an hour before to five hours after
AsRole = Callable[[Tenant, Role], Caller]


def soon(hours: int = 3) -> datetime:
    """Give a time to come, on a step; those of one test lie on one day of the store's clock."""
    first = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=3)
    if first.hour not in BY_DAY:  # a booking must not go over midnight
        first = first.replace(hour=2) + timedelta(days=first.hour > 0)
    at = first + timedelta(hours=hours - 3)
    return at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0).astimezone(UTC)


@pytest.fixture
def shop(store: Tenant) -> dict[str, Any]:
    """A store with a beautician, a room, a device, an item and a guest; as JSON names them."""
    with tenant_session(store) as session:
        made = {
            "customer": new_customer(session, "王丽").id,
            "items": [new_item(session).id],
            "room": room(session).id,
            "device": device(session).id,
        }
        session.commit()
    return {**made, "staff": str(new_person((store, "BEA")))}


def written(shop: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Write a booking by message."""
    typed = {
        "customer": shop["customer"], "channel": "WECHAT", "start_at": soon().isoformat(),
        "items": shop["items"], "assigned_staff": shop["staff"], "room": shop["room"], **more,
    }  # fmt: skip
    return {name: value for name, value in typed.items() if value is not None}


def step(caller: Caller, row: Any, act: str, json: Any = None, **options: Any) -> Any:
    """Take one step in the version that was seen."""
    seen = {"If-Match": f'"{options.pop("version", row["version"])}"'}
    return caller.call(
        "POST", f"/appointments/{row['id']}/{act}", json=json, headers=seen, **options
    )


def queue(*places: dict[str, Any], seen: Any = ()) -> dict[str, Any]:
    """Write a turn queue, and the one that was seen."""
    return {"places": list(places), "seen": list(seen)}


def test_a_day_at_the_desk(as_role: AsRole, store: Tenant, shop: dict[str, Any]) -> None:
    desk = as_role(store, "FD")
    made = desk.post("/appointments", written(shop))
    assert (made.status_code, made.json["stage"]) == (201, "CONFIRMED"), made.text
    moved = desk.call(
        "PATCH", f"/appointments/{made.json['id']}", json={"start_at": soon(5).isoformat()},
        headers={"If-Match": '"1"'},
    )  # fmt: skip
    assert (moved.status_code, moved.json["version"]) == (200, 2)
    stale = step(desk, made.json, "cancellation", {"reason": "CUSTOMER"})
    assert (stale.status_code, stale.json["code"]) == (409, "CONFLICT")
    gone = step(desk, moved.json, "cancellation", {"reason": "CUSTOMER", "note": "出差"})
    assert (gone.json["stage"], gone.json["is_late_cancel"]) == ("CANCELLED", False)
    again = step(desk, gone.json, "arrival")
    assert (again.status_code, again.json["code"]) == (409, "STATE")


def test_a_clash_is_told_by_its_time_and_a_second_person_signs_for_it(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    assert desk.post("/appointments", written(shop)).status_code == 201
    with tenant_session(store) as session:
        other = {"customer": new_customer(session, "李梅").id, "room": room(session, "二号房").id}
        session.commit()
    clash = desk.post("/appointments", written(shop, **other))
    assert clash.status_code == 409
    assert fields_of(clash) == {"assigned_staff": "OVERLAP"}
    why = [{"field": "assigned_staff", "code": "OVERLAP", "reason": "双人护理"}]
    alone = desk.post("/appointments", written(shop, **other, confirmations=why))
    assert alone.status_code == 409
    for role, status in (("BEA", 422), ("MGR", 201)):
        signed = signature((store, role))  # type: ignore[arg-type]
        sent = desk.post("/appointments", written(shop, **other, confirmations=why, **signed))
        assert sent.status_code == status, sent.text


def test_a_guest_is_in_one_place(as_role: AsRole, store: Tenant, shop: dict[str, Any]) -> None:
    desk = as_role(store, "FD")
    assert desk.post("/appointments", written(shop)).status_code == 201
    twice = desk.post("/appointments", written(shop, assigned_staff=None, room=None))
    assert (twice.status_code, fields_of(twice)) == (409, {"customer": "DUPLICATE"})


def test_everything_wrong_is_told_at_once(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    typed = written(
        shop, channel="FAX", start_at="2020-01-01T00:01:00Z", items=[10**9], room=10**9,
        assigned_staff=str(new_person((store, "FD"))), equipment=[10**9],
    )  # fmt: skip
    refused = as_role(store, "FD").post("/appointments", typed)
    assert refused.status_code == 422
    assert fields_of(refused) == {
        "channel": "ENUM", "start_at": "RANGE", "items": "NOT_FOUND", "room": "NOT_FOUND",
        "assigned_staff": "NOT_FOUND", "equipment": "NOT_FOUND",
    }  # fmt: skip


def test_the_board_is_whole_and_costs_one_statement_when_nothing_changed(
    app: App, as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    made = desk.post("/appointments", written(shop, requested_staff=shop["staff"]))
    day = made.json["business_date"]
    shown = desk.get(f"/appointments/board?day={day}")
    assert shown.status_code == 200, shown.text
    (one,) = shown.json["appointments"]
    assert (one["guest"], one["requested_staff"]) == ("王丽", shop["staff"])
    assert [seat["id"] for seat in shown.json["people"]] == [shop["staff"]]
    assert {thing["kind"] for thing in shown.json["resources"]} == {"PLACE", "DEVICE"}
    seen = {"If-None-Match": shown.headers["ETag"]}
    with counted(app) as statements:
        same = desk.get(f"/appointments/board?day={day}", headers=seen)
    assert (same.status_code, same.data) == (304, b"")
    assert len(statements) <= 1
    desk.call("PUT", f"/turns/{day}", json={"places": [{"person": shop["staff"]}], "seen": []})
    fresh = desk.get(f"/appointments/board?day={day}", headers=seen)
    assert (fresh.status_code, fresh.json["people"][0]["turn"]) == (200, 1)


def test_every_change_that_shows_gives_the_board_another_tag(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    made = desk.post("/appointments", written(shop)).json
    path = f"/appointments/board?day={made['business_date']}"
    names = {
        "customers": "name = '王丽丽'", "items": "name = '补水护理'",
        "resources": "name = '甲号房'", "appointments": "deposit_paid_fen = 100",
    }  # fmt: skip
    tags = [desk.get(path).headers["ETag"]]
    for table, change in names.items():
        with tenant_session(store) as session:
            session.execute(text(f"UPDATE {table} SET {change}"))  # noqa: S608 constants
            session.commit()
        tags.append(desk.get(path).headers["ETag"])
    with tenant_session(store) as session:  # as many closed days as before, but another
        for day in (made["business_date"], "2099-01-01"):
            session.execute(text("DELETE FROM closed_days"))
            session.add(ClosedDay(day=date.fromisoformat(day), reason="店休"))
            session.commit()
            tags.append(desk.get(path).headers["ETag"])
    assert len(set(tags)) == len(tags) - 1  # the day that is not shown gives the tag of before
    assert tags[-1] == tags[-3]


def test_the_board_costs_the_same_however_much_is_on_it(
    app: App, as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk, spent = as_role(store, "FD"), []
    for hours in (2, 5, 8):
        made = desk.post("/appointments", written(shop, start_at=soon(hours).isoformat()))
        assert made.status_code == 201, made.text
        with counted(app) as statements:
            desk.get(f"/appointments/board?day={made.json['business_date']}")
        spent.append(len(statements))
    assert len(set(spent)) == 1
    assert spent[0] <= 9


def test_a_beautician_sees_her_own_column(
    app: App, as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    made = desk.post("/appointments", written(shop))
    assert made.status_code == 201
    board = f"/appointments/board?day={made.json['business_date']}"
    assert as_role(store, "BEA").get(board).json["appointments"] == []
    own = Caller.with_token(app, shop["staff"], store)
    assert [one["id"] for one in own.get(board).json["appointments"]] == [made.json["id"]]


def test_free_times_name_person_room_and_devices(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    asked = f"/appointments/free-slots?day={day}&items={shop['items'][0]}"
    found = desk.get(asked).json["slots"]
    assert (found[0]["staff"], found[0]["room"]) == (shop["staff"], shop["room"])
    assert desk.get(f"{asked}&staff={new_person((store, 'FD'))}").json["slots"] == []
    for bad in ("items=x&day=2025-06-10", "items=1&day=soon", f"items=99999&day={day}"):
        assert desk.get(f"/appointments/free-slots?{bad}").status_code == 422


def test_rates_of_some_days(as_role: AsRole, store: Tenant, shop: dict[str, Any]) -> None:
    desk = as_role(store, "FD")
    span = "first=2025-06-01&last=2025-06-30"
    found = desk.get(f"/appointments/rates?{span}").json
    assert (found["arrived"], found["keep_rate"]) == (0, None)
    for wrong in ("first=2025-06-02&last=2025-06-01", "first=2020-06-01&last=2025-06-01"):
        assert desk.get(f"/appointments/rates?{wrong}").status_code == 422


@pytest.mark.parametrize(
    ("act", "body", "may"),
    [
        ("cancellation", {"reason": "CUSTOMER"}, {"MGR", "FD", "CON"}),
        ("arrival", None, {"MGR", "FD"}),
        ("greeting", None, {"MGR", "FD"}),
        ("no-show", None, {"MGR", "FD"}),
    ],
)
def test_each_step_is_for_those_of_the_workflow(
    as_role: AsRole, store: Tenant, anonymous: FlaskClient, act: str, body: Any, may: set[str]
) -> None:
    path = f"/api/v1/s/{store.slug}/appointments/1/{act}"
    assert anonymous.post(path, json=body).status_code == 401
    for role in ("MGR", "FD", "CON", "BEA", "SDA", "TEC", "AUD"):
        caller = as_role(store, role)  # type: ignore[arg-type]
        status = step(caller, {"id": 1, "version": 1}, act, body).status_code
        assert status == (404 if role in may else 403), role
    elsewhere = as_role(new_store(), "MGR")
    foreign = step(elsewhere, {"id": 1, "version": 1}, act, body)
    unknown = step(elsewhere, {"id": 10**9, "version": 1}, act, body)
    assert (foreign.status_code, foreign.data) == (404, unknown.data)


def test_steps_ask_for_the_version_and_a_reason(
    as_role: AsRole, store: Tenant, shop: dict[str, Any]
) -> None:
    desk = as_role(store, "FD")
    made = desk.post("/appointments", written(shop)).json
    assert desk.post(f"/appointments/{made['id']}/arrival").status_code == 428
    bad = step(desk, made, "cancellation", {"reason": "WEATHER", "note": "x" * 201})
    assert (bad.status_code, fields_of(bad)) == (422, {"reason": "ENUM", "note": "LENGTH"})
    early = step(desk, made, "no-show")
    assert (early.status_code, early.json["code"]) == (409, "STATE")


def test_a_repeated_key_books_once(as_role: AsRole, store: Tenant, shop: dict[str, Any]) -> None:
    desk, key = as_role(store, "FD"), {"Idempotency-Key": "till-7-booking-1"}
    first = desk.call("POST", "/appointments", json=written(shop), headers=key)
    typed = first.json
    again = desk.call(
        "POST", "/appointments", json=written(shop, start_at=typed["start_at"]), headers=key
    )
    assert (first.status_code, again.json["id"]) == (201, typed["id"])


def test_rooms_and_devices(as_role: AsRole, store: Tenant, anonymous: FlaskClient) -> None:
    manager, desk = as_role(store, "MGR"), as_role(store, "FD")
    new = {"kind": "DEVICE", "name": "射频仪", "device_kind": "射频"}
    assert anonymous.get(f"/api/v1/s/{store.slug}/resources").status_code == 401
    assert desk.post("/resources", new).status_code == 403
    bad = manager.post("/resources", {"kind": "CAR", "name": ""})
    assert (bad.status_code, fields_of(bad)) == (422, {"kind": "ENUM", "name": "REQUIRED"})
    made = manager.post("/resources", new)
    assert made.status_code == 201, made.text
    assert manager.post("/resources", new).status_code == 409
    path, seen = f"/resources/{made.json['id']}", {"If-Match": made.headers["ETag"]}
    down = manager.call("PUT", path, json={**new, "condition": "DOWN"}, headers=seen)
    assert (down.status_code, down.json["condition"]) == (200, "DOWN")
    assert manager.call("PUT", path, json=new, headers=seen).status_code == 409
    assert manager.call("PUT", path, json=new).status_code == 428
    assert [one["name"] for one in desk.get("/resources").json["items"]] == ["射频仪"]
    assert desk.get(path).status_code == 200
    elsewhere = as_role(new_store(), "MGR")
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.call("PUT", path, json=new, headers=seen).status_code == 404


def test_the_turn_queue_holds_each_once(as_role: AsRole, store: Tenant, shop: Any) -> None:
    desk, beautician = as_role(store, "FD"), as_role(store, "BEA")
    path, place = "/turns/2025-06-10", {"person": shop["staff"]}
    assert beautician.call("PUT", path, json=queue(place)).status_code == 403
    stranger = {"person": str(new_person((store, "FD")))}
    wrong = desk.call("PUT", path, json=queue(place, place, stranger))
    assert fields_of(wrong) == {"places.1.person": "DUPLICATE", "places.2.person": "NOT_FOUND"}
    assert desk.call("PUT", path, json={"places": []}).status_code == 422  # seen is missing
    assert desk.call("PUT", path, json=queue()).status_code == 200
    kept = desk.call("PUT", path, json=queue({**place, "is_paused": True}))
    assert kept.status_code == 200
    late = desk.call("PUT", path, json=queue())
    assert (late.status_code, late.json["code"]) == (409, "CONFLICT")
    assert beautician.get(path).json == {"places": [{**place, "is_paused": True}]}
