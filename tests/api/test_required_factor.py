"""A headquarters opens with a second factor only, after a week to set it up in."""

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest

from shared.config import settings
from tenants import vault
from tenants.people import members, second_factors
from tenants.people.people_log import Act
from tenants.registry import Tenant
from tenants.services import service
from tests.api.clients import Caller, browser_of
from tests.api.visitors import enrolled, make_stale, send
from tests.factories.tenants import new_person
from web.app import App, create_app

KEY = re.compile(r'id="factor-key">([A-Z2-7 ]+)<')


@pytest.fixture
def analyst(hq: Tenant, store: Tenant) -> UUID:
    """Somebody of a headquarters and of a store, without a second factor."""
    return new_person((hq, "HQN"), (store, "MGR"))


def works_for(person_id: UUID, days: int) -> None:
    """Let somebody's memberships be that old."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.memberships SET since = %s WHERE person_id = %s",
            [datetime.now(UTC) - timedelta(days=days), person_id],
        )


def test_a_new_member_is_reminded_for_a_week_and_then_led_to_the_set_up(
    app: App, hq: Tenant, store: Tenant, analyst: UUID
) -> None:
    client, home = browser_of(app, analyst), f"/s/{hq.slug}/"
    works_for(analyst, 6)
    reminded = client.get(home)
    assert reminded.status_code == 200
    assert "动态验证码" in reminded.text
    assert f"/account/second-factor?next=/s/{hq.slug}/" in reminded.text

    works_for(analyst, 7)
    due = client.get(f"{home}stores?a=1")
    assert (due.status_code, due.location) == (
        302,
        f"/account/second-factor?next={home}stores?a%3D1",
    )
    partly = client.get(home, headers={"HX-Request": "true"})
    assert (partly.status_code, partly.headers["HX-Redirect"]) == (403, "/account/second-factor")
    token = Caller.with_token(app, analyst, hq).get("/me")
    for answer in (client.get(f"/api/v1/s/{hq.slug}/me"), token):
        assert answer.status_code == 403
        assert answer.json is not None
        assert answer.json["code"] == "SECOND_FACTOR"
    for path in ("/account", "/stores", f"/s/{store.slug}/"):
        assert client.get(path).status_code == 200, path
    assert "动态验证码" not in client.get(f"/s/{store.slug}/").text


def test_nobody_of_a_store_alone_is_told_that_it_is_asked_for(app: App, store: Tenant) -> None:
    client = browser_of(app, new_person((store, "MGR")))

    answer = client.get("/account/second-factor")

    assert (answer.status_code, answer.location) == (302, "/account")


def test_who_is_led_to_the_set_up_comes_back_with_the_factor(
    app: App, hq: Tenant, analyst: UUID
) -> None:
    works_for(analyst, 30)
    client, home = browser_of(app, analyst), f"/s/{hq.slug}/"

    explained = client.get(client.get(home).location)
    assert f'name="next" value="{home}"' in explained.text
    begun = send(client, "/account/second-factor", next=home)
    assert f'name="next" value="{home}"' in begun.text
    key = KEY.search(begun.text)
    assert key
    code = pyotp.TOTP(key[1].replace(" ", "")).now()
    done = send(client, "/account/second-factor/confirmation", code=code, next=home)

    assert f'href="{home}"' in done.text
    assert client.get(home).status_code == 200
    assert "factor" not in client.get(home).text
    assert Caller.with_token(app, analyst, hq).get("/me").status_code == 200
    evil = send(client, "/account/second-factor/recovery-codes", next="//evil.example")
    assert "evil" not in evil.text


def test_a_factor_that_is_asked_for_is_not_taken_off(app: App, hq: Tenant, analyst: UUID) -> None:
    enrolled(analyst)
    client = browser_of(app, analyst)

    assert "/account/second-factor/removal" not in client.get("/account").text
    assert send(client, "/account/second-factor/removal").status_code == 303
    assert second_factors.standing(analyst).since is not None
    assert "可以更换应用" in client.get("/account").text

    second_factors.remove(analyst)  # the operator does, for a lost phone
    works_for(analyst, 8)
    assert client.get(f"/s/{hq.slug}/").status_code == 302


def test_setting_up_late_asks_who_it_is_and_keeps_the_way_back(
    app: App, hq: Tenant, analyst: UUID
) -> None:
    client = browser_of(app, analyst)
    make_stale(analyst)

    asked = send(client, "/account/second-factor", next=f"/s/{hq.slug}/")

    assert asked.status_code == 403
    assert 'name="confirm_password"' in asked.text
    assert f'name="next" value="/s/{hq.slug}/"' in asked.text


def test_an_installation_may_ask_for_it_at_the_first_sign_in(hq: Tenant, analyst: UUID) -> None:
    strict = dataclasses.replace(settings(), second_factor_days=0)

    client = browser_of(create_app({"TESTING": True}, strict), analyst)

    assert client.get(f"/s/{hq.slug}/").location == f"/account/second-factor?next=/s/{hq.slug}/"


def test_without_a_master_key_nobody_is_kept_out(
    app: App, hq: Tenant, analyst: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_for(analyst, 30)
    monkeypatch.setattr(vault, "is_open", lambda: False)

    assert browser_of(app, analyst).get(f"/s/{hq.slug}/").status_code == 200


def test_another_role_is_no_new_week(hq: Tenant, analyst: UUID) -> None:
    works_for(analyst, 30)

    changed = members.change_roles(
        hq, analyst, ["HQA"], by=Act(actor_id=analyst, now=datetime.now(UTC))
    )

    assert datetime.now(UTC) - changed.since > timedelta(days=29)
