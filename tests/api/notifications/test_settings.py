"""Channels, texts, one's own choice, quiet hours and the send log, over HTTP."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from shared.domain.notifications.rules.people import Member
from shared.domain.notifications.service import telling
from shared.events.notices import Notify
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
URL = "https://hooks.example.com/rollbook"
KEY = "a1b2c3d4-1111-2222-3333-444455556666"


class Manager:
    """A browser in which a store's manager is signed in."""

    def __init__(self, app: App, store: Tenant) -> None:
        self.store, self.id = store, new_person((store, "MGR"))
        self.browser: FlaskClient = browser_of(app, self.id)
        self.token = csrf_of(self.browser, store)

    def get(self, path: str) -> str:
        """Look at a page below the notices."""
        answer = self.browser.get(f"/s/{self.store.slug}/notices{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, status: int = 303, **data: object) -> str:
        """Send a form."""
        where = f"/s/{self.store.slug}/notices{path}"
        answer = self.browser.post(where, data=data, headers=self.token)
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture
def manager(app: App, store: Tenant) -> Manager:
    return Manager(app, store)


def rows(store: Tenant, sql: str) -> list[tuple[object, ...]]:
    """Ask the store's tables."""
    with tenant_session(store) as session:
        return [tuple(row) for row in session.execute(text(sql))]


def endpoint_of(store: Tenant) -> UUID:
    """The one endpoint there is."""
    ((found,),) = rows(store, "SELECT id FROM notice_endpoints")
    assert isinstance(found, UUID)
    return found


def tell(store: Tenant, person: UUID, event: str = "month.closed") -> None:
    """Tell a person of an event; the store has no mail server."""
    member = Member(id=person, roles=frozenset({"MGR"}), locale="zh")
    now = datetime.now(UTC)
    here = telling.Here(
        name=store.display_name, zone=store.time_zone, today=now.date(), members=(member,)
    )
    with tenant_session(store) as session:
        telling.tell(session, Notify(event=event, key=str(uuid4())), here=here, now=now)
        session.commit()


def test_a_webhooks_secret_is_shown_once_and_kept_encrypted(manager: Manager) -> None:
    page = manager.post(
        "/channels", 200, kind="WEBHOOK", name="我们的系统", url=URL, topics="month"
    )

    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]{32}", page)
    assert secret not in manager.get("/channels")
    ((sealed, url),) = rows(manager.store, "SELECT sealed, url FROM notice_endpoints")
    assert secret.encode() not in bytes(sealed)  # type: ignore[arg-type]
    assert url == URL
    assert rows(manager.store, "SELECT topic FROM notice_endpoint_topics") == [("month",)]

    rotated = manager.post(f"/channels/{endpoint_of(manager.store)}/rotation", 200)
    (fresh,) = re.findall(r"whsec_[A-Za-z0-9+/=]{32}", rotated)
    assert fresh != secret


@pytest.mark.shares_store
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "WEBHOOK", "url": "http://127.0.0.1:8000/"}, "url"),
        ({"kind": "WEBHOOK", "url": "https://169.254.169.254/latest"}, "url"),
        ({"kind": "SMS"}, "url"),
        ({"kind": "WECOM", "key": "https://qyapi.weixin.qq.com/x"}, "key"),
        ({"kind": "WECOM", "key": KEY, "secret": "SEC12345678"}, "secret"),
        ({"kind": "PAGER", "url": URL}, "kind"),
        ({"kind": "WEBHOOK", "url": URL, "topics": "everything"}, "topics.0"),
        ({"kind": "WEBHOOK", "url": URL, "name": ""}, "name"),
    ],
)
def test_what_is_wrong_with_a_channel_stands_beside_its_field(
    manager: Manager, typed: dict[str, str], field: str
) -> None:
    page = manager.post("/channels", 422, **{"name": "群", **typed})
    assert field.startswith("topics") or f'id="{field}-error"' in page
    assert rows(manager.store, "SELECT 1 FROM notice_endpoints") == []


