"""The day board's page: whose it is, what it asks for; what its answer says for each reader."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.customers.models import Customer
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, fields_of
from tests.api.counting import counted
from tests.browser.board_days import at, beauticians, book, open_daily, tomorrow
from tests.factories.appointments import booked, room
from tests.factories.records import editor
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]


def test_the_page_opens_for_who_reads_appointments_of_this_store(app: App, store: Tenant) -> None:
    page = f"/s/{store.slug}/appointments/board"
    desk = browser_of(app, new_person((store, "FD")))
    stranger = browser_of(app, new_person((new_store(), "FD")))

    assert app.test_client().get(page).status_code == 302
    assert browser_of(app, new_person((store, "TEC"))).get(page).status_code == 403
    assert stranger.get(page).status_code == 404
    assert desk.get(page).status_code == 200
    wrong = {"day": "soon", "by": "moon", "person": "nobody"}
    assert desk.get(page, query_string=wrong).status_code == 200
    week = desk.get(page, query_string={"day": "2025-06-11", "by": "week"}).text
    assert 'data-day="2025-06-09" data-last="2025-06-15"' in week


def test_a_beautician_is_given_the_own_week(app: App, store: Tenant) -> None:
    (other,) = beauticians(store, 1)
    me = new_person((store, "BEA"))
    page = browser_of(app, me).get(
        f"/s/{store.slug}/appointments/board", query_string={"by": "week", "person": f"{other}"}
    )

    assert f'data-person="{me}" data-own="{me}"' in page.text
    assert f'value="{other}"' not in page.text


@pytest.mark.parametrize(("role", "told"), [("MGR", True), ("FD", False), ("CON", False)])
def test_what_is_not_for_a_guest_is_marked_to_whom_health_data_are_open(
    role: Role, told: bool, as_role: AsRole, store: Tenant
) -> None:
    day = tomorrow()
    (person,) = beauticians(store, 1)
    with tenant_session(store) as session:
        guest: Customer = new_customer(session)
        guest.contraindications = ["PREGNANT"]
        item = new_item(session)
        item.contraindications = ["PREGNANT"]
        confirmed = [{"field": "items", "code": "CONTRAINDICATED", "reason": "医生同意"}]
        booked(
            session, by=editor(now=datetime.now(UTC)), at=at(day, 10), customer=guest.id,
            items=[item.id], assigned_staff=f"{person}", room=room(session).id,
            confirmations=confirmed,
        )  # fmt: skip
        session.commit()

    answer = as_role(store, role).get(f"/appointments/board?day={day}").json

    assert answer is not None
    assert [one["is_contraindicated"] for one in answer["appointments"]] == [told]


def test_an_appointment_may_take_longer_or_shorter_than_its_items(
    as_role: AsRole, store: Tenant
) -> None:
    day = tomorrow()
    open_daily(store)
    (booking,) = book(store, beauticians(store, 1), day, 10)
    desk = as_role(store, "FD")

    def change(extra: Any, version: int) -> Any:
        seen = {"If-Match": f'"{version}"'}
        path = f"/appointments/{booking}"
        return desk.call("PATCH", path, json={"extra_minutes": extra}, headers=seen)

    longer = change(20, 1)
    assert longer.json["duration"] == 55
    board = desk.get(f"/appointments/board?day={day}").json
    assert board is not None
    (shown,) = board["appointments"]
    assert shown["extra_minutes"] == 20
    assert shown["end_at"].startswith(f"{day}T02:55")
    assert fields_of(change(7, 2)) == {"extra_minutes": "RANGE"}
    assert fields_of(change(-60, 2)) == {"extra_minutes": "RANGE"}
    assert fields_of(change(1000, 2)) == {"extra_minutes": "RANGE"}
    assert change(None, 2).json["duration"] == 35


def test_a_full_board_costs_a_statement_for_each_kind_of_thing(
    as_role: AsRole, store: Tenant
) -> None:
    day, sent = tomorrow(), []
    for place, hours in ((store, [9]), (new_store(), range(9, 19))):
        book(place, beauticians(place, 3), day, *hours)
        desk = as_role(place, "FD")
        with counted(desk.app) as statements:
            answer = desk.get(f"/appointments/board?day={day}").json
        assert answer is not None
        assert len(answer["appointments"]) == 3 * len(hours)
        sent.append(len(statements))

    assert sent[0] == sent[1] <= 12
