"""The second factor: set up by a code, each code once, recovery codes, no way around it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tenants import vault
from tenants.people import identity, second_factors
from tenants.registry import Tenant
from tenants.services import service
from tests.api import visitors
from tests.api.clients import CHEAP_HASH, PASSWORD, browser_of, new_login
from tests.api.visitors import enrolled, from_elsewhere, is_inside, send, sign_in
from tests.factories.tenants import new_person
from web.app import App

pytestmark = pytest.mark.shares_store

CODE = re.compile(r"<code>([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})</code>")


@pytest.fixture
def login() -> str:
    """The sign-in name of a person of the store."""
    return new_login()


@pytest.fixture
def person(store: Tenant, login: str) -> UUID:
    """A person who can sign in."""
    return new_person((store, "FD"), login=login, password_hash=CHEAP_HASH)


def test_the_password_alone_opens_nothing_once_a_factor_is_on(
    app: App, store: Tenant, person: UUID, login: str
) -> None:
    totp, _ = enrolled(person)
    client = from_elsewhere(app)

    first = sign_in(client, login)

    assert (first.status_code, first.location) == (303, "/sign-in/code")
    assert not is_inside(client)
    assert client.get(f"/s/{store.slug}/").status_code == 302
    assert client.get(f"/api/v1/s/{store.slug}/me").status_code == 401
    wrong = send(client, "/sign-in/code", code="000000")
    assert wrong.status_code == 401
    assert "验证码不正确" in wrong.text
    assert not is_inside(client)
    right = send(client, "/sign-in/code", code=f" {totp.now()[:3]} {totp.now()[3:]} ")
    assert (right.status_code, right.location) == (303, "/")
    assert is_inside(client)


def test_where_one_wanted_to_go_survives_the_second_step(
    app: App, store: Tenant, person: UUID, login: str
) -> None:
    totp, _ = enrolled(person)
    client, wanted = from_elsewhere(app), f"/s/{store.slug}/tokens"

    first = send(client, "/sign-in", login=login, password=PASSWORD, next=wanted)
    assert wanted in client.get(first.location).text
    last = send(client, "/sign-in/code", code=totp.now(), next=wanted)

    assert last.location == wanted
    stolen = send(client, "/sign-in/code", code="1", next="//evil.example")
    assert "evil" not in (stolen.location or "")


def test_a_code_opens_once_and_only_near_its_time(person: UUID) -> None:
    totp, _ = enrolled(person)
    now = datetime(2026, 3, 1, 8, 0, 10, tzinfo=UTC)

    for seconds, is_right in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        visitors.forget_steps(person)
        code = totp.at(now + timedelta(seconds=seconds))
        assert second_factors.is_right(person, code, now=now) is is_right, seconds

    visitors.forget_steps(person)
    assert second_factors.is_right(person, totp.at(now), now=now)
    assert not second_factors.is_right(person, totp.at(now), now=now)
    earlier = totp.at(now - timedelta(seconds=30))
    assert not second_factors.is_right(person, earlier, now=now)


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "\x00" * 6, "１２３４５６", "-" * 9]
)
def test_rubbish_is_no_code(person: UUID, code: str) -> None:
    enrolled(person)

    assert not second_factors.is_right(person, code, now=datetime.now(UTC))


def test_a_recovery_code_opens_once_however_it_is_typed(app: App, person: UUID, login: str) -> None:
    _, codes = enrolled(person)
    assert len(set(codes)) == second_factors.RECOVERY_CODES
    for number, typed in enumerate((codes[0], codes[1].replace("-", "").lower())):
        client = from_elsewhere(app)
        sign_in(client, login)
        assert send(client, "/sign-in/code", code=typed).status_code == 303
        assert second_factors.standing(person).codes_left == len(codes) - 1 - number

    again = from_elsewhere(app)
    sign_in(again, login)
    assert send(again, "/sign-in/code", code=codes[0]).status_code == 401


def test_codes_cannot_be_guessed_at_leisure(app: App, person: UUID, login: str) -> None:
    totp, _ = enrolled(person)
    for _ in range(2):  # a new step is no new allowance
        client = from_elsewhere(app)
        sign_in(client, login)
        for _ in range(5):
            assert send(client, "/sign-in/code", code="000000").status_code == 401

    refused = send(client, "/sign-in/code", code=totp.now())

    assert refused.status_code == 429

    assert not is_inside(client)


def test_a_step_that_took_too_long_begins_anew(app: App, person: UUID, login: str) -> None:
    totp, _ = enrolled(person)
    client = from_elsewhere(app)
    sign_in(client, login)
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.links SET expires_at = now() WHERE person_id = %s", [person]
        )

    late = send(client, "/sign-in/code", code=totp.now())

    assert late.location == "/sign-in"
    assert not is_inside(client)
    assert client.get("/sign-in/code").location == "/sign-in"


def test_setting_up_shows_a_picture_then_codes_once_and_ends_other_sessions(
    app: App, person: UUID, login: str
) -> None:
    client, other = from_elsewhere(app), from_elsewhere(app)
    sign_in(client, login)
    sign_in(other, login)

    begun = send(client, "/account/second-factor")
    assert begun.status_code == 200
    assert 'src="data:image/svg+xml' in begun.text
    secret = re.search(r'id="factor-key">([A-Z2-7 ]+)<', begun.text)
    assert secret
    key = secret[1].replace(" ", "")
    assert key == second_factors.begin(person)  # loading it again changes nothing
    wrong = send(client, "/account/second-factor/confirmation", code="000000")
    assert wrong.status_code == 422
    assert second_factors.standing(person).since is None

    done = send(client, "/account/second-factor/confirmation", code=visitors.pyotp.TOTP(key).now())
    assert done.status_code == 200
    assert done.headers["Cache-Control"] == "no-store"
    assert len(CODE.findall(done.text)) == second_factors.RECOVERY_CODES
    assert not is_inside(other)
    assert "已于" in client.get("/account").text

    fresh_codes = CODE.findall(send(client, "/account/second-factor/recovery-codes").text)
    assert len(fresh_codes) == second_factors.RECOVERY_CODES
    assert not set(fresh_codes) & set(CODE.findall(done.text))
    assert send(client, "/account/second-factor/removal").status_code == 303
    assert second_factors.standing(person) == second_factors.SecondFactor(None, 0)
    assert sign_in(from_elsewhere(app), login).location == "/"


def test_nothing_about_the_factor_happens_in_a_stale_session(
    app: App, person: UUID, login: str
) -> None:
    totp, codes = enrolled(person)
    client = browser_of(app, person)
    visitors.make_stale(person)

    for path in ("", "/confirmation", "/recovery-codes", "/removal"):
        answer = send(client, f"/account/second-factor{path}")
        assert answer.status_code == 403
        assert 'name="confirm_password"' in answer.text
    assert second_factors.standing(person).codes_left == len(codes)

    by_code = send(client, "/account/second-factor/removal", confirm_code=totp.now())
    assert by_code.status_code == 303
    assert second_factors.standing(person).since is None


def test_what_the_registry_keeps_tells_no_secret(person: UUID, store: Tenant) -> None:
    totp, codes = enrolled(person)
    with service("app_auth") as connection:
        factor = connection.execute(
            "SELECT secret FROM registry.second_factors WHERE person_id = %s", [person]
        ).fetchone()
        kept = connection.execute(
            "SELECT code_hash FROM registry.recovery_codes WHERE person_id = %s", [person]
        ).fetchall()
    assert factor

    assert totp.secret.encode() not in factor["secret"]
    assert all(
        code.replace("-", "").encode() not in row["code_hash"] for code in codes for row in kept
    )
    other = new_person((store, "FD"))
    with pytest.raises(vault.SealBroken):
        vault.opened(factor["secret"], purpose="second-factor", owner=str(other))
    spoilt = bytes([factor["secret"][0] ^ 1]) + factor["secret"][1:]
    with pytest.raises(vault.SealBroken):
        vault.opened(spoilt, purpose="second-factor", owner=str(person))


def test_a_person_without_a_factor_has_no_code(person: UUID) -> None:
    assert not second_factors.is_right(person, "123456", now=datetime.now(UTC))
    assert second_factors.confirm(person, "123456", now=datetime.now(UTC)) is None
    assert identity.credentials("nobody-at-all") is None
