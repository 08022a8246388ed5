"""The desk books by keyboard; the pages of appointments fit every screen; a guest asks by phone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from shared.domain.appointments.service import guests, moving
from shared.records.models import OpeningHours
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import PHONE, SCREENS, wrong_with
from tests.factories.appointments import booked, device, room
from tests.factories.records import editor
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()


def at(hour: int, *, days: int = 0) -> datetime:
    """Give an hour of the store's day."""
    day = TODAY + timedelta(days=days)
    return datetime.combine(day, time(hour), ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
def shop(store: Tenant) -> dict[str, Any]:
    """A store with three beauticians, three rooms, a device, and some appointments."""
    people = [new_person((store, "BEA")) for _ in range(3)]
    early = editor(now=at(1, days=-1))
    with tenant_session(store) as session:
        for weekday in range(1, 8):
            session.add(OpeningHours(weekday=weekday, opens_at=time(10), closes_at=time(20)))
        rooms = [room(session, f"{n}号房").id for n in range(1, 4)]
        radio = device(session).id
        items = [
            new_item(session, "F001", duration_minutes=60).id,
            new_item(session, "F002", duration_minutes=90, device_kind="射频").id,
        ]
        rows = []
        for n, name in enumerate(("王小丽", "李梅", "陈静")):
            guest = new_customer(session, name, phone=f"1380000{1000 + n}").id
            rows.append(
                booked(
                    session, by=early, at=at(11 + n), customer=guest, items=[items[n % 2]],
                    equipment=[radio] if n % 2 else None, room=rooms[n],
                    assigned_staff=str(people[n]), requested_staff=str(people[n]) if n else None,
                )
            )  # fmt: skip
        waiting = booked(
            session, by=early, at=at(15, days=1), items=[items[0]], assigned_staff=None,
            channel="ONLINE", wishes="请安排安静的房间", room=rooms[0],
        ).id  # fmt: skip
        moving.arrive(session, appointment_id=rows[0].id, version=1, by=editor(now=at(11)))
        secret = guests.open_public(session, by=UUID(int=1), now=NOW)
        ids = [row.id for row in rows]
        session.commit()
    return {"rows": ids, "waiting": waiting, "secret": secret}


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_of_appointments_fit_and_are_quiet(
    screen: str, store: Tenant, shop: dict[str, Any], visit: Callable[..., Any],
    person: Callable[..., str],
) -> None:  # fmt: skip
    first, second = shop["rows"][:2]
    tomorrow = TODAY + timedelta(days=1)
    pages = {
        "day": "day", "empty-day": f"day?day={TODAY + timedelta(days=40)}",
        "requests": "day/requests", "arrived": f"day/{first}", "booked": f"day/{second}",
        "new": "booking/new", "new-filled": f"booking/new?items=1&customer=1&day={tomorrow}",
        "confirm": f"booking/{shop['waiting']}/move", "rooms": "rooms",
        "list": "appointments", "record": f"appointments/{second}", "form": "appointments/new",
        "change": f"appointments/{second}/change", "item": "items/2",
    }  # fmt: skip
    with visit(**SCREENS[screen]) as visitor:
        visitor.sign_in(person((store, "MGR"), (store, "FD")))
        if screen.split("-")[1] == "en":
            visitor.open("/stores").get_by_role("button", name="English").click()
        wrong = []
        for name, path in pages.items():
            visitor.open(f"/s/{store.slug}/{path}")
            wrong += wrong_with(visitor, f"{screen}-appointments-{name}")
        assert wrong == []


def test_the_desk_books_by_keyboard_alone(
    store: Tenant, shop: dict[str, Any], visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit() as visitor:
        visitor.sign_in(person((store, "FD")))
        page = visitor.open(f"/s/{store.slug}/booking/new?day={TODAY + timedelta(days=1)}")
        expect(page.locator("#customer")).to_be_focused()
        expect(page.locator("#contact_name")).to_be_visible()
        page.keyboard.type("1000")  # the end of a phone number
        expect(page.locator("#customer-found button")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.locator("#about")).to_contain_text("王小丽")
        expect(page.locator("#contact_name")).to_be_hidden()  # she is known
        expect(page.locator("#channel")).to_be_focused()
        page.locator("#channel").select_option("WECHAT")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        slot = page.locator("input[name=slot]").first
        expect(slot).to_be_visible()
        slot.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Control+s")
        page.wait_for_url(re.compile(r"/day/\d+$"))
        expect(page.locator("h1")).to_have_text("王小丽")


def test_a_change_between_two_answers_is_heard(
    store: Tenant, shop: dict[str, Any], visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit() as visitor:
        visitor.sign_in(person((store, "FD")))
        page = visitor.open(f"/s/{store.slug}/booking/new?day={TODAY + timedelta(days=1)}")
        page.evaluate(
            "document.addEventListener('htmx:afterSwap', event => event.target.id === 'free' &&"
            " document.querySelector('[name=items]').click(), {once: true})"
        )
        page.locator("#day").fill(f"{TODAY + timedelta(days=2)}")
        page.locator("#day").blur()
        expect(page.locator("input[name=slot]").first).to_be_visible()


def test_a_guest_asks_on_a_phone(
    store: Tenant, shop: dict[str, Any], visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with visit(viewport=PHONE) as visitor:
        visitor.sign_in(person((store, "MGR")))
        page = visitor.open(f"/s/{store.slug}/rooms")
        address = page.locator("a[href*='/g/']").get_attribute("href")
        assert address
        path = address.partition("127.0.0.1:8000")[2]
        page = visitor.open(f"{path}?items=1&day={TODAY + timedelta(days=2)}")
        wrong = wrong_with(visitor, "guest-booking")
        page.locator("input[name=start_at]").first.check()
        page.locator("#contact_name").fill("赵女士")
        page.locator("#contact_phone").fill("13900001111")
        page.get_by_role("button", name="申请此时间").click()
        page.wait_for_url(re.compile("/booking/request$"), wait_until="commit")
        wrong += wrong_with(visitor, "guest-request")
        assert wrong == []
