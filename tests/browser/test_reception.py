"""A guest in the house at the screen: board, quote, the card on a phone, signed, settled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.domain.appointments.queries import visits as queries
from shared.domain.appointments.rules.visits import Line, PayBy
from shared.domain.appointments.service import quoting, reception, visits
from shared.domain.appointments.service.visit_steps import Arrival
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import CHEAP_HASH, DESKTOP, PHONE, wrong_with
from tests.factories import visits as made
from tests.factories.appointments import device, room
from tests.factories.cards import package_offer, sold
from tests.factories.records import editor
from tests.factories.sales import new_item
from tests.factories.tenants import new_person


def house(store: Tenant, care: UUID) -> None:
    """Fill a house: who waits, who is advised, who is treated, who is looked at."""
    now = datetime.now(UTC)
    with tenant_session(store) as session:
        beds = [room(session, f"{n}号床").id for n in range(1, 6)]
        device(session)
        facial = new_item(session, price_fen=400_00)
        facial.name = "补水焕颜护理"
        mask, serum = new_item(session), new_item(session, category=Category.PRODUCT)
        mask.name, serum.name = "冰膜加护", "玻尿酸原液"
        batch = stock.Batch(item_id=serum.id, quantity=5, batch_no="S2025-06")
        stock.receive(session, batch, stock.Mover(by=None, now=now, day=now.date()))
        offer = package_offer(session, facial.id)
        for n, name in enumerate(("王女士", "陈静", "李梅", "赵雅", "周敏", "吴婷")):
            by = editor(now=now - timedelta(minutes=55 - 10 * n))
            guest = made.guest(session, name=name)
            if n == 1:
                guest.contraindications, guest.allergies = ["PREGNANT"], "芦荟"
            card = sold(session, offer, guest.id)
            arrival = Arrival(
                customer_id=guest.id, planned_at=by.now, staff_id=care, place_id=beds[n % 5]
            )
            visit = reception.walk_in(session, arrival, by=by)
            if n == 5:
                continue
            reception.greet(session, visit, by=by)
            reception.consult(session, visit, is_health_declined=False, needs="补水", by=by)
            lines = [
                Line(item_id=facial.id, pay_by=PayBy.PACKAGE, card_id=card.id),
                Line(item_id=mask.id, pay_by=PayBy.SINGLE, price_fen=100_00),
            ][: 1 if n < 2 else 2]
            if n == 4:
                continue
            quoting.quote(session, visit, lines=lines, is_agreed=n < 3, by=by)
            if n == 3:
                continue
            row = visits.start(session, visit, visits.Begun(beautician=care), by=by)
            assert row is not None
            if n == 0:
                done = editor(now=now - timedelta(minutes=1))
                made.sign(session, row, by=done)
                visits.check_result(session, visit, by=done)
        session.commit()


def test_a_guest_is_led_through_the_house_at_the_screen(
    store: Tenant, visit: Callable[..., Any], no_failures: None
) -> None:
    desk = f"desk-{store.slug}@example.test"
    roles: tuple[Role, ...] = ("FD", "CON", "BEA", "MGR")
    everybody = [(store, role) for role in roles]
    house(store, new_person(*everybody, login=desk, password_hash=CHEAP_HASH))
    wrong: list[str] = []
    with visit(viewport=DESKTOP) as visitor:
        page = visitor.sign_in(desk)
        page = visitor.open(f"/s/{store.slug}/reception")
        page.wait_for_selector(".guest-card")
        wrong += wrong_with(visitor, "reception")
        for n, name in ((1, "checked"), (4, "quoted"), (5, "consulting"), (6, "waiting")):
            visitor.open(f"/s/{store.slug}/visits/{n}")
            wrong += wrong_with(visitor, f"visit-{name}")
        for path, name in (("treatments", "cards"), ("treatments/1", "card-record"), ("", "home")):
            visitor.open(f"/s/{store.slug}/{path}")
            wrong += wrong_with(visitor, f"house-{name}")
        visitor.open(f"/s/{store.slug}/settlements/1")
        wrong += wrong_with(visitor, "settlement")
        page.locator("button.btn-primary").last.click()
        page.wait_for_url("**/visits/1")
        visitor.open(f"/s/{store.slug}/reception/new")
        wrong += wrong_with(visitor, "walk-in")
        # one press on the board moves a guest, and the board says so by itself
        visitor.open(f"/s/{store.slug}/reception")
        page.locator(".guest-card", has_text="赵雅").get_by_role("button", name="顾客同意").click()
        page.locator(".guest-card", has_text="赵雅").get_by_role(
            "button", name="开始护理"
        ).wait_for()
        # keys go on from the guest one came back to; news come in around whoever is at a guest
        focus = page.locator("*:focus")
        for key, name in (("ArrowLeft", "周敏"), ("ArrowLeft", "吴婷"), ("ArrowUp", "吴婷")):
            page.keyboard.press(key)
            assert focus.inner_text() == name
        with tenant_session(store) as session:
            late, by = queries.get(session, 6), editor(now=datetime.now(UTC))
            reception.greet(session, late, by=by)
            session.commit()
            page.locator(".guest-card", has_text="吴婷").get_by_role(
                "button", name="迎接"
            ).wait_for(state="detached")
            assert focus.inner_text() == "吴婷"
            reception.consult(session, late, is_health_declined=False, needs="补水", by=by)
            session.commit()
        page.locator(".lane", has_text="咨询").locator("#visit-6").wait_for()
        assert focus.inner_text() == "吴婷"  # also when the guest has gone to another lane
    with visit(viewport=PHONE) as visitor:
        page = visitor.sign_in(desk)
        visitor.open(f"/s/{store.slug}/treatment-card/2")
        page.wait_for_selector("canvas")
        wrong += wrong_with(visitor, "card")
        targets = page.evaluate(
            "[...document.querySelectorAll('.care .chip, .care .btn, .care select, .care input"
            "[type=text], .care textarea')].filter(e => e.checkVisibility())"
            ".map(e => e.getBoundingClientRect().height).filter(h => h < 48)"
        )
        assert targets == []
        page.locator("[name=skin_before]").fill("干燥，T区出油")
        page.wait_for_timeout(500)
        page.reload()  # the phone fell into the basin
        page.locator("[data-take]").click()
        assert page.locator("[name=skin_before]").input_value() == "干燥，T区出油"
        page.locator("[name=skin_after]").fill("水润透亮")
        page.locator(".chip", has_text="无").click()
        page.locator(".chip", has_text="非常满意").first.click()
        pad = page.locator("canvas.pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        page.mouse.move(box["x"] + 40, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 110, steps=6)
        page.mouse.up()
        visitor.picture("card-filled-360")
        page.get_by_role("button", name="顾客签字").click()
        page.wait_for_url("**/visits/2")
        visitor.picture("visit-signed-360")
    assert wrong == []
    with tenant_session(store) as session:
        (card,) = queries.cards_of(session, [2])[2]
        assert (card.state, card.sessions_after) == ("SUBMITTED", 3)
