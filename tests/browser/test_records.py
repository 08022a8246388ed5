"""Declared forms at the screen: a profile by keyboard alone, a signature, two people at once."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.customers.models import Customer
from shared.domain.customers.service.profiles import PROFILES
from shared.records import queries, service
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.browser.conftest import PHONE, ROOT, SCREENS, barriers, wrong_with
from tests.factories.records import editor, handout, png, profile
from tests.factories.tenants import new_store

MEASURED = ROOT / ".pictures" / "records.json"


def kept_profile(store: Tenant, **more: Any) -> int:
    """Keep a guest; gives the id."""
    with tenant_session(store) as session:
        row = service.keep_new(session, PROFILES, typed=profile(**more), by=editor())
        session.commit()
        return int(row.id)


def read(store: Tenant, record_id: int) -> Customer:
    """Read a guest."""
    with tenant_session(store) as session:
        found: Customer = queries.get(session, PROFILES, record_id)
        return found


class Keyboard:
    """A keyboard that counts; a Chinese sign counts as one stroke."""

    def __init__(self, page: Any) -> None:
        self.page, self.strokes = page, 0

    def type(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)
        self.strokes += len(text)

    def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.page.keyboard.press(key)
        self.strokes += len(keys)


def test_the_front_desk_fills_in_a_profile_by_keyboard_alone(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "FD"))
    with visit() as visitor:
        page = visitor.sign_in(login)
        visitor.open(f"/s/{store.slug}/customer-profiles/new")
        page.locator("#name:focus").wait_for()
        keys, begun = Keyboard(page), time.monotonic()

        keys.type("王小丽")
        keys.press("Enter", "Space", "Enter")  # female
        keys.type("5-20")
        keys.press("Enter")
        keys.type("13800001234")
        keys.press("Enter", "Enter", "Enter")  # no WeChat, no mail
        keys.press(*["ArrowDown"] * 5)  # passing by
        keys.press("Control+ArrowDown", "ArrowDown")  # the consultant
        keys.press("Control+ArrowDown", "Space")  # the consent
        keys.press("Control+ArrowDown", "Space")  # the photo of the signature on paper
        sign = {"name": "p.png", "mimeType": "image/png", "buffer": png(300, 90)}
        page.locator("#customer_sign").set_input_files(sign)
        page.locator("#picture-customer_sign img.kept[src]").wait_for()
        visitor.picture("records-filled")
        keys.press("Control+s")
        page.get_by_text("已保存").wait_for()
        seconds = round(time.monotonic() - begun, 1)

        visitor.picture("records-kept")
        row = read(store, 1)
        assert (row.name, row.gender, row.birthday, row.phone) == (
            "王小丽",
            "F",
            "--05-20",
            "13800001234",
        )
        assert (row.source, row.consent_service, row.consent_marketing) == ("PASSBY", True, False)
        assert row.customer_sign is not None
        page.locator("img.kept").first.evaluate("image => image.decode()")
        MEASURED.parent.mkdir(exist_ok=True)
        MEASURED.write_text(json.dumps({"F04 strokes": keys.strokes, "F04 seconds": seconds}))
        assert keys.strokes < 90


def test_a_signature_is_drawn_and_a_face_is_marked(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "CON"))
    with visit(viewport=PHONE) as visitor:
        page = visitor.sign_in(login)
        visitor.open(f"/s/{store.slug}/customer-profiles/new")
        for name, text in (("name", "陈美玲"), ("phone", "13900005678")):
            page.locator(f"#{name}").fill(text)
        page.locator("input[name=gender][value=F]").check()
        page.locator("#source").select_option("ONLINE")
        page.locator("#consultant").select_option(index=1)
        page.locator("#consent_service").check()
        assert not page.locator(".place:has(#allergies) .required").count()
        page.locator("#consent_sensitive").check()
        assert page.locator(".place:has(#allergies) .required").count()  # asked for at once
        page.locator("#skin_type").select_option("DRY")
        page.locator("#allergies").fill("无")
        page.locator("input[name=contraindications][value=NONE]").check()
        page.locator("svg.face").click(position={"x": 60, "y": 80})
        page.locator("svg.face").press("ArrowLeft")
        page.locator("svg.face").press("Space")
        assert page.locator("svg.face [data-marks] text").count() == 2
        pad = page.locator("canvas.pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        page.mouse.move(box["x"] + 30, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 150, box["y"] + 90, steps=8)
        page.mouse.up()
        visitor.picture("records-signed-phone")
        page.locator(".save-bar .btn-primary").click()  # before the hand has rested
        page.get_by_text("已保存").wait_for()

        row = read(store, 1)
        assert row.customer_sign is not None
        assert row.diagnosis_chart is not None
        for image in page.locator("img.kept").all():
            image.scroll_into_view_if_needed()
            image.evaluate("image => image.decode()")
        visitor.picture("records-signed-kept-phone")


def test_two_people_at_one_form_lose_nothing(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    guest = kept_profile(store, wechat="wx-1", occupation="教师")
    path = f"/s/{store.slug}/customer-profiles/{guest}/change"
    with visit() as first, visit() as second:
        for visitor in (first, second):
            visitor.sign_in(person((store, "FD")))
            visitor.open(path)
        first.page.locator("#wechat").fill("wx-2")
        first.page.keyboard.press("Control+s")
        first.page.get_by_text("已保存").wait_for()
        second.page.locator("#wechat").fill("wx-3")
        second.page.locator("#occupation").fill("医生")
        second.page.keyboard.press("Control+s")
        second.page.get_by_text("修改了此表单").wait_for()
        second.picture("records-conflict")
        assert barriers(second.page) == []
        second.page.locator("input[value=theirs]").check()
        second.page.locator(".save-bar .btn-primary").click()
        second.page.get_by_text("已保存").wait_for()
    row = read(store, guest)
    assert (row.wechat, row.occupation, row.version) == ("wx-2", "医生", 3)


def test_a_phone_is_opened_to_be_read_and_to_be_changed(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    guest = kept_profile(store)
    with visit() as visitor:
        page = visitor.sign_in(person((store, "FD")))
        visitor.open(f"/s/{store.slug}/customer-profiles/{guest}")
        assert page.get_by_text("13812345678").count() == 0
        page.get_by_role("button", name="显示完整的电话").click()
        page.get_by_text("13812345678").wait_for()
        visitor.open(f"/s/{store.slug}/customer-profiles/{guest}/change")
        page.get_by_role("button", name="显示完整的电话").click()
        page.locator("#phone").fill("13900000000")
        page.locator("#wechat").fill("wx")
        page.keyboard.press("Control+s")
        page.get_by_text("已保存").wait_for()
        assert page.get_by_text("查看隐藏信息").count() == 2
        visitor.picture("records-opened")
    assert read(store, guest).phone == "13900000000"


def test_a_form_outlives_a_lost_session(
    store: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    login = person((store, "FD"))
    with visit() as visitor:
        page = visitor.sign_in(login)
        path = f"/s/{store.slug}/customer-profiles/new"
        visitor.open(path)
        page.locator("#name").fill("赵雅")
        sign = {"name": "p.png", "mimeType": "image/png", "buffer": png(300, 90)}
        page.locator("#customer_sign").set_input_files(sign)
        page.locator("#picture-customer_sign img.kept[src]").wait_for()
        page.locator("#phone").fill("13900000001")
        while "13900000001" not in page.evaluate("JSON.stringify(localStorage)"):
            page.wait_for_timeout(50)
        page.context.clear_cookies()
        page.keyboard.press("Control+s")
        page.wait_for_url("**/sign-in**")
        visitor.sign_in(login)
        visitor.open(path)
        page.locator("[data-take]").click()
        assert page.locator("#name").input_value() == "赵雅"
        assert page.locator("input[name=customer_sign]").input_value()
        page.locator("#picture-customer_sign img.kept[src]").wait_for()


@pytest.fixture(scope="module")
def shop(cluster: Any) -> Tenant:
    """A store with some forms, seen by all screens."""
    made = new_store()
    for number, name in enumerate(("王小丽", "陈美玲", "欧阳娜娜")):
        guest = kept_profile(
            made, name=name, phone=f"1380000{1000 + number}", personality="开朗\n爱聊"
        )
    with tenant_session(made) as session:
        for customer in (None, guest):
            typed = handout(session, customer=customer, feedback="很喜欢")
            service.keep_new(session, HANDOUTS, typed=typed, by=editor())
        session.commit()
    return made


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_of_a_form_fits_and_keeps_nobody_out(
    screen: str, shop: Tenant, visit: Callable[..., Any], person: Callable[..., str]
) -> None:
    pages = {
        "f04": "customer-profiles", "f04-new": "customer-profiles/new",
        "f04-one": "customer-profiles/1", "f04-change": "customer-profiles/1/change",
        "f01": "handouts", "f01-new": "handouts/new", "f01-one": "handouts/2",
        "f09": "opinions", "f09-new": "opinions/new", "f04-none": "customer-profiles?text=zzz",
    }  # fmt: skip
    wrong = []
    with visit(**SCREENS[screen]) as visitor:
        page = visitor.sign_in(person((shop, "MGR"), (shop, "FD"), (shop, "CON")))
        if "-en-" in screen:
            visitor.open("/stores").get_by_role("button", name="English").click()
        for name, path in pages.items():
            visitor.open(f"/s/{shop.slug}/{path}")
            wrong += wrong_with(visitor, f"records-{screen}-{name}")
        visitor.open(f"/s/{shop.slug}/handouts/new")
        page.locator(".save-bar .btn-primary").click()
        page.locator(".field-error").first.wait_for()
        wrong += wrong_with(visitor, f"records-{screen}-f01-refused")
    assert wrong == []
