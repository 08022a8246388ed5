"""Cards as pages: read by who reads profiles, used under a signature, given back by the till."""

import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from shared.domain.cards.queries import cards, entries, offers
from shared.domain.cards.queries.cards import Held
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of, csrf_of, signature
from tests.factories import cards as made
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person, new_store
from web.app import App

OFFER = {
    "kind": "PACKAGE", "code": "P-9", "name": "补水3送1", "price_fen": "1000", "paid_sessions": "3",
    "gift_sessions": "1", "bonus_fen": "", "valid_months": "12", "on_sale_from": "2025-01-01",
    "on_sale_to": "",
}  # fmt: skip


def signed_in(app: App, tenant: Tenant, role: Role) -> FlaskClient:
    """A browser of somebody with this role; every form it sends carries its token."""
    client = browser_of(app, new_person((tenant, role)))
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, tenant)["X-CSRFToken"]
    return client


def package(store: Tenant) -> Held:
    """Sell a package to a new guest."""
    with tenant_session(store) as session:
        card = made.package(session)
        made.use(session, card)
        session.commit()
        return cards.get(session, card.id)


def stored(store: Tenant) -> Held:
    """Sell stored value to a new guest."""
    with tenant_session(store) as session:
        card = made.stored(session)
        session.commit()
        return card


def now(store: Tenant, card: Held) -> Held:
    """Read a card as it stands."""
    with tenant_session(store) as session:
        return cards.get(session, card.id)


ACTS = ("deduction", "reversal/2", "freeze", "release", "write-off", "transfer", "refund")


def addresses(store: Tenant, card: Held) -> list[tuple[str, str]]:
    """Every address of the pages."""
    base = f"/s/{store.slug}/cards"
    one = f"{base}/{card.id}"
    reading = [base, f"{base}/of/{card.customer_id}", one, f"{one}/statement"]
    return [("GET", path) for path in reading] + [("POST", f"{one}/{act}") for act in ACTS]


def test_nobody_unknown_and_no_technician_sees_a_card(app: App, store: Tenant) -> None:
    card = package(store)
    technician = signed_in(app, store, "TEC")
    for method, path in addresses(store, card):
        assert app.test_client().open(path, method=method).status_code in (302, 400, 401)
        assert technician.open(path, method=method).status_code == 403


def test_another_stores_card_is_no_card(app: App, store: Tenant) -> None:
    card, elsewhere = package(store), new_store()
    for role in ("MGR", "FD"):
        client = signed_in(app, elsewhere, role)
        for method, path in addresses(elsewhere, card)[1:]:
            assert client.open(path, method=method).status_code in (403, 404)


def test_the_lists_find_a_card_by_guest_number_and_state(app: App, store: Tenant) -> None:
    card, other = package(store), stored(store)
    desk = signed_in(app, store, "FD")

    def found(query: str) -> list[str]:
        shown = desk.get(f"/s/{store.slug}/cards?{query}").text
        return sorted(set(re.findall(r"K-\d{6}-\d{4}", shown.split('id="found"')[1])))

    assert found("") == [card.number, other.number]
    assert found(f"text={other.number}") == [other.number]
    assert found("state=FROZEN") == []
    assert "1,200.00" in desk.get(f"/s/{store.slug}/cards/of/{other.customer_id}").text
    stranger = signed_in(app, store, "CON")
    assert re.findall(r"K-\d{6}-\d{4}", stranger.get(f"/s/{store.slug}/cards").text) == []
    auditor = signed_in(app, store, "AUD")
    assert "王丽" not in auditor.get(f"/s/{store.slug}/cards/{card.id}").text


def test_a_session_is_deducted_on_the_page_with_a_signature(app: App, store: Tenant) -> None:
    card = package(store)
    person = new_person((store, "CON"))
    with tenant_session(store) as session:
        made.looked_after(session, card.customer_id, by=person)
        sign = made.signature(session, by=person)
        session.commit()
    client = browser_of(app, person)
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, store)["X-CSRFToken"]
    path = f"/s/{store.slug}/cards/{card.id}"
    form = {"key": str(uuid4()), "item_id": f"{card.item_id}"}

    unsigned = client.post(f"{path}/deduction", data=form)
    assert unsigned.status_code == 422
    assert form["key"] in unsigned.text
    done = client.post(f"{path}/deduction", data={**form, "sign": str(sign)})

    assert (done.status_code, done.headers["Location"]) == (303, path)
    assert now(store, card).sessions == 2
    statement = client.get(f"{path}/statement").text
    assert card.number in statement


