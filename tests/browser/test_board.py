"""The day board by mouse, keyboard and finger; two desks at once; what stands on it can be read."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page

from tenants.registry import Tenant
from tests.browser import board_days
from tests.browser.conftest import PHONE, SCREENS, Visitor, wrong_with

Visit = Callable[..., Any]
Person = Callable[..., str]


def _open(visitor: Visitor, store: Tenant, day: date, more: str = "") -> Page:
    page = visitor.open(f"/s/{store.slug}/appointments/board?day={day}{more}")
    page.locator(".lane").first.wait_for()
    return page


@pytest.mark.parametrize("screen", SCREENS)
def test_a_full_day_can_be_read_in_every_light(
    screen: str, store: Tenant, visit: Visit, person: Person
) -> None:
    login, day = person((store, "MGR")), board_days.tomorrow()
    people = board_days.beauticians(store, 12)
    board_days.open_daily(store)
    ids = board_days.book(store, people, day, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19)
    board_days.in_every_stage(store, ids[::2])
    board_days.queue(store, people[:5], day)
    with visit(**SCREENS[screen]) as visitor:
        visitor.sign_in(login)
        if "-en-" in screen:
            visitor.open("/stores").get_by_role("button", name="English").click()
        wrong = []
        for view in ("staff", "room", "week"):
            page = _open(visitor, store, day, f"&by={view}&person={people[0]}")
            page.locator(".booking").first.wait_for()
            wrong += wrong_with(visitor, f"{screen}-board-{view}")
        _open(visitor, store, day).locator(".lane .booking").first.click()
        wrong += wrong_with(visitor, f"{screen}-board-sheet")
    assert wrong == []


def test_a_booking_is_dragged_to_another_person_and_time_and_back_again(
    store: Tenant, visit: Visit, person: Person
) -> None:
    login, day = person((store, "FD")), board_days.tomorrow()
    one, other = board_days.beauticians(store, 2)
    board_days.open_daily(store)
    (booking, _) = board_days.book(store, [one, other], day, 10)
    with visit() as visitor:
        visitor.sign_in(login)
        page = _open(visitor, store, day)
        _drag(page, booking, to=f".lane[data-lane='{other}']", minutes=125)
        _stands(page, booking, other, "12:05")
        page.keyboard.press("u")
        _stands(page, booking, one, "10:00")

        grip = page.locator(f".booking[data-id='{booking}'] .grip")
        _drag_from(page, grip, minutes=20)
        page.locator(f".booking[data-id='{booking}']:not(.is-saving)[title*='10:55']").wait_for()
        page.locator("#board-undo").click()
        page.locator(f".booking[data-id='{booking}']:not(.is-saving)[title*='10:35']").wait_for()


def test_what_dragging_does_the_keyboard_does(store: Tenant, visit: Visit, person: Person) -> None:
    login, day = person((store, "CON")), board_days.tomorrow()
    one, other = board_days.beauticians(store, 2)
    board_days.open_daily(store)
    (booking, _) = board_days.book(store, [one, other], day, 10)
    with visit() as visitor:
        visitor.sign_in(login)
        page = _open(visitor, store, day)
        page.locator(f".booking[data-id='{booking}']").focus()
        for key in ("ArrowDown", "ArrowDown", "Escape", "ArrowRight", *["ArrowDown"] * 24):
            page.keyboard.press(key)
        visitor.picture("board-keyboard")
        page.keyboard.press("Enter")
        _stands(page, booking, other, "12:00")
        page.locator(f".booking[data-id='{booking}']:focus").wait_for()
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Enter")
        page.locator(f".booking[data-id='{booking}']:not(.is-saving)[title*='12:40']").wait_for()
        page.keyboard.press("u")
        page.keyboard.press("u")  # while the first is under way, the second waits for nobody
        _stands(page, booking, other, "12:00")

        page.keyboard.press("Enter")
        page.locator("#board-sheet[open]").wait_for()
        page.keyboard.press("Escape")
        page.locator(f".lane[data-lane='{other}'] a.gap").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/booking/new?*")
        page.locator("[name=items]").first.check()
        chosen = page.locator("[name=slot]:checked")
        chosen.wait_for()
        assert chosen.input_value().startswith(f"{day}T01:00:00+00:00|{other}|")


def test_two_desks_see_each_other_and_the_later_one_is_told(
    store: Tenant, visit: Visit, person: Person
) -> None:
    login, second, day = person((store, "FD")), person((store, "MGR")), board_days.tomorrow()
    one, other = board_days.beauticians(store, 2)
    board_days.open_daily(store)
    (booking, _) = board_days.book(store, [one, other], day, 10)
    with visit() as left, visit() as right:
        left.sign_in(login)
        right.sign_in(second)
        here, there = _open(left, store, day), _open(right, store, day)
        box = here.locator(f".booking[data-id='{booking}']").bounding_box()
        assert box is not None
        here.mouse.move(box["x"] + 20, box["y"] + 8)
        here.mouse.down()
        here.mouse.move(box["x"] + 20, box["y"] + 60, steps=5)  # and holds it

        there.locator(f".booking[data-id='{booking}']").focus()
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            there.keyboard.press(key)
        _stands(there, booking, one, "10:10")
        here.locator("#board-heard", has_text="1").wait_for(state="attached")
        here.locator(".booking.is-held").wait_for()
        here.mouse.up()

        here.get_by_text("他人已修改").wait_for()
        _stands(here, booking, one, "10:10")


def test_a_refused_move_springs_back_and_a_second_person_may_let_it_overlap(
    store: Tenant, visit: Visit, person: Person
) -> None:
    login, second, day = person((store, "FD")), person((store, "MGR")), board_days.tomorrow()
    one, other = board_days.beauticians(store, 2)
    board_days.open_daily(store)
    (booking, _) = board_days.book(store, [one, other], day, 10)
    with visit() as visitor:
        visitor.sign_in(login)
        page = _open(visitor, store, day)
        _drag_from(page, page.locator(f".booking[data-id='{booking}'] b"), minutes=660)
        page.get_by_text("不在营业时间内").wait_for()
        _stands(page, booking, one, "10:00")

        _drag(page, booking, to=f".lane[data-lane='{other}']", minutes=0)
        asked = page.locator("#board-doubt")
        asked.get_by_text("时间冲突").first.wait_for()
        wrong = wrong_with(visitor, "board-doubt")
        asked.locator("[name=reason]").fill("闺蜜同行")
        asked.locator("[name=approver_login]").fill(second)
        asked.locator("[name=approver_password]").fill("not the password")
        asked.locator("[value=yes]").click()
        asked.locator(".field-error:not(:empty)").wait_for()
        asked.locator("[name=approver_password]").fill("correct horse battery")
        asked.locator("[value=yes]").click()
        _stands(page, booking, other, "10:00")
        assert page.locator(f".lane[data-lane='{other}'] .booking").count() == 2
        page.locator(f".booking[data-id='{booking}'][title*='重叠']").wait_for()
        visitor.picture("board-overlap")
    assert wrong == []


def test_a_finger_opens_steps_and_books_and_drags_after_a_rest(
    store: Tenant, visit: Visit, person: Person
) -> None:
    login, day = person((store, "FD")), board_days.tomorrow()
    one, other = board_days.beauticians(store, 2)
    board_days.open_daily(store)
    (booking, _) = board_days.book(store, [one, other], day, 10)
    with visit(viewport=PHONE) as visitor:
        visitor.sign_in(login)
        page = _open(visitor, store, day)
        page.locator(f".booking[data-id='{booking}']").click()
        sheet = page.locator("#board-sheet")
        for _ in range(3):
            sheet.get_by_role("button", name="+5").first.click()
        sheet.locator("[name=assigned_staff]").select_option(f"{other}")
        sheet.locator("[name=time]").fill("14:30")
        sheet.get_by_role("button", name="保存").click()
        _stands(page, booking, other, "14:30")

        page.locator(f".booking[data-id='{booking}']").scroll_into_view_if_needed()
        box = page.locator(f".booking[data-id='{booking}']").bounding_box()
        assert box is not None
        x, y = box["x"] + 30, box["y"] + 10
        fingers = page.context.new_cdp_session(page)
        touch = {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
        fingers.send("Input.dispatchTouchEvent", touch)
        page.locator(".is-dragging").wait_for()
        for step in range(1, 6):
            touch = {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 16 * step}]}
            fingers.send("Input.dispatchTouchEvent", touch)
        visitor.picture("board-finger")
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.locator(f".booking[data-id='{booking}']:not([title*='14:30'])").wait_for()


def test_the_turn_queue_goes_round(store: Tenant, visit: Visit, person: Person) -> None:
    login, day = person((store, "FD")), board_days.tomorrow()
    one, other = board_days.beauticians(store, 2)
    board_days.open_daily(store)
    with visit() as visitor:
        visitor.sign_in(login)
        page = _open(visitor, store, day)
        for who in (one, other):
            page.locator(f"[data-does='join/{who}']").click()
            page.locator(f"[data-does='leave/{who}']").wait_for()
        page.locator(f"[data-does='up/{other}']").click()
        page.locator(f".turns li:first-child [data-does='leave/{other}']").wait_for()
        page.locator(f"[data-does='pause/{other}']").click()
        page.locator(f".is-next [data-does='take/{one}']").click()
        page.wait_for_url("**/booking/new?*")
        assert page.locator("[name=assigned_staff]").input_value() == f"{one}"


def test_a_beautician_reads_the_own_column_alone(
    store: Tenant, visit: Visit, person: Person
) -> None:
    login, day = person((store, "BEA")), board_days.tomorrow()
    board_days.beauticians(store, 2)
    with visit() as visitor:
        visitor.sign_in(login)
        page = _open(visitor, store, day)
        assert page.locator(".lane").count() == 1
        assert page.locator("a.gap, .grip, #board-undo").count() == 0


def _drag(page: Page, booking: int, *, to: str, minutes: int) -> None:
    start = page.locator(f".booking[data-id='{booking}'] b")
    _drag_from(page, start, minutes=minutes, to=to)


def _drag_from(page: Page, grip: Locator, *, minutes: int, to: str = "") -> None:
    grip.evaluate("one => one.scrollIntoView({block: 'center'})")
    box = grip.bounding_box()
    lane = page.locator(to).bounding_box() if to else box
    assert box is not None
    assert lane is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    scale = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.board-grid'))"
        ".getPropertyValue('--per-minute'))"
    )
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(lane["x"] + lane["width"] / 2, y + minutes * scale, steps=12)
    page.mouse.up()


def _stands(page: Page, booking: int, lane: UUID, time: str) -> None:
    there = f".lane[data-lane='{lane}'] .booking[data-id='{booking}']:not(.is-saving)"
    page.locator(f"{there}[title^='{time}']").wait_for()
