"""Channels, texts, quiet hours, one's own choice as JSON: versions, permissions, other tenants."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of, fields_of
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
HOOK = {"kind": "WEBHOOK", "name": "我们的系统", "url": "https://hooks.example.com/x", "topics": []}
TEXT = "/notices/texts/cash.unclosed/staff"
HOURS = {"begins": "23:00", "ends": "07:00"}


class Manager:
    """A manager at a browser, who just signed in: tokens make no channels."""

    def __init__(self, app: App, store: Tenant) -> None:
        self.store = store
        self.browser: FlaskClient = browser_of(app, new_person((store, "MGR")))
        self.headers = csrf_of(self.browser, store)

    def call(self, method: str, path: str, *, seen: str = "", **options: object) -> TestResponse:
        """Call the API; `seen` is an ETag."""
        headers = {**self.headers, **({"If-Match": seen} if seen else {})}
        where = f"/api/v1/s/{self.store.slug}{path}"
        return self.browser.open(where, method=method, headers=headers, **options)  # type: ignore[arg-type]

    def add(self) -> tuple[str, str]:
        """Add a webhook; gives its path and ETag."""
        made = self.call("POST", "/notices/endpoints", json=HOOK)
        assert made.status_code == 201, made.text
        assert made.json is not None
        return f"/notices/endpoints/{made.json['id']}", made.headers["ETag"]


@pytest.fixture
def manager(app: App, store: Tenant) -> Manager:
    return Manager(app, store)


def test_a_channel_is_made_changed_switched_tested_and_removed(manager: Manager) -> None:
    made = manager.call("POST", "/notices/endpoints", json=HOOK)
    assert made.json is not None
    assert made.json["signing_secret"].startswith("whsec_")
    path, seen = f"/notices/endpoints/{made.json['id']}", made.headers["ETag"]
    assert made.json["signing_secret"] not in manager.call("GET", path).text

    change = {"name": "新名", "locale": "en", "topics": ["cash"]}
    assert manager.call("PUT", path, json=change).status_code == 428
    changed = manager.call("PUT", path, seen=seen, json=change)
    assert changed.json is not None
    assert (changed.status_code, changed.json["topics"]) == (200, ["cash"])
    late = manager.call("PUT", path, seen=seen, json=change)
    assert (late.status_code, late.json["code"]) == (409, "CONFLICT")  # type: ignore[index]

    off = manager.call("PUT", f"{path}/switch", seen=changed.headers["ETag"], json={"is_on": False})
    assert off.json["is_on"] is False  # type: ignore[index]
    rotated = manager.call("POST", f"{path}/rotation")
    assert rotated.json["signing_secret"] != made.json["signing_secret"]  # type: ignore[index]
    assert manager.call("POST", f"{path}/test").status_code == 201
    newest = manager.call("GET", path).headers["ETag"]
    assert newest != off.headers["ETag"]  # a rotation is a change too
    assert manager.call("DELETE", path, seen=off.headers["ETag"]).status_code == 409
    assert manager.call("DELETE", path, seen=newest).status_code == 204
    assert manager.call("GET", path).status_code == 404
    assert manager.call("GET", "/notices/endpoints").json == {"items": [], "next": None}


def test_a_bad_channel_is_told_what_is_wrong(manager: Manager) -> None:
    bad = {"kind": "WEBHOOK", "name": "", "url": "http://127.0.0.1/", "topics": ["nothing"], "x": 1}
    refused = manager.call("POST", "/notices/endpoints", json=bad)
    assert refused.status_code == 422
    assert fields_of(refused).keys() == {"name", "topics.0", "x"}
    inside = manager.call("POST", "/notices/endpoints", json={**HOOK, "url": "https://10.0.0.1/"})
    assert (inside.status_code, fields_of(inside).keys()) == (422, {"url"})


def test_no_token_makes_a_secret(as_role: AsRole, store: Tenant) -> None:
    assert as_role(store, "MGR").post("/notices/endpoints", HOOK).status_code == 403


def test_a_text_is_written_in_the_version_that_was_seen_and_put_back(manager: Manager) -> None:
    default = manager.call("GET", TEXT)
    assert default.json is not None
    assert (default.json["version"], default.json["is_default"]) == (0, True)
    new = {"zh": "{store}:{date}还没日结!", "en": "{store}: close {date}!"}

    assert manager.call("PUT", TEXT, json=new).status_code == 428
    written = manager.call("PUT", TEXT, seen=default.headers["ETag"], json=new)
    assert (written.status_code, written.headers["ETag"]) == (200, '"1"')
    assert manager.call("PUT", TEXT, seen='"0"', json=new).status_code == 409
    strange = manager.call("PUT", TEXT, seen='"1"', json={**new, "zh": "{customer}"})
    assert fields_of(strange) == {"zh": "ENUM"}
    back = manager.call("DELETE", TEXT, seen='"1"')
    assert back.json == {**default.json, "version": 2}
    listed = manager.call("GET", "/notices/texts").json
    assert listed is not None
    assert back.json in listed["items"]
    assert manager.call("GET", "/notices/texts/no.such/staff").status_code == 404
    assert manager.call("GET", "/notices/texts/cash.unclosed/owner").status_code == 404


def test_quiet_hours_are_set_by_who_saw_the_newest(manager: Manager) -> None:
    usual = manager.call("GET", "/notices/quiet-hours")
    assert usual.json == {"begins": "22:00", "ends": "08:00"}
    assert manager.call("PUT", "/notices/quiet-hours", json=HOURS).status_code == 428
    seen = usual.headers["ETag"]
    done = manager.call("PUT", "/notices/quiet-hours", seen=seen, json=HOURS)
    assert (done.status_code, done.json) == (200, HOURS)
    assert manager.call("PUT", "/notices/quiet-hours", seen=seen, json=HOURS).status_code == 409
    assert manager.call("GET", "/notices/quiet-hours").headers["ETag"] == done.headers["ETag"]
    wrong = manager.call(
        "PUT", "/notices/quiet-hours", seen=done.headers["ETag"], json={"begins": "25:00"}
    )
    assert fields_of(wrong) == {"begins": "TYPE", "ends": "REQUIRED"}


def test_the_number_that_guests_call_is_read_back_and_checked(manager: Manager) -> None:
    assert manager.call("GET", "/notices/phone").json == {"number": None}
    new = {"number": "+86 10 8888 6666"}
    assert manager.call("PUT", "/notices/phone", json=new).json == new
    wrong = manager.call("PUT", "/notices/phone", json={"number": "12"})
    assert set(fields_of(wrong)) == {"number"}
    assert manager.call("GET", "/notices/phone").json == new


def test_of_two_windows_the_second_is_told_that_the_choice_changed(
    as_role: AsRole, store: Tenant
) -> None:
    beautician = as_role(store, "BEA")
    seen = {"If-Match": beautician.get("/notices/channels").headers["ETag"]}
    path, choice = "/notices/channels", {"channels": ["APP"]}
    assert beautician.call("PUT", path, json=choice).status_code == 428
    assert beautician.call("PUT", path, json=choice, headers=seen).status_code == 204
    assert beautician.call("PUT", path, json=choice, headers=seen).status_code == 409


@pytest.mark.parametrize("role", ["FD", "CON", "BEA", "AUD"])
def test_settings_are_the_managers_alone(as_role: AsRole, store: Tenant, role: Role) -> None:
    caller, any_id = as_role(store, role), UUID(int=7)
    for method, path in (
        ("GET", "/notices/endpoints"), ("PUT", f"/notices/endpoints/{any_id}"),
        ("DELETE", f"/notices/endpoints/{any_id}"), ("GET", "/notices/texts"), ("PUT", TEXT),
        ("GET", "/notices/quiet-hours"), ("PUT", "/notices/quiet-hours"),
        ("GET", "/notices/phone"), ("PUT", "/notices/phone"),
    ):  # fmt: skip
        assert caller.call(method, path, json={}).status_code == 403, path


def test_another_stores_channel_is_like_one_that_never_was(app: App, manager: Manager) -> None:
    stranger = Manager(app, new_store())
    foreign, seen = stranger.add()
    nowhere = f"/notices/endpoints/{UUID(int=7)}"
    change = {"name": "x", "locale": "zh", "topics": []}
    for method, end, body in (
        ("GET", "", None), ("PUT", "", change), ("PUT", "/switch", {"is_on": False}),
        ("POST", "/rotation", None), ("POST", "/test", None), ("DELETE", "", None),
    ):  # fmt: skip
        there = manager.call(method, foreign + end, seen=seen, json=body)
        never = manager.call(method, nowhere + end, seen=seen, json=body)
        assert (there.status_code, there.data) == (404, never.data), method + end
    with tenant_session(stranger.store) as session:
        found = session.execute(text("SELECT name, is_on, version FROM notice_endpoints")).all()
    assert [tuple(row) for row in found] == [(HOOK["name"], True, 1)]