def test_the_manager_takes_back_freezes_and_releases(app: App, store: Tenant) -> None:
    card = package(store)
    manager = signed_in(app, store, "MGR")
    path = f"/s/{store.slug}/cards/{card.id}"

    def post(act: str, **form: str) -> int:
        return manager.post(f"{path}/{act}", data={"key": str(uuid4()), **form}).status_code

    assert post("reversal/2") == 422
    assert post("reversal/2", reason="录错") == 303
    assert now(store, card).sessions == 4
    assert post("freeze", reason="出国") == 303
    assert "录错" in manager.get(path).text
    assert now(store, card).state == "FROZEN"
    assert post("write-off", reason="x") == 422
    assert post("release", reason="回国") == 303
    assert now(store, card).state == "ACTIVE"


def test_the_desk_gives_a_card_back_with_a_second_person(app: App, store: Tenant) -> None:
    card = package(store)
    desk = signed_in(app, store, "FD")
    path = f"/s/{store.slug}/cards/{card.id}"
    shown = desk.get(path).text
    assert "666.67" in shown
    assert "600.00" in shown  # at list prices
    form = {"key": str(uuid4()), "amount": "666.67", "tender": "CASH", "reason": "搬家"}

    alone = desk.post(f"{path}/refund", data=form)
    assert alone.status_code == 422
    done = desk.post(f"{path}/refund", data={**form, **signature((store, "MGR"))})

    assert done.status_code == 303
    assert now(store, card).state == "REFUNDED"
    assert "666.67" not in desk.get(path).text.split("</h2>")[-1]


def test_a_card_is_passed_on_at_the_desk(app: App, store: Tenant) -> None:
    card = stored(store)
    person = new_person((store, "FD"))
    with tenant_session(store) as session:
        daughter = new_customer(session, "王小妹").id
        signs = [str(made.signature(session, by=person)) for _ in range(2)]
        session.commit()
    client = browser_of(app, person)
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, store)["X-CSRFToken"]
    form = {
        "key": str(uuid4()), "to_customer_id": f"{daughter}", "relation": "母女",
        "giver_sign": signs[0], "taker_sign": signs[1],
    }  # fmt: skip
    path = f"/s/{store.slug}/cards/{card.id}/transfer"

    assert client.post(path, data=form).status_code == 422
    assert client.post(path, data={**form, **signature((store, "MGR"))}).status_code == 303
    with tenant_session(store) as session:
        [taken] = cards.cards_of(session, daughter)
        assert taken.balances.money_fen == 1200_00
        assert len(entries.entries(session, taken.id)) == 1


def test_the_manager_puts_cards_on_offer_and_the_till_sells_them(app: App, store: Tenant) -> None:
    with tenant_session(store) as session:
        item, guest = new_item(session, "F-1").id, new_customer(session)
        number = guest.number
        session.commit()
    manager, desk = signed_in(app, store, "MGR"), signed_in(app, store, "FD")
    base = f"/s/{store.slug}/card-offers"

    assert desk.post(base, data=OFFER).status_code == 403
    refused = manager.post(base, data=OFFER)
    assert refused.status_code == 422
    assert 'value="P-9"' in refused.text
    assert manager.post(base, data={**OFFER, "item_id": f"{item}"}).status_code == 303
    with tenant_session(store) as session:
        [offer] = offers.page(session, limit=9)
    seen = {**OFFER, "item_id": f"{item}", "version": "1", "price_fen": "900"}
    assert "1000.00" in manager.get(f"{base}/{offer.id}").text
    assert manager.post(f"{base}/{offer.id}", data=seen).status_code == 303
    assert manager.post(f"{base}/{offer.id}", data=seen).status_code == 422
    assert manager.post(f"{base}/refund-rule", data={"rule": "x"}).status_code == 422
    assert manager.post(f"{base}/refund-rule", data={"rule": "LIST"}).status_code == 303

    assert "补水3送1" in desk.get(f"/s/{store.slug}/sales/new").text
    sale = {
        "key": str(uuid4()), "customer": number, "item": "P-9 补水3送1", "quantity": "1",
        "amount": "900", "tender": "WECHAT", "tender_amount": "900",
    }  # fmt: skip
    nobodys = desk.post(f"/s/{store.slug}/sales/new", data={**sale, "customer": ""})
    assert nobodys.status_code == 422
    sold = desk.post(f"/s/{store.slug}/sales/new", data=sale)
    assert sold.status_code == 303
    receipt = desk.get(sold.headers["Location"]).text
    assert re.search(r"K-\d{6}-\d{4}", receipt)
    assert "补水3送1" in receipt
    assert desk.get(f"/s/{store.slug}/sales").status_code == 200


@pytest.mark.parametrize("kind", ["package", "stored"])
def test_every_role_that_may_sees_the_card(app: App, store: Tenant, kind: str) -> None:
    card = package(store) if kind == "package" else stored(store)
    for role in ("MGR", "FD", "SDA", "AUD"):
        client = signed_in(app, store, role)
        for method, path in addresses(store, card)[:4]:
            assert client.open(path, method=method).status_code == 200
