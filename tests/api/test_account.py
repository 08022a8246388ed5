"""One's own account: password, mail address, devices, scoped tokens, and the proof of who it is."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.config import Settings, settings
from tenants.people import accounts, api_tokens, devices, identity
from tenants.registry import Tenant
from tenants.services import service
from tests.api import visitors
from tests.api.clients import CHEAP_HASH, PASSWORD, Caller, browser_of, csrf_of
from tests.api.visitors import from_elsewhere, is_inside, send, sign_in
from tests.factories.tenants import new_person, new_store
from tests.mailbox import Mailbox, mail_server
from web.app import App, create_app
from workers.outgoing.post import Post

NEW = "trundle-violet-harbour"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def login(store: Tenant) -> str:
    """A sign-in name."""
    return f"own-{store.slug}@example.test"


@pytest.fixture
def person(store: Tenant, login: str) -> UUID:
    """Somebody who can sign in."""
    return new_person((store, "FD"), login=login, password_hash=CHEAP_HASH)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server that this process knows."""
    with mail_server() as served:
        yield served


def test_devices_are_listed_and_ended_one_by_one_or_all(app: App, person: UUID, login: str) -> None:
    here, there, third = (from_elsewhere(app) for _ in range(3))
    there.environ_base["HTTP_USER_AGENT"] = f"{FIREFOX}\x7f<script>"
    for client in (here, there, third):
        assert sign_in(client, login).status_code == 303
    page = here.get("/account").text
    assert "Firefox · Windows" in page
    assert str(there.environ_base["REMOTE_ADDR"]) in page
    assert "<script>alert" not in page
    assert page.count("退出该设备") == 2

    (other,) = [
        one for one in devices.devices(person, now=datetime.now(UTC)) if "Firefox" in one.agent
    ]
    assert send(here, f"/account/devices/{other.id}/end").status_code == 303
    assert not is_inside(there)
    assert is_inside(third)
    assert send(here, f"/account/devices/{other.id}/end").status_code == 404
    assert send(here, "/account/devices/others/end").status_code == 303
    assert not is_inside(third)
    assert is_inside(here)


def test_nobody_ends_the_session_of_another(app: App, store: Tenant, person: UUID) -> None:
    victim = browser_of(app, new_person((store, "MGR")))
    (session,) = _sessions_of_managers(store)
    attacker = browser_of(app, person)

    assert send(attacker, f"/account/devices/{session}/end").status_code == 404
    assert send(attacker, f"/account/devices/{uuid4()}/end").status_code == 404
    assert is_inside(victim)


def _sessions_of_managers(store: Tenant) -> list[UUID]:
    with service("app_auth") as connection:
        rows = connection.execute(
            "SELECT s.id FROM registry.sessions s JOIN registry.memberships m USING (person_id) "
            "WHERE m.tenant = %s AND m.role = 'MGR'",
            [store.name],
        ).fetchall()
    return [row["id"] for row in rows]


def test_the_twenty_first_session_ends_the_one_unused_longest(person: UUID) -> None:
    now = datetime.now(UTC)
    tokens = [identity.open_session(person, now=now - timedelta(minutes=30 - n)) for n in range(21)]

    alive = [identity.visit_by_session(token, slug=None, now=now) is not None for token in tokens]

    assert alive == [False] + [True] * 20


def test_changing_the_password_needs_the_old_one_and_ends_the_others(
    app: App, person: UUID, login: str
) -> None:
    here, there = from_elsewhere(app), from_elsewhere(app)
    for client in (here, there):
        sign_in(client, login)
    fields = {"new_password": NEW, "new_password_again": NEW}

    wrong = send(here, "/account/password", password="wrong", **fields)  # noqa: S106
    assert wrong.status_code == 422
    assert 'id="password-error"' in wrong.text
    assert NEW not in wrong.text
    weak = send(here, "/account/password", password=PASSWORD, new_password=login)
    assert (weak.status_code, 'id="new_password-error"' in weak.text) == (422, True)
    assert is_inside(there)
    before = here.get_cookie("rollbook")
    assert send(here, "/account/password", password=PASSWORD, **fields).status_code == 303

    assert here.get_cookie("rollbook") != before
    assert is_inside(here)
    assert not is_inside(there)
    assert sign_in(from_elsewhere(app), login).status_code == 401
    assert sign_in(from_elsewhere(app), login, NEW).status_code == 303


