"""One's own API tokens as a page: shown once, listed without the secret, revoked for good."""

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from tenants.people import api_tokens
from tenants.registry import Tenant
from tests.api.clients import Caller, browser_of, csrf_of
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App

pytestmark = pytest.mark.shares_store

SECRET = re.compile(r"rb_[\w-]{43}")


def at_home(app: App, person: UUID, tenant: Tenant) -> FlaskClient:
    """A browser in which this person works here."""
    client = browser_of(app, person)
    client.environ_base["HTTP_X_CSRFTOKEN"] = csrf_of(client, tenant)["X-CSRFToken"]
    return client


def path_of(tenant: Tenant, token: api_tokens.ApiToken | None = None) -> str:
    """The page, or the place where a token is revoked."""
    base = f"/s/{tenant.slug}/tokens"
    return f"{base}/{token.id}/revocation" if token else base


def made_for(person: UUID, tenant: Tenant) -> api_tokens.ApiToken:
    """Make a token behind the page's back."""
    api_tokens.make_api_token(person, tenant, label="收银对接", now=datetime.now(UTC))
    return api_tokens.api_tokens(person, tenant)[0]


def test_a_token_is_shown_once_works_and_is_revoked(app: App, store: Tenant) -> None:
    person = new_person((store, "FD"))
    client = at_home(app, person, store)

    made = client.post(path_of(store), data={"label": "收银对接"})
    found = SECRET.search(made.text)
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    assert found
    program = Caller(app, store, person, found[0])
    assert program.get("/me").status_code == 200

    listed = client.get(path_of(store)).text
    assert "收银对接" in listed
    assert "从未使用" not in listed
    assert not SECRET.search(listed)

    (token,) = api_tokens.api_tokens(person, store)
    assert client.post(path_of(store, token)).status_code == 303
    assert program.get("/me").status_code == 401
    again = client.get(path_of(store)).text
    assert "令牌已撤销" in again
    assert "收银对接" not in again
    assert client.post(path_of(store, token)).status_code == 404


def test_a_token_of_a_headquarters_is_made_there(app: App) -> None:
    hq = new_hq()
    client = at_home(app, new_person((hq, "HQN")), hq)

    assert SECRET.search(client.post(path_of(hq), data={"label": "报表"}).text)


def test_nobody_unknown_gets_a_token(app: App, store: Tenant) -> None:
    person = new_person((store, "MGR"))
    token = made_for(person, store)

    for method, path in (
        ("GET", path_of(store)),
        ("POST", path_of(store)),
        ("POST", path_of(store, token)),
    ):
        answer = app.test_client().open(path, method=method, data={"label": "x"})
        assert (answer.status_code, answer.location[:8]) == (302, "/sign-in")
    assert api_tokens.api_tokens(person, store) == [token]


def test_a_token_makes_lists_and_revokes_no_token(app: App, store: Tenant) -> None:
    caller = Caller.with_token(app, new_person((store, "MGR")), store)
    (own,) = api_tokens.api_tokens(caller.person_id, store)
    headers = {"Authorization": f"Bearer {caller.token}"}

    for method, path in (
        ("GET", path_of(store)),
        ("POST", path_of(store)),
        ("POST", path_of(store, own)),
    ):
        answer = app.test_client().open(path, method=method, headers=headers, data={"label": "x"})
        assert answer.status_code == 403
    assert [token.id for token in api_tokens.api_tokens(caller.person_id, store)] == [own.id]


def test_the_token_of_another_person_or_place_is_like_none(app: App, store: Tenant) -> None:
    other = new_store()
    person = new_person((store, "FD"), (other, "FD"))
    elsewhere = made_for(person, other)
    colleague = new_person((store, "MGR"))
    theirs = made_for(colleague, store)
    client = at_home(app, person, store)

    for token in (elsewhere, theirs):
        assert client.post(path_of(store, token)).status_code == 404
    nowhere = client.post(f"{path_of(store)}/{uuid4()}/revocation")
    assert nowhere.status_code == 404
    assert "收银对接" not in client.get(path_of(store)).text
    assert api_tokens.api_tokens(person, other) == [elsewhere]
    assert api_tokens.api_tokens(colleague, store) == [theirs]

    stranger = browser_of(app, new_person((other, "MGR")))
    assert stranger.get(path_of(store)).status_code == 404


def test_a_token_without_a_good_name_is_refused_and_the_name_kept(app: App, store: Tenant) -> None:
    person = new_person((store, "FD"))
    client = at_home(app, person, store)

    for label in ("", "   ", "长" * 81, "a\x00b"):
        answer = client.post(path_of(store), data={"label": label})
        assert answer.status_code == 422
        assert answer.text.count("field-error") == 1
    assert f'value="{"长" * 81}"' in client.post(path_of(store), data={"label": "长" * 81}).text
    assert api_tokens.api_tokens(person, store) == []
