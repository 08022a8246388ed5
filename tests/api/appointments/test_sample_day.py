"""The sample day of specification 14, steps 1 to 6, over HTTP in one go.

Of step 1 the punch (F12) and the check card of a device (W6, eq.check_missing), of step 6 the case
(F06, W3: registered, assigned, contacted, told to headquarters, SLA-04 to SLA-14) belong to
capabilities that are not built. In their place stand a device that is out of order, and the fact
from which F06 will draft its card; it is on the list of the unheard.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.days import business_day
from shared.domain.appointments.events import ReactionObserved
from shared.domain.cards.queries import cards
from shared.domain.sales.queries import figures
from shared.events import messages
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.appointments.house import AsRole, House, bought, stocked
from tests.api.clients import Caller, fields_of
from tests.factories import visits as made
from tests.factories.appointments import device, room
from tests.factories.records import editor, handout
from tests.factories.sales import new_item
from tests.house.test_messages import UNHEARD


def test_the_sample_day_from_the_booking_to_the_reaction(
    as_role: AsRole, store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[ReactionObserved] = []
    monkeypatch.setitem(messages._listeners, ReactionObserved, [heard.append])
    shop, house = stocked(store), House(as_role, store)
    _a_device_is_down(house, as_role(store, "MGR"), store, shop)
    visit = _booked_by_phone_and_arrived(house, store, shop)
    _served_by_package(house, shop, visit)
    _served_and_paid(house, shop)
    _given_a_sample(house, store)
    _redness_is_told(house, as_role(store, "MGR"), store, heard)

    today = business_day(datetime.now(UTC), zone=store.time_zone, change_hour=store.day_change_hour)
    with tenant_session(store) as session:
        day = figures.day_figures(session, [today]).totals[0]
        (card_left,) = cards.cards_of(session, shop["guest"])
    assert (day.turnover_fen, day.cash_sales_fen, day.visits) == (933_33, 1600_00, 2)
    assert (card_left.balances.paid, card_left.balances.gift) == (2, 1)


def _a_device_is_down(house: House, manager: Caller, store: Tenant, shop: Any) -> None:
    """Step 1: what cannot be used is refused, and its neighbour is offered."""
    with tenant_session(store) as session:
        shop["room"] = room(session, "一号床").id
        down, good = (device(session, f"射频仪 {n}").id for n in (1, 2))
        radio = new_item(session, device_kind="射频").id
        session.commit()
    path = f"/resources/{down}"
    seen = manager.get(path)
    new = {
        "kind": "DEVICE", "name": "射频仪 1", "device_kind": "射频", "condition": "DOWN",
        "is_active": True,
    }  # fmt: skip
    out = manager.call("PUT", path, json=new, headers={"If-Match": seen.headers["ETag"]})
    assert out.status_code == 200, out.text
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    typed = {
        "customer": shop["second"], "channel": "WECHAT", "start_at": start.isoformat(),
        "items": [radio], "assigned_staff": str(house.care.person_id), "room": shop["room"],
    }  # fmt: skip
    refused = house.desk.post("/appointments", {**typed, "equipment": [down]})
    assert (refused.status_code, fields_of(refused)) == (409, {"equipment": "EQUIPMENT_DOWN"})
    day = business_day(start, zone=store.time_zone, change_hour=store.day_change_hour)
    asked = f"day={day}&items={radio}&near={start.isoformat().replace('+00:00', 'Z')}"
    slots = house.desk.get(f"/appointments/free-slots?{asked}").json["slots"]
    assert {tuple(one["equipment"]) for one in slots} == {(good,)}
    kept = house.desk.post("/appointments", {**typed, "equipment": slots[0]["equipment"]})
    assert kept.status_code == 201, kept.text


def _booked_by_phone_and_arrived(house: House, store: Tenant, shop: Any) -> Any:
    """Step 2 and the door of step 3; the reminder two hours ahead is J01's own test."""
    now = datetime.now(UTC)
    typed = {
        "customer": shop["guest"], "channel": "PHONE", "items": [shop["facial"]],
        "start_at": now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0).isoformat(),
        "requested_staff": str(house.care.person_id), "room": shop["room"],
        "assigned_staff": str(house.care.person_id),
    }  # fmt: skip
    unread = house.desk.post("/appointments", typed)
    assert fields_of(unread) == {"readback_done": "REQUIRED"}
    made_one = house.desk.post("/appointments", {**typed, "readback_done": True})
    assert (made_one.status_code, made_one.json["stage"]) == (201, "CONFIRMED"), made_one.text
    path, seen = f"/appointments/{made_one.json['id']}", {"If-Match": '"1"'}
    came = house.desk.call("POST", f"{path}/arrival", headers=seen)
    assert (came.status_code, came.json["stage"]) == (200, "ARRIVED"), came.text
    (visit,) = house.desk.get("/visits").json["items"]
    return visit