def test_a_channel_is_changed_switched_tested_and_removed(manager: Manager) -> None:
    manager.post("/channels", kind="FEISHU", name="飞书群", key=KEY, secret="SEC12345678")
    there = f"/channels/{endpoint_of(manager.store)}"
    page = manager.get("/channels")
    assert "…6666" in page
    assert KEY not in page

    manager.post(f"{there}/change", name="新群", locale="en", topics="cash", version="1")
    manager.post(f"{there}/change", 409, name="旧页", version="1")  # somebody saved meanwhile
    manager.post(f"{there}/change", 422, name="", version="2")
    manager.post(f"{there}/switch", is_on="false")
    manager.post(f"{there}/switch", is_on="true")
    manager.post(f"{there}/rotation", 409)
    manager.post(f"{there}/test")
    assert rows(manager.store, "SELECT kind FROM ops.job") == [("notifications.post_hook",)]
    assert "这是一条测试消息" in manager.get("/log")
    assert rows(manager.store, "SELECT name, locale FROM notice_endpoints") == [("新群", "en")]
    manager.post(f"{there}/removal")
    manager.post(f"{there}/removal", 404)
    assert rows(manager.store, "SELECT sealed FROM notice_endpoints") == [(b"",)]


def test_a_store_has_one_provider_of_a_kind(manager: Manager) -> None:
    manager.post("/channels", 200, kind="SMS", name="短信", url=URL)
    manager.post("/channels", 409, kind="SMS", name="短信二", url=URL)
    manager.post(f"/channels/{endpoint_of(manager.store)}/test", 409)
    manager.post(f"/channels/{endpoint_of(manager.store)}/removal")
    manager.post("/channels", 200, kind="SMS", name="短信三", url=URL)


def test_another_stores_channels_are_not_there(app: App, manager: Manager) -> None:
    stranger = Manager(app, new_store())
    stranger.post("/channels", 200, kind="WEBHOOK", name="别人的", url=URL)
    foreign = endpoint_of(stranger.store)

    assert "别人的" not in manager.get("/channels")
    for act in ("change", "switch", "rotation", "test", "removal"):
        manager.post(f"/channels/{foreign}/{act}", 404, name="x")
    assert rows(stranger.store, "SELECT name, is_on FROM notice_endpoints") == [("别人的", True)]


def test_quiet_hours_are_set_and_every_change_is_kept(manager: Manager) -> None:
    assert 'value="22:00"' in manager.get("/channels")
    manager.post("/channels/quiet-hours", begins="23:30", ends="07:00")
    manager.post("/channels/quiet-hours", begins="21:00", ends="07:00")
    manager.post("/channels/quiet-hours", 422, begins="25:00", ends="")
    assert 'value="21:00"' in manager.get("/channels")
    assert len(rows(manager.store, "SELECT 1 FROM tenant_settings")) == 2


def test_the_stores_phone_is_set_refused_and_taken_away(manager: Manager) -> None:
    manager.post("/channels/phone", number=" 010-8888 6666 ")
    assert 'value="010-8888 6666"' in manager.get("/channels")
    refused = manager.post("/channels/phone", 422, number="call me")
    assert 'value="call me"' in refused  # what was typed stands there, beside what is wrong with it
    assert 'aria-invalid="true"' in refused
    assert 'value="010-8888 6666"' in manager.get("/channels")
    manager.post("/channels/phone", number="")
    assert "8888 6666" not in manager.get("/channels")
    assert len(rows(manager.store, "SELECT 1 FROM tenant_settings")) == 2


def test_another_stores_phone_is_its_own(app: App, manager: Manager) -> None:
    manager.post("/channels/phone", number="010-8888 6666")
    stranger = Manager(app, new_store())
    assert "8888 6666" not in stranger.get("/channels")
    path = f"/s/{manager.store.slug}/notices/channels/phone"
    data = {"number": "000000"}
    assert stranger.browser.post(path, data=data, headers=stranger.token).status_code == 404
    assert 'value="010-8888 6666"' in manager.get("/channels")


