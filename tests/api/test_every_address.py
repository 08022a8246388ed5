"""All addresses, generated from the router: who gets in, and what strangers see."""

from datetime import UTC, datetime
from itertools import product

import pytest

from tenants import provisioning
from tenants.people import members, permissions
from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.addresses import ANY_METHOD, Address, tenant_addresses
from tests.api.clients import Caller, browser_of, csrf_of
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App
from web.people import freshness

SECRET = "顾客王小明 13800001234 SELECT"


@pytest.mark.shares_store
def test_nobody_gets_in_unknown(app: App, store: Tenant) -> None:
    client = app.test_client()
    for address in tenant_addresses(app):
        for slug in (store.slug, "no-such-shop"):
            answer = client.open(address.in_tenant(slug), method=address.method)
            assert answer.status_code == (401 if address.is_api else 302), str(address)


def test_a_member_of_another_tenant_sees_one_404_everywhere(app: App, store: Tenant) -> None:
    other = new_store()
    person = new_person((other, "MGR"))
    client = browser_of(app, person)
    seen: dict[bool, set[bytes]] = {True: set(), False: set()}

    served: dict[str, set[str]] = {}
    places = {found.template: found for found in tenant_addresses(app)}
    for number, found in enumerate(tenant_addresses(app)):
        another = ANY_METHOD[number % len(ANY_METHOD)]  # one that is not there, or another one
        served.setdefault(found.template, {"GET"}).update({found.method, another})
    asked = [(places[template], method) for template in served for method in served[template]]
    assert {method for _, method in asked} == set(ANY_METHOD)
    for (place, method), slug in product(asked, (store.slug, "no-such-shop")):
        answer = client.open(place.in_tenant(slug), method=method, json={})
        assert answer.status_code == 404, (method, place.template)
        if method != "HEAD":
            seen[place.is_api].add(answer.data)

    assert [len(bodies) for bodies in seen.values() if bodies] == [1] * len(
        [bodies for bodies in seen.values() if bodies]
    )


@pytest.mark.parametrize(
    ("kind", "role"), [(kind, role) for kind, roles in members.ROLES_OF.items() for role in roles]
)
def test_every_role_may_do_exactly_what_the_matrix_says(app: App, kind: str, role: Role) -> None:
    tenant = new_store() if kind == "store" else new_hq()
    caller = Caller.with_token(app, new_person((tenant, role)), tenant)
    client = app.test_client()
    headers = {"Authorization": f"Bearer {caller.token}"}

    for address in tenant_addresses(app):
        answer = client.open(
            address.in_tenant(tenant.slug), method=address.method, headers=headers, json={}
        )
        assert answer.headers["Cache-Control"] == "no-store", str(address)
        body = answer.data.decode(errors="replace")  # it may be a workbook
        _check(address, answer.status_code, body, tenant=tenant, role=role)


def _check(address: Address, status: int, body: str, *, tenant: Tenant, role: str) -> None:
    access = address.access
    told = (str(address), role, status, body[:300])
    assert status < 500, told
    if access.only is not None and access.only != tenant.kind:
        assert status == 404, told
    elif access.is_fresh:
        assert status == 403, told  # whatever the role: a token proves nobody's presence
        allowed = not access.resource or permissions.allowed(
            [role], access.resource, access.verb or ""
        )
        assert ("缺少" in body) != allowed, told
    elif access.resource is None or access.verb is None:
        assert status != 401, told
    elif permissions.allowed([role], access.resource, access.verb):
        assert status not in (401, 403), told
    else:
        assert status == 403, told
        assert f"{access.resource}:{access.verb}" in body, told


def test_no_browser_changes_anything_without_its_csrf_token(app: App) -> None:
    for tenant in (new_store(), new_hq()):
        client = browser_of(app, new_person(*((tenant, role) for role in permissions.ROLES)))
        for address in _unsafe(app):
            refused = client.open(address.in_tenant(tenant.slug), method=address.method, data={})
            assert refused.status_code == 400, str(address)


