"""A form of a closed month is locked: in lists, on its page, on paper, for every verb."""

from collections.abc import Callable
from datetime import date

from shared.domain.catalog.service.handouts import HANDOUTS
from shared.domain.directories import DIRECTORIES
from shared.records import paper, periods, queries, service
from shared.records.columns import WHOLE
from shared.records.directories import Around
from shared.records.paper import Printing
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of
from tests.factories.records import NOW, editor, handout
from tests.factories.tenants import new_person
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
JUNE = date(2025, 6, 1)


def kept(store: Tenant) -> list[int]:
    """Hand out two things in June, void one of them, and close the month; gives the ids."""
    with tenant_session(store) as session:
        typed = handout(session)
        rows = [service.keep_new(session, HANDOUTS, typed=typed, by=editor()) for _ in range(2)]
        service.void(session, HANDOUTS, record_id=rows[1].id, version=1, reason="误录", by=editor())
        periods.close(session, JUNE)
        session.commit()
        return [int(row.id) for row in rows]


def test_the_api_says_locked_and_refuses_every_change(as_role: AsRole, store: Tenant) -> None:
    locked, void = kept(store)
    manager = as_role(store, "MGR")
    path, seen = f"/handouts/{locked}", {"If-Match": '"1"'}

    assert manager.get(path).json["state"] == "LOCKED"  # type: ignore[index]
    assert manager.get(f"/handouts/{void}").json["state"] == "VOID"  # type: ignore[index]
    for state, ids in (("LOCKED", [locked]), ("SUBMITTED", []), ("VOID", [void])):
        listed = manager.get(f"/handouts?state={state}").json
        assert [row["id"] for row in listed["items"]] == ids, state  # type: ignore[index]
    for method, where, body in (
        ("PATCH", path, {"qty": 1}),
        ("POST", f"{path}/approval", None),
        ("POST", f"{path}/void", {"reason": "x"}),
    ):
        refused = manager.call(method, where, json=body, headers=seen)
        assert refused.status_code == 409, where
        assert refused.json["code"] == "CLOSED_PERIOD"  # type: ignore[index]

    with tenant_session(store) as session:
        periods.reopen(session, JUNE)
        session.commit()
    assert manager.get(path).json["state"] == "SUBMITTED"  # type: ignore[index]


def test_its_page_says_why_its_buttons_are_gone(app: App, store: Tenant) -> None:
    locked, _void = kept(store)
    browser = browser_of(app, new_person((store, "MGR")))
    headers = csrf_of(browser, store)
    base = f"/s/{store.slug}/handouts"

    page = browser.get(f"{base}/{locked}").text
    assert "2025年6月已月结，本单已锁定" in page
    for button in ("/change", 'id="void"', "/approval"):
        assert button not in page
    assert "已锁定" in browser.get(base).text
    led = browser.get(f"{base}/{locked}/change", headers=headers)
    assert led.status_code == 303
    assert "已锁定" in browser.get(f"{base}/{locked}/print").text


def test_the_paper_is_stamped(store: Tenant) -> None:
    locked, void = kept(store)
    around = Around(
        zone="Asia/Shanghai", people={}, directories=DIRECTORIES, readable=lambda _: True
    )
    printing = Printing(
        register=HANDOUTS, view=WHOLE, around=around, chinese=True, store="店", at=NOW
    )
    with tenant_session(store) as session:
        stamps = [
            (made.stamp, made.is_void)
            for one in (locked, void)
            for made in [paper.one(session, printing, queries.get(session, HANDOUTS, one))]
        ]
    assert stamps == [("已锁定", False), ("作废", True)]