def _served_by_package(house: House, shop: Any, visit: Any) -> None:
    """Steps 3 and 4: greeted, quoted, a package bought, treated, signed, seen off."""
    house.visit = visit
    bought(house, shop)
    house.quoted({"item": shop["facial"], "pay_by": "PACKAGE"})
    house.step(house.care, "start", {})
    next_on = (datetime.now(UTC) + timedelta(days=14)).date().isoformat()
    used = [{"item": shop["serum"], "batch_no": "S1", "quantity": 1}]
    card = house.signs(next_date=next_on, products=used)
    assert (card["sessions_before"], card["sessions_after"]) == (4, 3)
    assert (card["unit_value_fen"], card["assigned_by"]) == (333_33, "REQUESTED")
    house.step(house.care, "check")
    assert house.visit["is_on_time"] is True
    house.settles()
    house.step(house.advice, "farewell", {})
    assert (house.visit["stage"], house.visit["next_on"]) == ("LEFT", next_on)


def _served_and_paid(house: House, shop: Any) -> None:
    """Step 5: single care, an extra mask that is agreed to before it starts, 600.00 in cash."""
    house.arrives(shop["second"])
    house.quoted({"item": shop["body"], "pay_by": "SINGLE"})
    house.step(house.care, "start", {})
    mask = {"lines": [{"item": shop["mask"], "pay_by": "SINGLE"}]}
    house.step(house.care, "extra", mask)
    house.step(house.care, "decision", {"is_agreed": True})
    house.step(house.care, "start", {})
    house.signs(0)
    house.signs(1)
    house.step(house.care, "check")
    assert house.visit["due_fen"] == 600_00
    wrong = house.settles(("CASH", 500_00), status=422)
    assert [one["code"] for one in wrong["errors"]] == ["SUM_MISMATCH"]
    assert house.settles(("CASH", 600_00))["total_fen"] == 600_00
    done = [(one["step"], one["stage"]) for one in house.visit["steps"]]
    assert done[-2:] == [("CHECK", "CHECKED"), ("SETTLE", "SETTLED")]


def _given_a_sample(house: House, store: Tenant) -> None:
    """Step 5: a gift sample of 12.00 cost is logged."""
    with tenant_session(store) as session:
        typed = handout(session, cost_fen=12_00, qty=1, handed_by=str(house.desk.person_id))
        session.commit()
    logged = house.desk.post("/handouts", {**typed, "handed_at": datetime.now(UTC).isoformat()})
    assert logged.status_code == 201, logged.text


def _redness_is_told(
    house: House, manager: Caller, store: Tenant, heard: list[ReactionObserved]
) -> None:
    """Step 6: redness follows last week's care; the desk says so, nothing on the card changes."""
    week_ago = editor(UUID(int=1), now=datetime.now(UTC) - timedelta(days=7))
    with tenant_session(store) as session:
        line = made.single(new_item(session).id)
        _visit, card = made.begun(session, line, by=week_ago)
        made.sign(session, card, by=made.later(week_ago))
        customer, number = card.customer, card.id
        session.commit()
    path = f"/treatments/{number}/late-reactions"
    before = manager.get(f"/treatments/{number}").json
    told = {"key": str(uuid4()), "reaction": "REDNESS", "words": "做完第二天起两颊发红"}
    assert fields_of(house.desk.post(path, {**told, "reaction": "NONE"})) == {"reaction": "ENUM"}
    for _sent_twice in range(2):
        answer = house.desk.post(path, told)
        assert answer.status_code == 201, answer.text
    assert manager.get(f"/treatments/{number}").json == before
    assert [one["words"] for one in manager.get(path).json["items"]] == [told["words"]]
    assert house.desk.get(path).status_code == 403  # health data: told by the desk, not read there
    assert house.care.post(path, told).status_code == 404  # somebody else's treatment
    (fact,) = heard
    assert (fact.treatment_id, fact.customer_id, fact.severity) == (number, customer, "L1")
    assert (fact.told_to, fact.late_reaction_id) == (house.desk.person_id, answer.json["id"])
    assert ReactionObserved.wire in UNHEARD
