"""Cookies and tokens that are not what they seem; keys that change; logs that keep none of it."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.config import Settings, settings
from tenants.people import identity
from tenants.registry import Tenant
from tenants.services import service
from tests.api.clients import CHEAP_HASH, PASSWORD, Caller, browser_of, new_address, new_login
from tests.api.visitors import from_elsewhere, is_inside, send, sign_in
from tests.factories.tenants import new_person
from web.app import App, create_app

pytestmark = pytest.mark.shares_store

OLD, NEW = "o" * 40, "n" * 40
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImF1ZCI6InJvbGxib29rIn0."


@pytest.fixture
def login() -> str:
    """A sign-in name."""
    return new_login()


@pytest.fixture
def person(store: Tenant, login: str) -> UUID:
    """Somebody who can sign in."""
    return new_person((store, "FD"), login=login, password_hash=CHEAP_HASH)


def site(**changed: str) -> App:
    """The application with other settings."""
    return create_app({"TESTING": True}, dataclasses.replace(_settings(), **changed))


def _settings() -> Settings:
    return settings()


def with_cookies(app: App, given: FlaskClient) -> FlaskClient:
    """A browser at this application with another browser's cookies."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = new_address()
    for name in ("rollbook", "known"):
        if cookie := given.get_cookie(name):
            client.set_cookie(name, cookie.value)
    return client


@pytest.mark.usefixtures("person")
def test_a_former_key_is_read_and_signs_nothing_and_one_longer_gone_opens_nothing(
    login: str,
) -> None:
    before, between, after = (
        site(secret_key=OLD),
        site(secret_key=NEW, former_secret_key=OLD),
        site(secret_key=NEW),
    )
    signed = from_elsewhere(before)
    assert sign_in(signed, login).status_code == 303

    moved = with_cookies(between, signed)
    assert is_inside(moved)
    assert not is_inside(with_cookies(after, signed))
    send(moved, "/sign-out")
    assert sign_in(moved, login).status_code == 303  # signed anew, by the new key
    assert is_inside(with_cookies(after, moved))
    assert not is_inside(with_cookies(before, moved))


def test_by_tls_every_cookie_is_bound_to_this_host_and_to_tls(login: str, person: UUID) -> None:
    client = from_elsewhere(site(public_url="https://rollbook.example.test"))
    way = {
        "base_url": "https://rollbook.example.test",
        "headers": {"Referer": "https://rollbook.example.test/sign-in"},
    }
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", **way).text)
    assert token
    typed = {"csrf_token": token[1], "login": login, "password": PASSWORD}
    answer = client.post("/sign-in", data=typed, **way)

    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-rollbook", "__Host-known"}
    for cookie in cookies:
        attributes = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
        assert not [part for part in attributes if part.startswith("Domain")]
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    from_abroad = {**way, "headers": {"Referer": "https://evil.example/"}}
    assert client.post("/sign-in", data=typed, **from_abroad).status_code == 400


def test_a_session_in_use_ends_after_a_working_day(app: App, person: UUID) -> None:
    client, now = browser_of(app, person), datetime.now(UTC)
    for hours, inside in ((11, True), (12, False)):
        with service("app_auth") as connection:
            connection.execute(
                "UPDATE registry.sessions SET created_at = %s, seen_at = %s WHERE person_id = %s",
                [now - timedelta(hours=hours, seconds=1), now, person],
            )
        assert is_inside(client) is inside
    assert timedelta(hours=12) == identity.LONGEST


def test_a_cookie_sent_again_after_signing_out_opens_nothing(
    app: App, login: str, person: UUID
) -> None:
    client = from_elsewhere(app)
    sign_in(client, login)
    kept = with_cookies(app, client)
    assert is_inside(kept)

    send(client, "/sign-out")

    assert not is_inside(kept)


@pytest.mark.parametrize(
    "proof",
    [
        "Bearer",
        "Bearer ",
        f"Bearer {JWT}",
        "Bearer rb_",
        "Bearer \u00e9",
        "Basic YTpi",
        "bearer x y",
    ]
    + ["Bearer ' OR 1=1 --", "Bearer " + "x" * 5_000, "Token {token}", "Bearer {token}x"],
)
def test_what_is_no_token_of_ours_is_nobody(app: App, store: Tenant, proof: str) -> None:
    caller = Caller.with_token(app, new_person((store, "MGR")), store)
    path = f"/api/v1/s/{store.slug}/me"
    client = app.test_client()

    good = client.get(path, headers={"Authorization": f"Bearer {caller.token}"})
    answer = client.get(path, headers={"Authorization": proof.format(token=caller.token)})

    assert (good.status_code, answer.status_code) == (200, 401)


@pytest.mark.usefixtures("person")
def test_who_was_refused_too_often_is_told_when_to_come_again(app: App, login: str) -> None:
    client = from_elsewhere(app)

    answers = [sign_in(client, login, "wrong") for _ in range(11)]

    assert "Retry-After" not in answers[0].headers
    assert answers[10].status_code == 429
    assert answers[10].headers["Retry-After"] == "900"


def test_nothing_secret_and_no_foreign_line_gets_into_the_log(
    app: App, store: Tenant, login: str, person: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    client, forged = from_elsewhere(app), '\x1b[31mred\r\n{"event": "forged"}'
    caller = Caller.with_token(app, person, store)
    capsys.readouterr()
    answers: list[TestResponse] = [
        sign_in(client, login, "wrong-secret-word"),
        sign_in(client, f"{login}\n{forged}", "another-secret-word"),
        sign_in(client, login),
        client.get(f"/s/{store.slug}/x?access_token={caller.token}&a={forged}"),
        client.get(
            "/nowhere/\x1b[31m/forged\n", headers={"User-Agent": forged.replace("\r\n", "")}
        ),
        caller.get("/me", headers={"X-Request-Id": "forged"}),
    ]
    cookie = client.get_cookie("rollbook")

    printed = capsys.readouterr().err
    assert cookie
    assert [answer.status_code for answer in answers] == [401, 401, 303, 404, 404, 200]
    lines = [json.loads(line) for line in printed.splitlines()]  # each is a line of ours
    assert {line["event"] for line in lines} == {"request"}
    for secret in ("secret-word", PASSWORD, caller.token, cookie.value, login, "forged", "\x1b"):
        assert secret not in printed