def test_a_mail_address_becomes_ones_own_by_a_link_to_it(
    box: Mailbox, person: UUID, login: str, store: Tenant
) -> None:
    site, address = create_app({"TESTING": True}), f"second-{login}"
    client = browser_of(site, person)
    for bad in ("", "x", "a@b", f"{address}\r\nBcc: x@y.zz", "a b@example.test"):
        refused = send(client, "/account/address", address=bad)
        assert refused.status_code == 422, bad
        assert 'id="address-error"' in refused.text
    assert send(client, "/account/address", address=address.upper()).status_code == 303
    while Post().step():
        pass
    assert box.recipients[-1] == [address]
    link = box.link()

    stranger = browser_of(site, new_person((store, "FD")))
    assert stranger.get(link).status_code == 404
    assert send(stranger, link).status_code == 404
    assert accounts.mail_of(person) == login
    assert address in client.get(link).text
    assert accounts.mail_of(person) == login  # looking keeps nothing
    assert send(client, link).status_code == 303
    assert accounts.mail_of(person) == address
    assert send(client, link).status_code == 404
    for name in (login, address):
        assert sign_in(from_elsewhere(site), name).status_code == 303


def test_an_address_of_another_account_is_not_taken_over(person: UUID, store: Tenant) -> None:
    other = f"other-{store.slug}@example.test"
    theirs = new_person((store, "FD"), login=other)
    assert accounts.set_mail(theirs, f"mail-{other}")

    assert not accounts.set_mail(person, other)
    assert not accounts.set_mail(person, f"mail-{other}")
    found = identity.credentials(f"mail-{other}")
    assert found
    assert found.person.id == theirs


def test_a_stale_session_proves_itself_on_a_page_or_over_the_api(
    app: App, store: Tenant, person: UUID
) -> None:
    client = browser_of(app, person)
    own, base = csrf_of(client, store), f"/api/v1/s/{store.slug}"
    assert client.post(f"{base}/tokens", json={"label": "a"}, headers=own).status_code == 201
    visitors.make_stale(person)

    refused = client.post(f"{base}/tokens", json={"label": "b"}, headers=own)
    assert refused.status_code == 403
    assert refused.json
    assert refused.json["code"] == "REAUTHENTICATE"
    for proof in ({"password": "wrong"}, {"code": "000000"}, {}):
        assert client.post(f"{base}/confirmation", json=proof, headers=own).status_code == 401
    right = client.post(f"{base}/confirmation", json={"password": PASSWORD}, headers=own)
    assert right.status_code == 204
    assert client.post(f"{base}/tokens", json={"label": "b"}, headers=own).status_code == 201

    visitors.make_stale(person)
    assert send(client, "/confirm", confirm_password="wrong").status_code == 401  # noqa: S106
    done = send(client, "/confirm", confirm_password=PASSWORD, next="//evil.example")
    assert (done.status_code, done.location) == (303, "/account")
    assert client.post(f"{base}/tokens", json={"label": "c"}, headers=own).status_code == 201


def test_guessing_at_the_proof_counts_like_signing_in(app: App, person: UUID) -> None:
    client = browser_of(app, person)
    client.environ_base["REMOTE_ADDR"] = from_elsewhere(app).environ_base["REMOTE_ADDR"]
    statuses = [
        send(client, "/confirm", confirm_password="wrong").status_code  # noqa: S106
        for _ in range(11)
    ]
    assert statuses == [401] * 10 + [429]