def test_a_text_is_looked_at_saved_as_a_version_and_put_back(manager: Manager) -> None:
    there = "/texts/cash.unclosed/staff"
    new = {"zh": "{store}:{date}还没日结!", "en": "{store}: close {date}!", "seen": "0"}

    shown = manager.post(there, 200, **new, preview="1")
    assert f"{manager.store.display_name}:〔date〕还没日结!" in shown
    assert rows(manager.store, "SELECT 1 FROM notice_wordings") == []

    manager.post(there, **new)
    manager.post(there, 409, **new)  # somebody saved meanwhile
    manager.post(there, 422, **{**new, "zh": "{customer} {date}", "seen": "1"})
    manager.post(there, 422, **{**new, "en": " ", "seen": "1"})
    tell(manager.store, manager.id, "cash.unclosed")
    manager.post(there, default="1", seen="1")
    tell(manager.store, manager.id, "cash.unclosed")

    versions = rows(manager.store, "SELECT number, zh FROM notice_wordings ORDER BY number")
    assert versions == [(1, new["zh"]), (2, None)]
    said = rows(
        manager.store, "SELECT text_zh FROM told_events WHERE channel = 'APP' ORDER BY told_at"
    )
    assert said == [(f"{manager.store.display_name}:—还没日结!",), ("—日结未完成。",)]
    manager.get("/texts")  # says that it is put back
    assert "已修改" not in manager.get("/texts")
    assert manager.browser.get(f"/s/{manager.store.slug}/notices/texts/x/staff").status_code == 404


def test_everyone_chooses_channels_for_oneself(
    app: App, store: Tenant, as_role: AsRole, manager: Manager
) -> None:
    manager.post("/mine", channels=["APP", "MAIL"])
    assert rows(store, "SELECT person_id, channel FROM switched_off_channels ORDER BY 2") == [
        (manager.id, "SMS"),
        (manager.id, "WX"),
    ]
    beautician = as_role(store, "BEA")
    shown = beautician.get("/notices/channels")
    assert shown.json == {"channels": ["APP", "MAIL", "SMS", "WX"]}
    seen = {"If-Match": shown.headers["ETag"]}
    chosen = beautician.call("PUT", "/notices/channels", json={"channels": ["APP"]}, headers=seen)
    assert chosen.status_code == 204
    assert beautician.get("/notices/channels").json == {"channels": ["APP"]}
    wrong = beautician.call("PUT", "/notices/channels", json={"channels": ["BOT"]})
    assert wrong.status_code == 422
    assert len(rows(store, "SELECT 1 FROM switched_off_channels")) == 5
    assert "checked" in manager.get("/mine")


def test_the_send_log_shows_why_nothing_went_out_and_sends_again(
    store: Tenant, as_role: AsRole, manager: Manager
) -> None:
    tell(store, manager.id)
    caller = as_role(store, "MGR")
    logged = caller.get("/notices/log?state=WITHHELD").json
    assert logged is not None
    (message,) = logged["items"]
    assert (message["channel"], message["reason"]) == ("MAIL", "NOT_SET_UP")
    page = manager.get("/log?channel=MAIL")
    assert "该渠道未开通" in page

    manager.post(f"/log/{message['id']}/again")
    assert rows(store, "SELECT kind FROM ops.job") == [("notifications.send_mail",)]
    assert caller.post(f"/notices/log/{message['id']}/again").status_code == 409
    manager.post(f"/log/{message['id']}/again")  # said kindly, on the page
    assert as_role(store, "FD").get("/notices/log").status_code == 403
    stranger = as_role(new_store(), "MGR")
    assert stranger.post(f"/notices/log/{message['id']}/again").status_code == 404
    for query in ("channel=x", "state=%00", "before=1"):
        manager.get(f"/log?{query}")
