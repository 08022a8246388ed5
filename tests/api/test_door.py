"""Who is let in: sessions, tokens, tenants, CSRF, roles, in that order of refusal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tenants import provisioning
from tenants.moving import retiring
from tenants.people import identity
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.services import service
from tests.api.clients import Caller, browser_of, csrf_of
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
ITEM = {
    "code": "F-01",
    "name": "面部护理",
    "category": "FACIAL",
    "price_fen": 19800,
    "on_sale_from": "2025-01-01",
}


@pytest.mark.shares_store
def test_an_anonymous_call_is_told_to_sign_in_and_a_page_is_sent_there(
    anonymous: FlaskClient, store: Tenant
) -> None:
    answer = anonymous.get(f"/api/v1/s/{store.slug}/items")
    unknown = anonymous.get("/api/v1/s/no-such-shop/items")
    page = anonymous.get(f"/s/{store.slug}/whatever?a=1")

    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["code"] == "UNAUTHENTICATED"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert unknown.status_code == 401  # no hint whether the slug exists
    assert page.status_code == 302
    assert page.headers["Location"] == f"/sign-in?next=/s/{store.slug}/whatever?a%3D1"


@pytest.mark.shares_store
@pytest.mark.parametrize(
    "slug", ["foreign", "unknown", "UPPER", "a%00b", "t_aaaaaaaaaa", "retired", "%F0%9F%92%84", "-"]
)
def test_a_slug_that_is_not_mine_is_the_same_404_whatever_it_is(
    app: App, as_role: AsRole, store: Tenant, slug: str
) -> None:
    caller = as_role(store, "MGR")
    own_missing = caller.get("/items/999")
    if slug == "foreign":
        slug = new_store().slug
    elif slug == "UPPER":
        slug = store.slug.upper()
    elif slug == "retired":
        gone = new_store()
        provisioning.grant_role(caller.person_id, gone, "MGR")
        retiring.retire(gone, export_to=None)
        slug = gone.slug

    answers = [
        caller.call(method, "/items", slug=slug, json=ITEM)
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.data for answer in answers} == {own_missing.data}


@pytest.mark.shares_store
def test_a_token_opens_only_the_tenant_it_was_made_for(app: App, store: Tenant) -> None:
    other = new_store()
    person = new_person((store, "MGR"), (other, "MGR"))
    caller = Caller.with_token(app, person, store)

    assert caller.get("/items").status_code == 200
    assert caller.get("/items", slug=other.slug).status_code == 404


@pytest.mark.shares_store
def test_headers_that_name_another_tenant_are_ignored(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    caller = as_role(store, "MGR")

    answer = caller.get(
        "/me",
        headers={
            "X-Tenant": other.slug,
            "X-Tenant-ID": other.name,
            "X-Forwarded-Host": "evil.example",
            "X-HTTP-Method-Override": "DELETE",
        },
    )

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["tenant"] == store.display_name


@pytest.mark.shares_store
def test_a_session_ends_when_idle_and_after_a_whole_day(app: App, store: Tenant) -> None:
    person = new_person((store, "MGR"))
    now = datetime.now(UTC)
    path = f"/api/v1/s/{store.slug}/me"

    assert browser_of(app, person, now=now).get(path).status_code == 200
    assert browser_of(app, person, now=now - identity.IDLE).get(path).status_code == 401
    assert browser_of(app, person, now=now - timedelta(days=2)).get(path).status_code == 401


@pytest.mark.shares_store
def test_a_tampered_or_forged_cookie_is_nobody(app: App, store: Tenant) -> None:
    client = browser_of(app, new_person((store, "MGR")))
    cookie = client.get_cookie("rollbook")
    assert cookie is not None
    path = f"/api/v1/s/{store.slug}/me"

    for value in (cookie.value[:-3] + "abc", cookie.value[:20], "", "a.b.c"):
        client.set_cookie("rollbook", value)
        assert client.get(path).status_code == 401


def test_a_disabled_person_and_a_taken_role_lose_access_at_once(app: App, store: Tenant) -> None:
    person = new_person((store, "MGR"), (store, "FD"))
    client = browser_of(app, person)
    headers = csrf_of(client, store)
    path = f"/api/v1/s/{store.slug}/items"

    provisioning.revoke_role(person, store, "MGR")
    assert client.post(path, json=ITEM, headers=headers).status_code == 403
    provisioning.revoke_role(person, store, "FD")
    assert client.get(path).status_code == 404
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.people SET disabled_at = %s WHERE id = %s",
            [datetime.now(UTC), person],
        )
    assert client.get(path).status_code == 401


def test_a_browser_needs_its_own_csrf_token_and_a_token_caller_none(
    app: App, store: Tenant
) -> None:
    person = new_person((store, "MGR"))
    client, other = browser_of(app, person), browser_of(app, person)
    path = f"/api/v1/s/{store.slug}/items"
    own, foreign = csrf_of(client, store), csrf_of(other, store)

    elsewhere = ({"Origin": "null"}, {"Origin": "https://other.localhost"})
    for headers in ({}, *elsewhere, foreign, {"X-CSRFToken": "x"}):
        refused = client.post(path, json=ITEM, headers=headers)
        assert refused.status_code == 400
        assert refused.json is not None
        assert refused.json["code"] == "CSRF"
    assert client.post(path, data="{}", content_type="text/plain").status_code == 400
    assert client.post(path, json=ITEM, headers=own).status_code == 201
    caller = Caller.with_token(app, person, store)
    assert caller.post("/items", {**ITEM, "code": "F-02"}).status_code == 201


@pytest.mark.shares_store
def test_a_wrong_role_is_told_which_permission_is_missing(as_role: AsRole, store: Tenant) -> None:
    answer = as_role(store, "BEA").post("/items", {"rubbish": True})

    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "FORBIDDEN"
    assert answer.json["permission"] == "catalog:C"
    assert "catalog:C" in answer.json["detail"]


def test_a_suspended_tenant_reads_for_thirty_days_and_writes_nothing(
    as_role: AsRole, store: Tenant
) -> None:
    caller = as_role(store, "MGR")
    provisioning.suspend(store)

    assert caller.get("/items").status_code == 200
    refused = caller.post("/items", ITEM)
    assert refused.status_code == 423
    assert refused.json is not None
    assert refused.json["code"] == "TENANT_SUSPENDED"

    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.tenants SET suspended_at = %s WHERE name = %s",
            [datetime.now(UTC) - timedelta(days=31), store.name],
        )
    assert caller.get("/items").status_code == 423
    provisioning.resume(store)
    assert caller.post("/items", ITEM).status_code == 201


def test_an_address_of_stores_does_not_exist_in_a_headquarters(as_role: AsRole) -> None:
    hq = new_hq()

    answer = as_role(hq, "HQA").get("/items")

    assert answer.status_code == 200  # the catalog exists in both


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", "a b", "[::2]"])
def test_a_foreign_host_header_is_refused(anonymous: FlaskClient, host: str) -> None:
    assert anonymous.get("/healthz", headers={"Host": host}).status_code == 400


@pytest.mark.shares_store
def test_answers_to_people_are_never_stored_and_no_other_origin_may_read_them(
    as_role: AsRole, store: Tenant
) -> None:
    answer = as_role(store, "MGR").get("/me", headers={"Origin": "https://evil.example"})

    assert answer.headers["Cache-Control"] == "no-store"
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.shares_store
def test_tokens_are_made_shown_once_and_revoked_but_not_by_a_token(app: App, store: Tenant) -> None:
    person = new_person((store, "FD"))
    client = browser_of(app, person)
    headers, base = csrf_of(client, store), f"/api/v1/s/{store.slug}"

    made = client.post(f"{base}/tokens", json={"label": "till"}, headers=headers)
    assert made.status_code == 201
    assert made.json is not None
    caller = Caller(app, store, person, made.json["token"])
    assert caller.get("/me").status_code == 200
    assert caller.post("/tokens", {"label": "more"}).status_code == 403

    listed = client.get(f"{base}/tokens").json
    assert listed is not None
    (token,) = listed["items"]
    assert "token" not in token
    stranger = browser_of(app, new_person((store, "FD")))
    theirs = stranger.delete(f"{base}/tokens/{token['id']}", headers=csrf_of(stranger, store))
    assert theirs.status_code == 404
    assert client.delete(f"{base}/tokens/{token['id']}", headers=headers).status_code == 204
    assert caller.get("/me").status_code == 401


@pytest.mark.shares_store
def test_an_api_key_in_the_query_string_is_not_read(app: App, store: Tenant) -> None:
    caller = Caller.with_token(app, new_person((store, "MGR")), store)

    answer = app.test_client().get(
        f"/api/v1/s/{store.slug}/me?access_token={caller.token}&token={caller.token}"
    )

    assert answer.status_code == 401