def test_account_pages_are_for_a_signed_in_person_and_no_token(
    app: App, store: Tenant, person: UUID
) -> None:
    token = Caller.with_token(app, person, store).token
    bearer = {"Authorization": f"Bearer {token}"}
    for method, path in (
        ("GET", "/account"),
        ("POST", "/account/password"),
        ("POST", "/account/address"),
        ("GET", "/account/address/x"),
        ("POST", "/account/address/x"),
        ("POST", f"/account/devices/{uuid4()}/end"),
        ("POST", "/account/devices/others/end"),
        ("POST", "/account/second-factor"),
        ("POST", "/account/second-factor/confirmation"),
        ("POST", "/account/second-factor/recovery-codes"),
        ("POST", "/account/second-factor/removal"),
        ("GET", "/confirm"),
        ("POST", "/confirm"),
    ):
        anonymous = app.test_client().open(path, method=method)
        assert (anonymous.status_code, (anonymous.location or "")[:8]) == (302, "/sign-in"), path
        assert app.test_client().open(path, method=method, headers=bearer).status_code == 403, path
        if method == "POST":  # from another site: no token of ours in the form
            for forged in ({}, {"X-CSRFToken": "x"}):
                answer = browser_of(app, person).post(path, headers=forged)
                assert answer.status_code == 400, path


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (["*:*"], 200, 201),
        (["*:RX"], 200, 403),
        (["catalog:*"], 200, 201),
        (["catalog:R"], 200, 403),
        (["F08:CRUAX"], 403, 403),
        (["F08:R", "catalog:CR"], 200, 201),
    ],
)
def test_a_token_does_what_its_scopes_and_its_person_may(
    app: App, store: Tenant, scopes: list[str], reads: int, writes: int
) -> None:
    manager = new_person((store, "MGR"))
    item = {
        "code": "F-01", "name": "护理", "category": "FACIAL", "price_fen": 1,
        "on_sale_from": "2025-01-01",
    }  # fmt: skip
    now = datetime.now(UTC)
    for person, may_write in ((manager, True), (new_person((store, "BEA")), False)):
        secret = api_tokens.make_api_token(person, store, label="x", now=now, scopes=scopes)
        caller = Caller(app, store, person, secret)
        assert caller.get("/items").status_code == reads
        assert caller.post("/items", item).status_code == (writes if may_write else 403)


def test_a_reading_token_changes_nothing_that_every_member_may(app: App, store: Tenant) -> None:
    person = new_person((store, "MGR"))
    now = datetime.now(UTC)
    secret = api_tokens.make_api_token(person, store, label="x", now=now, scopes=["*:RX"])
    caller = Caller(app, store, person, secret)

    assert caller.get("/me").status_code == 200
    assert caller.post("/confirmation", {"password": PASSWORD}).status_code == 403


def test_a_token_ends_by_itself(app: App, store: Tenant, person: UUID) -> None:
    now = datetime.now(UTC)
    for days, status in ((1, 200), (-1, 401)):
        secret = api_tokens.make_api_token(
            person, store, label="x", now=now, expires_at=now + timedelta(days=days)
        )
        assert Caller(app, store, person, secret).get("/me").status_code == status


def test_scopes_and_days_are_checked_when_a_token_is_made(
    app: App, store: Tenant, person: UUID
) -> None:
    client = browser_of(app, person)
    own, base = csrf_of(client, store), f"/api/v1/s/{store.slug}/tokens"
    for more in (
        {"scopes": []},
        {"scopes": ["*"]},
        {"scopes": ["nothing:R"]},
        {"scopes": ["F08:Z"]},
        {"scopes": "F08:R"},
        {"scopes": [1]},
        {"days": 0},
        {"days": 367},
        {"days": "30"},
        {"days": True},
    ):
        refused = client.post(base, json={"label": "x", **more}, headers=own)
        assert refused.status_code == 422, more
    made = client.post(base, json={"label": "x", "scopes": ["F08:R"], "days": 30}, headers=own)
    assert made.status_code == 201
    listed = client.get(base).json
    assert listed
    (token,) = listed["items"]
    assert token["scopes"] == ["F08:R"]
    assert re.match(r"20\d\d-", token["expires_at"])

    page = send(client, f"/s/{store.slug}/tokens", label="y", verbs="RX", resources=["F08", "F10"])
    assert page.status_code == 200
    newest = api_tokens.api_tokens(person, store)[0]
    assert newest.scopes == ("F08:RX", "F10:RX")
    assert newest.expires_at is not None
    for bad in ({"verbs": "Z"}, {"resources": ["nothing"]}, {"days": "many"}):
        assert send(client, f"/s/{store.slug}/tokens", label="z", **bad).status_code == 422


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(
    app: App, store: Tenant, login: str, person: UUID
) -> None:
    client = from_elsewhere(app)
    answer = sign_in(client, login)
    secure = create_app({"TESTING": True}, settings=_https())

    for header in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in header
        assert "SameSite=Lax" in header
        assert "Path=/" in header
    assert secure.config["SESSION_COOKIE_NAME"] == "__Host-rollbook"
    assert secure.config["KNOWN_BROWSER_COOKIE"] == "__Host-known"
    assert secure.config["SESSION_COOKIE_SECURE"]
    token = client.get_cookie("rollbook")
    assert token
    assert len(token.value) > 43
    other = new_store()
    assert client.get(f"/s/{other.slug}/").status_code == 404


def _https() -> Settings:
    return dataclasses.replace(settings(), public_url="https://rollbook.example.test")
