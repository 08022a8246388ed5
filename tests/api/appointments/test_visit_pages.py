"""The pages of the house: the board, the quote sheet, the card in the room, the till."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.domain.appointments.queries import visits as queries
from shared.domain.catalog.rules import Category
from shared.domain.catalog.service import stock
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of
from tests.factories import visits as made
from tests.factories.appointments import room
from tests.factories.cards import package_offer, sold
from tests.factories.records import png
from tests.factories.sales import new_item
from tests.factories.tenants import new_person
from web.app import App

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Shop:
    """A store with a guest who has a package, and the people who serve."""

    def __init__(self, app: App, store: Tenant) -> None:
        self.store = store
        people = {role: new_person((store, role)) for role in ("FD", "CON", "BEA")}  # type: ignore[arg-type]
        self.care_id = people["BEA"]
        self.desk, self.advice, self.care = (browser_of(app, one) for one in people.values())
        with tenant_session(store) as session:
            guest, facial = made.guest(session), new_item(session, price_fen=400_00)
            card = sold(session, package_offer(session, facial.id), guest.id)
            self.guest, self.facial, self.card = guest.id, facial.id, card.id
            self.mask = new_item(session, price_fen=100_00).id
            self.serum = new_item(session, category=Category.PRODUCT).id
            self.bed = room(session).id
            batch = stock.Batch(item_id=self.serum, quantity=5, batch_no="S1")
            now = datetime.now(UTC)
            stock.receive(session, batch, stock.Mover(by=None, now=now, day=now.date()))
            session.commit()

    def see(self, who: FlaskClient, path: str, status: int = 200) -> str:
        """Open a page."""
        answer = who.get(f"/s/{self.store.slug}{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, who: FlaskClient, path: str, status: int = 303, **typed: Any) -> Any:
        """Send a form in the version that stands."""
        token = _CSRF.search(who.get(f"/s/{self.store.slug}/reception").text)
        assert token
        answer = who.post(f"/s/{self.store.slug}{path}", data={"csrf_token": token[1], **typed})
        assert answer.status_code == status, answer.text
        return answer

    def step(self, who: FlaskClient, act: str, status: int = 303, **typed: Any) -> Any:
        """Take one step with the only visit."""
        with tenant_session(self.store) as session:
            [visit] = queries.by_ids(session, [1]).values()
            seen = {"version": visit.version, "back": "board", **typed}
        return self.send(who, f"/visits/1/{act}", status, **seen)


@pytest.fixture
def shop(app: App, store: Tenant) -> Shop:
    """A store."""
    return Shop(app, store)


def test_a_guest_is_led_through_the_house_press_by_press(shop: Shop) -> None:
    assert "无预约到店" in shop.see(shop.desk, "/reception")
    bad = shop.send(shop.desk, "/reception", 422, customer="", staff="", place="")
    assert "必填项未填写" in bad.text
    shop.send(shop.desk, "/reception", customer=shop.guest, staff=str(shop.care_id), place=shop.bed)
    shop.step(shop.desk, "greeting")
    shop.step(shop.advice, "consultation", needs="补水")
    sheet = shop.see(shop.advice, "/visits/1")
    assert f"PACKAGE-{shop.card}" in sheet
    empty = shop.step(
        shop.advice, "quote", 422,
        item=[shop.mask], pay=["SINGLE"], price=["abc"], quantity=["1"], note=[""],
    )  # fmt: skip
    assert "格式不正确" in empty.text
    shop.step(
        shop.advice, "quote", is_agreed="on",
        item=[shop.facial, shop.mask], pay=[f"PACKAGE-{shop.card}", "SINGLE"], price=["", "80"],
        quantity=["1", "1"], note=["", ""],
    )  # fmt: skip
    begun = shop.step(shop.care, "start")
    assert "/treatment-card/1" in begun.headers["Location"]
    assert "顾客签字" in shop.see(shop.care, "/treatment-card/1")
    shop.step(shop.care, "start")
    sign(shop, 1, product=[shop.serum], batch=["S1"], qty=["1"])
    sign(shop, 2)
    shop.step(shop.care, "check")
    assert "准时" in shop.see(shop.desk, "/reception/board")
    till = shop.see(shop.desk, "/settlements/1")
    assert "80.00" in till
    key = re.search(r'name="key" value="([^"]+)"', till)
    assert key
    with tenant_session(shop.store) as session:
        version = queries.get(session, 1).version
    pay = {"key": key[1], "version": version, "tender": ["CASH"]}
    short = shop.send(shop.desk, "/settlements/1", 422, **pay, amount=["50"])
    assert "合计不符" in short.text
    shop.send(shop.desk, "/settlements/1", **pay, amount=["80"])
    shop.step(shop.desk, "farewell", next_on="2999-01-01")
    assert "预约下次护理" in shop.see(shop.desk, "/visits/1")
    assert "今日已离店 1 位" in shop.see(shop.desk, "/reception")


def sign(shop: Shop, card: int, **more: Any) -> None:
    """Fill in a card in the room; without a signature it is refused and nothing is lost."""
    page = shop.see(shop.care, f"/treatment-card/{card}")
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    typed = {
        "version": found[1], "act": "sign", "skin_before": "干燥", "skin_after": "水润",
        "reaction": "NONE", "guest_feeling": "SATISFIED", **more,
    }  # fmt: skip
    shown = re.search(r'name="fields" value="([^"]+)"', page)
    assert shown
    path, typed["fields"] = f"/treatment-card/{card}", shown[1]
    refused = shop.send(shop.care, path, 422, **typed)
    assert "水润" in refused.text
    token = _CSRF.search(page)
    assert token
    sent = shop.care.post(
        f"/api/v1/s/{shop.store.slug}/treatments/guest_sign/files",
        data={"file": (io.BytesIO(png()), "x.png")},
        headers={"X-CSRFToken": token[1]},
    )
    assert sent.status_code == 201, sent.text
    assert sent.json
    shop.send(shop.care, path, **typed, guest_sign=sent.json["id"])


def test_a_stale_press_says_so_and_moves_nobody(shop: Shop) -> None:
    shop.send(shop.desk, "/reception", customer=shop.guest, staff="", place="")
    shop.send(shop.desk, "/visits/1/greeting", version=9)
    assert "他人已修改" in shop.see(shop.desk, "/visits/1")
    shop.send(shop.desk, "/visits/2/greeting", 404, version=1)
    assert shop.see(shop.care, "/visits/1", 404)


def test_the_board_is_told_anew_only_when_something_changed(shop: Shop) -> None:
    path = f"/s/{shop.store.slug}/reception/board"
    first = shop.desk.get(path)
    again = shop.desk.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) in ((200, 304), (200, 200))  # a minute may pass
    shop.send(shop.desk, "/reception", customer=shop.guest, staff="", place="")
    changed = shop.desk.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "王丽" in changed.text


def test_a_card_that_waits_is_saved_and_opened_again(shop: Shop) -> None:
    shop.send(shop.desk, "/reception", customer=shop.guest, staff=str(shop.care_id), place="")
    shop.step(shop.advice, "consultation")
    shop.step(
        shop.advice, "quote", is_agreed="on",
        item=[shop.mask], pay=["SINGLE"], price=[""], quantity=["1"], note=[""],
    )  # fmt: skip
    shop.step(shop.care, "start")
    shop.send(
        shop.care, "/treatment-card/1", version=1, act="save", fields="skin_before parameters",
        skin_before="偏干", parameters="40℃", product=[shop.serum], batch=[""], qty=["2"],
    )  # fmt: skip
    page = shop.see(shop.care, "/treatment-card/1")
    assert "偏干" in page
    assert "40℃" in page
    record = shop.see(shop.care, "/treatments/1")
    assert "填写" in record
    assert "补水护理 ×2" in record
