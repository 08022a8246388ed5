"""A guest signs for a session on the screen, and takes the statement along."""

from collections.abc import Callable
from typing import Any

from shared.domain.cards.queries import cards
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import wrong_with
from tests.factories import cards as made
from tests.factories.sales import new_customer


def test_a_guest_signs_for_a_session_and_for_stored_value(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    with tenant_session(store) as session:
        card = made.package(session)
        money = made.sold(session, made.stored_offer(session), card.customer_id)
        new_customer(session, "王小妹")
        session.commit()
    login = person((store, "MGR"), (store, "FD"), (store, "CON"))
    with visit() as visitor:
        page = visitor.sign_in(login)
        visitor.open(f"/s/{store.slug}/cards/{card.id}")
        pad = page.locator("#picture-sign canvas")
        box = pad.bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 30)
        page.mouse.down()
        for step in range(1, 8):
            page.mouse.move(box["x"] + 20 + step * 12, box["y"] + (20 if step % 2 else 60))
        page.mouse.up()
        assert wrong_with(visitor, "cards-deducting") == []
        page.locator("form[action$=deduction] button[type=submit]").click()
        page.locator(".toast, .notice.good, [data-toast]").first.wait_for()
        with tenant_session(store) as session:
            assert cards.get(session, card.id).sessions == 3
        for path, name in (
            (f"cards/{card.id}", "cards-card"),
            (f"cards/{money.id}", "cards-stored"),
            (f"cards/{card.id}/statement", "cards-statement"),
            (f"cards/of/{card.customer_id}", "cards-guest"),
            ("cards", "cards-list"),
            ("card-offers", "cards-offers"),
        ):
            visitor.open(f"/s/{store.slug}/{path}")
            assert wrong_with(visitor, name) == []
