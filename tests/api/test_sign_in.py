"""Signing in: one answer for whatever is wrong, limits, a new session each time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from flask import session

from tenants.people import identity
from tenants.registry import Tenant
from tests.api.clients import CHEAP_HASH, PASSWORD, new_login
from tests.api.visitors import send
from tests.factories.tenants import new_person
from web.app import App
from web.people import sign_in

pytestmark = pytest.mark.shares_store

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
_addresses = (f"10.1.{n // 250}.{n % 250}" for n in range(60_000))


@pytest.fixture
def in_request(app: App) -> Iterator[None]:
    """A request from an address that nobody used before."""
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": next(_addresses)}):
        yield


def _person(store: Tenant, login: str) -> None:
    new_person((store, "FD"), login=login, password_hash=CHEAP_HASH)


@pytest.mark.usefixtures("in_request")
def test_signing_in_starts_a_new_session_and_signing_out_kills_it(store: Tenant) -> None:
    login = new_login()
    _person(store, login)
    session["csrf_token"] = "from before"  # noqa: S105 not a secret

    person = sign_in.sign_in(login.upper(), PASSWORD, now=NOW)
    first = session["token"]
    sign_in.sign_in(login, PASSWORD, now=NOW)

    assert person.login == login
    assert session["token"] != first
    assert "csrf_token" not in session
    assert identity.visit_by_session(first, slug=None, now=NOW) is None
    second = session["token"]
    sign_in.sign_out()
    assert not session
    assert identity.visit_by_session(second, slug=None, now=NOW) is None


@pytest.mark.usefixtures("in_request")
@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("known", "wrong"),
        ("known", ""),
        ("known", "x" * 1_000_000),
        ("known", "\x00\ud800"),
        ("unknown", PASSWORD),
        ("un\x00known", PASSWORD),
        ("x" * 10_000, PASSWORD),
        ("without-password", PASSWORD),
    ],
)
def test_whatever_is_wrong_gets_one_answer(store: Tenant, login: str, password: str) -> None:
    mark = new_login()
    _person(store, f"known-{mark}")
    new_person((store, "FD"), login=f"without-password-{mark}")
    asked = f"{login}-{mark}"

    with pytest.raises(sign_in.WrongPassword) as refused:
        sign_in.sign_in(asked, password, now=NOW)

    assert refused.value.message_en == "Login or password is wrong."
    assert "token" not in session


def test_an_account_is_throttled_from_one_address_but_open_from_another(
    app: App, store: Tenant
) -> None:
    login = new_login()
    _person(store, login)
    attacker, owner = next(_addresses), next(_addresses)

    with app.test_request_context("/", environ_base={"REMOTE_ADDR": attacker}):
        for _ in range(10):
            with pytest.raises(sign_in.WrongPassword):
                sign_in.sign_in(login, "wrong", now=NOW)
        with pytest.raises(sign_in.TooManyAttempts):
            sign_in.sign_in(login, PASSWORD, now=NOW)
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": owner}):
        assert sign_in.sign_in(login, PASSWORD, now=NOW).login == login
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": attacker}):
        later = NOW + timedelta(minutes=16)
        assert sign_in.sign_in(login, PASSWORD, now=later).login == login


def test_one_address_may_not_try_a_password_on_many_accounts(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "_verify", lambda stored, password: False)

    with app.test_request_context("/", environ_base={"REMOTE_ADDR": next(_addresses)}):
        for number in range(120):
            with pytest.raises(sign_in.WrongPassword):
                sign_in.sign_in(f"nobody-{number}", PASSWORD, now=NOW)
        with pytest.raises(sign_in.TooManyAttempts):
            sign_in.sign_in("nobody-120", PASSWORD, now=NOW)


@pytest.mark.usefixtures("in_request")
def test_an_unknown_login_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(sign_in, "_verify", lambda stored, password: bool(seen.append(stored)))

    with pytest.raises(sign_in.WrongPassword):
        sign_in.sign_in("nobody-at-all", PASSWORD, now=NOW)

    assert seen[0].startswith("$argon2id$")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https:evil.example",
        "https://evil.example/",
        "\\\\evil",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/a\r\nSet-Cookie: x=1",
        "user@evil.example",
        "///evil.example",
        "",
        None,
    ],
)
def test_next_leads_nowhere_but_home(target: str | None) -> None:
    assert sign_in.own_site(target, otherwise="/stores") == "/stores"


@pytest.mark.parametrize(
    "target", ["/%2f%2fevil.example", "/%5cevil.example", "/x?next=//evil.example", "/x//evil"]
)
def test_what_looks_like_a_host_further_on_stays_on_our_site(app: App, target: str) -> None:
    client = app.test_client()
    answer = send(client, "/language", language="zh", next=target)

    assert answer.status_code == 303
    parts = urlsplit(urljoin("http://localhost/language", answer.location))
    assert parts.netloc == "localhost"


def test_next_leads_back_to_where_one_came_from() -> None:
    assert sign_in.own_site("/s/a-b/sales?day=1", otherwise="/") == "/s/a-b/sales?day=1"
