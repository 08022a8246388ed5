"""The inbox and its badge: one's own notices, and nobody else's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from shared.domain.notifications.rules.people import Member
from shared.domain.notifications.service import telling
from shared.events.notices import Notify
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of
from tests.api.counting import counted
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]


def tell(store: Tenant, person: UUID, *keys: str, event: str = "opinion.negative") -> None:
    """Put one notice per key into a person's inbox, an hour apart."""
    member = Member(id=person, roles=frozenset({"MGR"}), locale="zh")
    noon = (datetime.now(UTC) - timedelta(days=2)).replace(hour=12)
    here = telling.Here(name=store.display_name, zone="UTC", today=noon.date(), members=(member,))
    with tenant_session(store) as session:
        for hours, key in enumerate(keys):
            notice = Notify(event=event, key=key, facts={"level": key, "reason": "<b>慢</b>"})
            telling.tell(session, notice, here=here, now=noon + timedelta(hours=hours))
        session.commit()


def listed(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/notices{query}")
    assert answer.status_code == 200
    assert answer.json is not None
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_notices_are_listed_newest_first_page_by_page(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")
    tell(store, manager.person_id, "1", "2", "3")

    whole = listed(manager)
    first = manager.get("/notices?limit=2").json
    assert first is not None
    rest = listed(manager, f"?limit=2&cursor={first['next']}")

    assert [row["text_en"] for row in whole] == [f"Guest rated {n}: <b>慢</b>" for n in "321"]
    assert [row["id"] for row in (*first["items"], *rest)] == [row["id"] for row in whole]


def test_the_badge_counts_the_unread_in_one_statement_and_knows_when_nothing_changed(
    app: App, as_role: AsRole, store: Tenant
) -> None:
    manager = as_role(store, "MGR")
    tell(store, manager.person_id, "1", "2")

    with counted(app) as sent:
        answer = manager.get("/notices/unread")
    assert len(sent) == 1
    assert answer.json == {"unread": 2}
    headers = {"If-None-Match": answer.headers["ETag"]}
    unchanged = manager.get("/notices/unread", headers=headers)
    assert (unchanged.status_code, unchanged.data) == (304, b"")

    assert manager.post(f"/notices/{listed(manager)[0]['id']}/reading").status_code == 204
    assert manager.get("/notices/unread", headers=headers).json == {"unread": 1}
    assert [row["text_en"][12:13] for row in listed(manager, "?unread=true")] == ["1"]


def test_reading_all_leaves_what_came_meanwhile(as_role: AsRole, store: Tenant) -> None:
    manager = as_role(store, "MGR")
    tell(store, manager.person_id, "1", "2")
    older = listed(manager)[1]

    assert manager.post("/notices/reading", {"until": older["due_at"]}).status_code == 204

    assert [row["read_at"] is None for row in listed(manager)] == [True, False]


def test_nobody_reads_anothers_notice(as_role: AsRole, store: Tenant) -> None:
    mine, colleague = as_role(store, "MGR"), as_role(store, "MGR")
    other = new_store()
    stranger = as_role(other, "MGR")
    tell(store, mine.person_id, "1")
    tell(other, stranger.person_id, "1")
    (notice,) = listed(mine)

    for caller in (colleague, stranger):
        refused = caller.post(f"/notices/{notice['id']}/reading")
        assert refused.status_code == (404 if caller is colleague else 204)
    assert listed(colleague) == []
    assert listed(mine)[0]["read_at"] is None  # the stranger's own notice has the same number


def test_the_page_shows_texts_as_text_and_marks_them_read(
    app: App, store: Tenant, anonymous: FlaskClient
) -> None:
    person = new_person((store, "MGR"))
    tell(store, person, "1", "2")
    browser = browser_of(app, person)

    page = browser.get(f"/s/{store.slug}/notices").text
    assert "&lt;b&gt;慢&lt;/b&gt;" in page
    (first, _) = re.findall(r"/notices/(\d+)/reading", page)
    token = csrf_of(browser, store)
    done = browser.post(
        f"/s/{store.slug}/notices/{first}/reading", data={"unread": "1"}, headers=token
    )

    assert done.status_code == 303
    assert done.headers["Location"].endswith("/notices?unread=")
    left = browser.get(done.headers["Location"]).text
    assert len(re.findall(r"/notices/(\d+)/reading", left)) == 1
    browser.post(f"/s/{store.slug}/notices/reading", data={"until": "x"}, headers=token)
    assert "没有未读通知" in browser.get(f"/s/{store.slug}/notices?unread=").text
    assert anonymous.get(f"/s/{store.slug}/notices").status_code == 302


def test_the_page_can_be_asked_for_anything(app: App, store: Tenant) -> None:
    browser = browser_of(app, new_person((store, "MGR")))
    befores = ("x", "2025-01-01/1", "/9", "2025-01-01T00:00%2b00:00/1")
    for query in ("about=cash", "about=%00", "unread", *(f"before={one}" for one in befores)):
        assert browser.get(f"/s/{store.slug}/notices?{query}").status_code == 200
