"""A forgotten password: one answer for every name, a link that works once, nothing bypassed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from werkzeug.test import TestResponse

from shared.config import settings
from tenants.people import accounts
from tenants.registry import Tenant
from tenants.services import service
from tests.api import visitors
from tests.api.clients import CHEAP_HASH, PASSWORD, browser_of, new_login
from tests.api.visitors import from_elsewhere, is_inside, send, sign_in
from tests.factories.tenants import new_person
from tests.mailbox import Mailbox, mail_server
from web.app import App
from workers.outgoing.post import Post

pytestmark = pytest.mark.shares_store

NEW = "trundle-violet-harbour"
LONG = "四只狐狸 walk past seven quiet harbours while nobody counts the violet trams 九点"


@pytest.fixture
def box(app: App) -> Iterator[Mailbox]:
    """A mail server that this process knows; nothing waits for it."""
    with mail_server() as served:
        with service("app_auth") as connection:
            connection.execute("DELETE FROM registry.account_mails")
        yield served


@pytest.fixture
def site(app: App, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> App:
    """The application of an installation that sends mail."""
    monkeypatch.setitem(app.config, "ROLLBOOK", settings())
    return app


@pytest.fixture
def login() -> str:
    """A sign-in name that is a mail address."""
    return new_login()


@pytest.fixture
def person(store: Tenant, login: str) -> UUID:
    """Somebody who forgot the password."""
    return new_person((store, "FD"), login=login, password_hash=CHEAP_HASH)


@pytest.fixture
def asks(site: App, box: Mailbox, person: UUID, login: str) -> Callable[[], str]:
    """Ask for a link, and read it in the mail."""

    def ask() -> str:
        asked(site, login)
        deliver()
        return box.link()

    return ask


def deliver() -> None:
    """Send what waits."""
    post = Post()
    while post.step():
        pass


def asked(site: App, name: str, **more: object) -> TestResponse:
    """Ask for a link."""
    return send(from_elsewhere(site), "/reset", login=name, **more)


def chosen(site: App, path: str, password: str = NEW, again: str | None = None) -> TestResponse:
    """Choose a new password by a link."""
    again = password if again is None else again
    return send(from_elsewhere(site), path, new_password=password, new_password_again=again)


def test_every_name_gets_the_same_answer(site: App, box: Mailbox, person: UUID, login: str) -> None:
    answers = [
        asked(site, name)
        for name in (login, login.upper(), f"x{login}", "+8613800138000", "someone", "x" * 5_000)
    ]

    def told(answer: TestResponse) -> tuple[int, list[tuple[str, str]], str]:
        headers = [(k, v) for k, v in answer.headers if k not in ("X-Request-Id", "Set-Cookie")]
        body = visitors._CSRF.sub("", answer.text)
        return answer.status_code, headers, body

    assert len({str(told(answer)) for answer in answers}) == 1
    deliver()
    assert box.recipients == [[login], [login]]


def test_every_name_costs_the_same_work(
    site: App, box: Mailbox, person: UUID, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time itself is not asserted: what is asked of the database is, statement by statement."""
    asked_for: list[list[str]] = []
    execute = psycopg.Connection.execute

    def noted(self: psycopg.Connection, query: Any, *args: Any, **more: Any) -> Any:
        asked_for[-1].append(str(query))
        return execute(self, query, *args, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", noted)
    for name in (login, f"x{login}", "+8613800138000"):
        asked_for.append([])
        assert asked(site, name).status_code == 200

    assert asked_for[0]
    assert asked_for[0] == asked_for[1] == asked_for[2]


def test_a_link_sets_the_password_once_and_ends_every_session(
    site: App, box: Mailbox, person: UUID, login: str
) -> None:
    totp, _ = visitors.enrolled(person)
    inside = browser_of(site, person)
    asked(site, login)
    deliver()
    link = box.link()

    assert box.taken[0]["To"] == login
    assert box.taken[0]["From"] == "连锁簿 <rollbook@example.test>"
    assert from_elsewhere(site).get(link).status_code == 200
    assert chosen(site, link).location == "/sign-in"

    assert not is_inside(inside)
    assert sign_in(from_elsewhere(site), login).status_code == 401
    client = from_elsewhere(site)
    assert sign_in(client, login, NEW).location == "/sign-in/code"  # the factor stays
    assert send(client, "/sign-in/code", code=totp.now()).status_code == 303
    for answer in (chosen(site, link), from_elsewhere(site).get(link)):
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "wrong"),
    [
        ("short", None, "new_password"),
        ("password1234", None, "new_password"),
        ("1234567890", None, "new_password"),
        ("x" * 10_000, None, "new_password"),
        ("丽影美容院朝阳店", None, "new_password"),
        (NEW, "another", "new_password_again"),
        (NEW, "", "new_password_again"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_and_the_link_stays(
    asks: Callable[[], str], site: App, password: str, again: str | None, wrong: str
) -> None:
    link = asks()

    refused = chosen(site, link, password, again)

    assert refused.status_code == 422
    assert f'id="{wrong}-error"' in refused.text
    assert password not in refused.text
    assert chosen(site, link, "x" * 2_000_000).status_code == 413
    assert chosen(site, link, LONG).status_code == 303  # more than 64 letters are fine


def test_a_link_that_is_old_or_of_a_former_address_opens_nothing(
    site: App, box: Mailbox, person: UUID, login: str
) -> None:
    asked(site, login)
    deliver()
    link = box.link()
    assert accounts.set_mail(person, f"new-{login}")
    assert from_elsewhere(site).get(link).status_code == 404
    assert chosen(site, link).status_code == 404

    asked(site, login)  # the old name is known; the mail goes to the new address
    deliver()
    assert box.recipients[-1] == [f"new-{login}"]
    link = box.link()
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.links SET expires_at = now() WHERE person_id = %s", [person]
        )
    assert chosen(site, link).status_code == 404
    assert sign_in(from_elsewhere(site), f"new-{login}").location == "/"


def test_a_newer_link_makes_the_older_void(
    site: App, box: Mailbox, person: UUID, login: str
) -> None:
    asked(site, login)
    deliver()
    first = box.link()
    asked(site, login)
    deliver()

    assert box.link() != first
    assert chosen(site, first).status_code == 404
    assert chosen(site, box.link()).status_code == 303


def test_a_poisoned_host_does_not_reach_the_mail(
    site: App, box: Mailbox, person: UUID, login: str
) -> None:
    client = from_elsewhere(site)
    evil = client.post("/reset", data={"login": login}, headers={"Host": "evil.example"})
    client.environ_base["HTTP_X_FORWARDED_HOST"] = "evil.example"
    send(client, "/reset", login=login)
    deliver()

    assert evil.status_code == 400
    (mail,) = box.taken
    assert "evil" not in mail.as_string()
    assert "http://127.0.0.1:8000/reset/" in mail.get_content()


def test_one_name_is_mailed_three_times_and_then_everybody_waits(
    site: App, box: Mailbox, person: UUID, login: str
) -> None:
    for name in (login, f"unknown-{login}"):
        statuses = [asked(site, name).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
    deliver()
    assert len(box.taken) == 3


def test_nothing_secret_is_kept_and_rubbish_links_are_like_used_ones(
    site: App, box: Mailbox, person: UUID, login: str
) -> None:
    asked(site, login)
    with service("app_auth") as connection:
        rows = connection.execute("SELECT * FROM registry.account_mails").fetchall()
        links = connection.execute(
            "SELECT * FROM registry.links WHERE person_id = %s", [person]
        ).fetchall()
    assert [row["name"] for row in rows] == [login]
    assert links == []  # made in the moment the mail is written
    deliver()
    token = box.link().rpartition("/")[2]
    with service("app_auth") as connection:
        (kept,) = connection.execute(
            "SELECT * FROM registry.links WHERE person_id = %s", [person]
        ).fetchall()
    assert token.encode() not in kept["token_hash"]

    answers = [
        from_elsewhere(site).get(f"/reset/{rubbish}") for rubbish in ("x", "%00", "%F0%9F%92%84")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_an_installation_without_mail_says_so_to_everybody(app: App, login: str) -> None:
    page = from_elsewhere(app).get("/reset")
    assert "未配置邮件" in page.text
    assert send(from_elsewhere(app), "/reset", login=login).location == "/reset"
    with service("app_auth") as connection:
        asked_for = connection.execute(
            "SELECT * FROM registry.account_mails WHERE name = %s", [login]
        ).fetchall()
    assert asked_for == []


def test_a_disabled_person_gets_no_link(site: App, box: Mailbox, person: UUID, login: str) -> None:
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.people SET disabled_at = %s WHERE id = %s", [datetime.now(UTC), person]
        )
    asked(site, login)
    deliver()

    assert box.taken == []
    assert sign_in(from_elsewhere(site), login, PASSWORD).status_code == 401
