"""The sample day of specification 14 at the desk's screens: steps 1, 2 and 6.

tests/browser/test_reception.py walks from the quote to the farewell, steps 3 to 5. The punch and
the check card of step 1 and the case of step 6 belong to capabilities that are not built;
tests/api/appointments/test_sample_day.py says what stands in their place.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from shared.domain.appointments.models.bookings import Resource
from shared.domain.appointments.queries import reactions
from shared.domain.appointments.rules.resources import Condition
from shared.records.models import OpeningHours
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import CHEAP_HASH, Visitor
from tests.factories import visits as made
from tests.factories.appointments import device, room
from tests.factories.cards import package_offer
from tests.factories.records import editor
from tests.factories.sales import new_item
from tests.factories.tenants import new_person

NOW = datetime.now(UTC)


def _open_shop(store: Tenant) -> dict[str, Any]:
    """Fill a store: two devices of a kind, a guest, her card of last week."""
    week_ago = editor(now=NOW - timedelta(days=7))
    with tenant_session(store) as session:
        for weekday in range(1, 8):
            session.add(OpeningHours(weekday=weekday, opens_at=time(0), closes_at=time(23, 59)))
        facial = new_item(session, "F001", price_fen=400_00)
        facial.name = "补水焕颜护理"
        radio = new_item(session, "F002", device_kind="射频")
        radio.name = "射频紧致"
        guest = made.guest(session, name="王女士", phone="13800001234")
        _visit, last = made.begun(session, made.single(facial.id), by=week_ago)
        made.sign(session, last, by=made.later(week_ago))
        found = {
            "bed": room(session, "一号床").id,
            "down": device(session, "射频仪 1").id,
            "good": device(session, "射频仪 2").id,
            "facial": facial.id, "radio": radio.id, "guest": guest.id, "last": last.id,
            "offer": package_offer(session, facial.id).id,
        }  # fmt: skip
        session.commit()
    return found


def test_the_sample_day_at_the_screen(
    store: Tenant, visit: Callable[..., Any], no_failures: None
) -> None:
    desk = f"desk-{store.slug}@example.test"
    roles: tuple[Role, ...] = ("FD", "CON", "BEA", "MGR")
    new_person(*[(store, role) for role in roles], login=desk, password_hash=CHEAP_HASH)
    shop = _open_shop(store)
    with visit() as visitor:
        visitor.sign_in(desk)
        _what_is_down_is_not_offered(visitor, store, shop)
        _booked_and_arrived(visitor, store, shop)
        _redness_is_told(visitor, store, shop)


def _what_is_down_is_not_offered(visitor: Visitor, store: Tenant, shop: dict[str, Any]) -> None:
    """Step 1: a device breaks while somebody books on it: refused, its neighbour is offered."""
    day = NOW.astimezone(ZoneInfo(store.time_zone)).date() + timedelta(days=1)
    asked = f"day={day}&items={shop['radio']}&customer={shop['guest']}"
    page = visitor.open(f"/s/{store.slug}/booking/new?{asked}")
    slots = page.locator("input[name=slot]")
    expect(slots.first).to_be_attached()
    assert slots.first.input_value().split("|")[3] == f"{shop['down']}"
    asked_anew: list[str] = []
    page.on("request", lambda one: asked_anew.append(one.url) if "/free" in one.url else None)
    page.locator("#channel").select_option("WECHAT")
    slots.first.check(force=True)
    with tenant_session(store) as session:
        session.get_one(Resource, shop["down"]).condition = Condition.DOWN
        session.commit()
    page.keyboard.press("Control+s")
    expect(page.locator("body")).to_contain_text("仪器维修中")
    chosen, *offered = slots.evaluate_all("all => all.map(one => one.value.split('|')[3])")
    assert (chosen, set(offered)) == (f"{shop['down']}", {f"{shop['good']}"})
    kept = page.locator(".slot:has(:checked)")  # what she chose stays hers, and says why not
    expect(kept).to_contain_text("射频仪 1")
    expect(kept).to_contain_text("已不可约")
    visitor.picture("booking-gone")
    assert asked_anew == []  # neither the channel nor the choice itself moves the free times


def _booked_and_arrived(visitor: Visitor, store: Tenant, shop: dict[str, Any]) -> None:
    """Step 2 and the door of step 3: by phone, read back, confirmed."""
    page = visitor.open(f"/s/{store.slug}/booking/new?items={shop['facial']}")
    page.locator("#customer").focus()
    page.keyboard.type("1234")
    expect(page.locator("#customer-found button")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#about")).to_contain_text("王女士")
    page.locator("#channel").select_option("PHONE")
    page.locator("[name=readback_done]").first.check()
    page.locator("input[name=slot]").first.check(force=True)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/day/\d+$"))
    expect(page.locator("h1")).to_have_text("王女士")


def _redness_is_told(visitor: Visitor, store: Tenant, shop: dict[str, Any]) -> None:
    """Step 6: from last week's card the desk tells of redness; the card stays as it was signed."""
    page: Page = visitor.open(f"/s/{store.slug}/treatments/{shop['last']}")
    page.get_by_role("link", name="事后不良反应").click()
    page.locator("[name=reaction]").select_option("REDNESS")
    page.locator("[name=words]").fill("做完第二天起两颊发红")
    page.get_by_role("button", name="登记不良反应").click()
    expect(page.locator(".timeline")).to_contain_text("两颊发红")
    with tenant_session(store) as session:
        (told,) = reactions.of_card(session, shop["last"])
    assert told.reaction == "REDNESS"