def test_a_suspended_tenant_is_read_and_not_written(app: App) -> None:
    for tenant in (new_store(), new_hq()):
        person = new_person(*((tenant, role) for role in permissions.ROLES))
        headers = {"Authorization": f"Bearer {Caller.with_token(app, person, tenant).token}"}
        provisioning.suspend(tenant)
        for address in tenant_addresses(app):
            answer = app.test_client().open(
                address.in_tenant(tenant.slug), method=address.method, headers=headers, json={}
            )
            assert (answer.status_code == 423) == (address.method != "GET"), str(address)


@pytest.mark.shares_store
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/s/{}/items/",
        "//api/v1/s/{}/items",
        "/api/v1/s/{}//items",
        "/api/v1//s/{}/items",
        "/api/v1/s/{}/items;jsessionid=1",
        "/api/v1/s/{}%2fitems",
        "/api/v1/s/x/../{}/items",
        "/api/v1/s/{}/items%00",
        "/API/v1/s/{}/items",
    ],
)
def test_an_address_written_otherwise_opens_nothing(app: App, store: Tenant, path: str) -> None:
    client = browser_of(app, new_person((new_store(), "MGR")))

    answer = client.get(path.format(store.slug), follow_redirects=True)

    assert answer.status_code in (400, 404)  # `//api` reads as a host


@pytest.mark.shares_store
def test_a_method_that_only_looks_decides_alike_and_looking_changes_nothing(
    app: App, store: Tenant
) -> None:
    caller = Caller.with_token(app, new_person((store, "BEA")), store)
    headers = {"Authorization": f"Bearer {caller.token}"}
    client, addresses = app.test_client(), tenant_addresses(app)
    looked_at = {found.template for found in addresses if found.method == "GET"}

    for address in addresses:
        path = address.in_tenant(store.slug)
        plain = client.get(path, headers=headers)
        if address.template in looked_at:
            head = client.head(path, headers=headers)
            assert (head.status_code, head.data) == (plain.status_code, b""), str(address)
        else:
            assert plain.status_code in (404, 405), str(address)  # changes by no link or picture


def test_what_is_dangerous_asks_who_it_is_after_ten_minutes(app: App) -> None:
    dangerous = [found for found in tenant_addresses(app) if found.access.is_fresh]
    assert len(dangerous) >= 8
    for tenant in (new_store(), new_hq()):
        person = new_person(*((tenant, role) for role in permissions.ROLES))
        late = browser_of(app, person, now=datetime.now(UTC) - freshness.LASTS)
        own = csrf_of(late, tenant)
        for address in dangerous:
            if address.access.only not in (None, tenant.kind):
                continue
            path = address.in_tenant(tenant.slug)
            asked = late.open(path, method=address.method, headers=own, data={"name": "typed"})
            assert asked.status_code == 403, str(address)
            if address.is_api:
                assert "REAUTHENTICATE" in asked.text
            else:
                assert 'name="confirm_password"' in asked.text
                assert 'value="typed"' in asked.text


def _unsafe(app: App) -> list[Address]:
    return [found for found in tenant_addresses(app) if found.method != "GET"]


def test_every_address_that_breaks_tells_nothing(
    app: App, store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> str:
        raise RuntimeError(SECRET)

    person = new_person(*((store, role) for role in permissions.ROLES))
    caller = Caller.with_token(app, person, store)
    browser = browser_of(app, person)
    own = csrf_of(browser, store)
    for endpoint, view in list(app.view_functions.items()):
        broken_here = lambda **_: broken()  # noqa: E731
        broken_here.__access__ = view.__access__  # type: ignore[attr-defined]
        monkeypatch.setitem(app.view_functions, endpoint, broken_here)

    for address in tenant_addresses(app):
        if address.access.only == "hq":
            continue
        by_token = {"Authorization": f"Bearer {caller.token}"}
        is_fresh = address.access.is_fresh
        answer = (browser if is_fresh else app.test_client()).open(
            address.in_tenant(store.slug),
            method=address.method,
            headers=own if is_fresh else by_token,
        )
        assert answer.status_code == 500, str(address)
        assert answer.headers["X-Request-Id"] in answer.text
        for part in (SECRET, "RuntimeError", "Traceback", ".py"):
            assert part not in answer.text
