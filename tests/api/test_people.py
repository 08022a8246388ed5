"""The people page and its API: invite, join, change roles, let go; and what is written down."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from tenants import provisioning
from tenants.people import api_tokens, identity, invitations, members, people_log
from tenants.people.invitations import NewInvitation
from tenants.people.people_log import Act
from tenants.registry import Tenant
from tenants.services import service
from tests.api.clients import CHEAP_HASH, PASSWORD, Caller, browser_of, csrf_of, fields_of
from tests.api.visitors import from_elsewhere, is_inside, send, sign_in
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App

LINK = re.compile(r"/invitations/[\w-]{43}")
STRONG = "trundle-violet-harbour"


@pytest.fixture
def manager(store: Tenant) -> UUID:
    """The store's only manager."""
    return new_person((store, "MGR"))


def api(app: App, person: UUID, tenant: Tenant) -> Any:
    """Call the API as this person's browser does."""
    client = browser_of(app, person)
    headers = csrf_of(client, tenant)

    def call(method: str, path: str, **json: Any) -> Any:
        base = f"/api/v1/s/{tenant.slug}"
        return client.open(f"{base}{path}", method=method, json=json or None, headers=headers)

    return call


def invited(store: Tenant, manager: UUID, address: str, *roles: str) -> str:
    """Invite somebody behind the page's back; gives the path of the link."""
    new = NewInvitation(address=address, name="新人", roles=roles or ("FD",))
    made = invitations.invite(store, new, by=Act(actor_id=manager, now=datetime.now(UTC)))
    return f"/invitations/{invitations.new_token(made.id)}"


def accepts(client: FlaskClient, path: str, **more: object) -> Any:
    """Accept with a new account."""
    fields = {"name": "王小美", "new_password": STRONG, "new_password_again": STRONG, **more}
    return send(client, path, **fields)


def test_a_manager_invites_by_phone_and_hands_the_link_over(
    app: App, store: Tenant, manager: UUID
) -> None:
    client = browser_of(app, manager)
    phone = f"139{uuid4().int % 10**8:08d}"

    made = send(
        client,
        f"/s/{store.slug}/people/invitations",
        name="王小美",
        address=f" {phone[:3]} {phone[3:7]}-{phone[7:]} ",
        roles=["FD", "CON"],
    )
    found = LINK.search(made.text)
    assert found
    assert made.headers["Cache-Control"] == "no-store"
    assert not LINK.search(client.get(f"/s/{store.slug}/people").text)
    guest = from_elsewhere(app)
    offer = guest.get(found[0])
    assert store.display_name in offer.text
    assert f"+86{phone}" in offer.text

    joined = accepts(guest, found[0])

    assert (joined.status_code, joined.location) == (303, f"/s/{store.slug}/")
    assert guest.get(joined.location).status_code == 200
    assert sign_in(from_elsewhere(app), phone, STRONG).status_code == 303
    (newcomer,) = [one for one in members.members(store) if one.name == "王小美"]
    assert newcomer.roles == ("FD", "CON")
    assert [(c.action, c.actor) for c in people_log.changes(store, limit=2)] == [
        ("JOINED", "王小美"),
        ("INVITED", members.member(store, manager).name),
    ]


def test_inviting_does_not_tell_who_has_an_account_elsewhere(
    app: App, store: Tenant, manager: UUID
) -> None:
    known, unknown = f"known-{store.slug}@example.test", f"none--{store.slug}@example.test"
    new_person((new_store(), "MGR"), login=known, password_hash=CHEAP_HASH)
    call, page = api(app, manager, store), browser_of(app, manager)

    told = set()
    for address in (known, unknown):
        by_call = call("POST", "/people/invitations", name="新人", address=address, roles=["FD"])
        form = {"name": "新人", "address": address, "roles": ["FD"]}
        by_page = send(page, f"/s/{store.slug}/people/invitations", **form)
        (made,) = [one for one in invitations.opened(store) if one.address == address]
        invitations.revoke(store, made.id, by=Act(actor_id=manager, now=datetime.now(UTC)))
        told.add((by_call.status_code, _blank(by_call.text, address)))
        told.add((by_page.status_code, _blank(by_page.text, address)))

    assert len(told) == 2  # one answer by each way


def _blank(text: str, address: str) -> str:
    """Leave out what differs between any two invitations."""
    secrets = (
        r"/invitations/[\w-]+|csrf[^>]*>|\b20\d\d-\d\d-\d\d[^\"<]*|[0-9a-f-]{36}|hx-headers='[^']*'"
    )
    return re.sub(secrets, "", text.replace(address, "ADDRESS"))


def test_who_has_an_account_accepts_as_that_person_and_nobody_else(
    app: App, store: Tenant, manager: UUID
) -> None:
    elsewhere = new_store()
    login = f"known-{store.slug}@example.test"
    known = new_person((elsewhere, "MGR"), login=login, password_hash=CHEAP_HASH)
    path = invited(store, manager, login.upper(), "BEA")

    anonymous = from_elsewhere(app)
    assert "已有账户" in anonymous.get(path).text
    assert accepts(anonymous, path).location == f"/sign-in?next={path}"
    other = browser_of(app, new_person((elsewhere, "FD")))
    assert "邀请的不是此账户" in other.get(path).text
    assert send(other, path).status_code == 403
    assert identity.roles_of(known, store) == frozenset()

    assert send(browser_of(app, known), path).location == f"/s/{store.slug}/"
    assert identity.roles_of(known, store) == {"BEA"}
    assert identity.roles_of(known, elsewhere) == {"MGR"}


def test_a_link_used_withdrawn_renewed_or_old_opens_nothing(
    app: App, store: Tenant, manager: UUID
) -> None:
    def spoil(path: str, how: str) -> None:
        (one,) = invitations.opened(store)
        by = Act(actor_id=manager, now=datetime.now(UTC))
        if how == "used":
            assert accepts(from_elsewhere(app), path).status_code == 303
        elif how == "withdrawn":
            invitations.revoke(store, one.id, by=by)
        elif how == "renewed":
            invitations.renew(store, one.id, by=by)
        elif how == "suspended":
            provisioning.suspend(store)
        elif how == "old":
            with service("app_auth") as connection:
                connection.execute(
                    "UPDATE registry.invitations SET expires_at = now() WHERE id = %s", [one.id]
                )

    bodies = set()
    for how in ("used", "withdrawn", "renewed", "old", "suspended"):
        path = invited(store, manager, f"{how}-{store.slug}@example.test")
        assert from_elsewhere(app).get(path).status_code == 200
        spoil(path, how)
        for answer in (from_elsewhere(app).get(path), accepts(from_elsewhere(app), path)):
            assert answer.status_code == 404, how
            bodies.add(answer.data)
        for one in invitations.opened(store):
            invitations.revoke(store, one.id, by=Act(actor_id=None, now=datetime.now(UTC)))
    bodies.add(from_elsewhere(app).get("/invitations/never-was-one").data)
    assert len(bodies) == 1


def test_what_a_former_manager_offered_is_off(app: App, store: Tenant, manager: UUID) -> None:
    second = new_person((store, "MGR"))
    path = invited(store, second, f"late-{store.slug}@example.test", "MGR")

    members.end_membership(store, second, by=Act(actor_id=manager, now=datetime.now(UTC)))

    assert accepts(from_elsewhere(app), path).status_code == 404


def test_a_bad_invitation_is_refused_with_everything_wrong(
    app: App, store: Tenant, manager: UUID
) -> None:
    call = api(app, manager, store)
    path = "/people/invitations"

    for json, wrong in (
        ({}, {"address": "REQUIRED", "name": "REQUIRED", "roles": "REQUIRED"}),
        ({"address": "x", "name": "x", "roles": ["FD"]}, {"address": "TYPE"}),
        ({"address": "a@b\r\nc.de", "name": "x", "roles": ["FD"]}, {"address": "TYPE"}),
        ({"address": "12345", "name": "x", "roles": ["FD"]}, {"address": "TYPE"}),
        ({"address": "a@example.test", "name": "x", "roles": []}, {"roles": "REQUIRED"}),
        ({"address": "a@example.test", "name": "x", "roles": ["HQA"]}, {"roles": "ENUM"}),
        ({"address": "a@example.test", "name": "x", "roles": ["OWN"]}, {"roles.0": "ENUM"}),
        (
            {"address": "a@example.test", "name": "x", "roles": ["FD"], "tenant": "t_x"},
            {"tenant": "UNKNOWN_FIELD"},
        ),
    ):
        refused = call("POST", path, **json) if json else call("POST", path, x=1)
        assert refused.status_code == 422, json
        told = {field: code for field, code in fields_of(refused).items() if field != "x"}
        assert told == wrong, json
    assert invitations.opened(store) == []

    login = f"works-{store.slug}@example.test"
    new_person((store, "BEA"), login=login)
    taken = call("POST", path, address=login, name="x", roles=["FD"])
    assert (taken.status_code, fields_of(taken)) == (409, {"address": "DUPLICATE"})


def test_a_store_gives_store_roles_and_a_headquarters_its_own(app: App) -> None:
    for tenant, keeper, good, bad in (
        (new_store(), "MGR", "SDA", "HQN"),
        (new_hq(), "HQA", "HQN", "MGR"),
    ):
        call = api(app, new_person((tenant, keeper)), tenant)  # type: ignore[arg-type]
        person = new_person((tenant, "AUD"))
        path = f"/people/{person}/roles"
        assert call("PUT", path, roles=[bad]).status_code == 422
        changed = call("PUT", path, roles=[good])
        assert changed.status_code == 200
        assert changed.json["roles"] == [good]


def test_roles_change_at_once_and_end_the_sessions_here_alone(
    app: App, store: Tenant, manager: UUID
) -> None:
    other = new_store()
    person = new_person((store, "FD"), (other, "FD"))
    inside = browser_of(app, person)
    here, there = f"/api/v1/s/{store.slug}/me", f"/api/v1/s/{other.slug}/me"
    token = Caller.with_token(app, person, store)
    page = browser_of(app, manager)

    changed = send(
        page, f"/s/{store.slug}/people/{person}/roles", roles=["BEA", "AUD"], seen=["FD"]
    )

    assert changed.status_code == 303
    assert inside.get(here).status_code == 401
    assert inside.get(f"/s/{store.slug}/").location.startswith("/sign-in?next=")
    assert inside.get(there).status_code == 200
    assert token.get("/me").json["roles"] == ["AUD", "BEA"]  # type: ignore[index]
    assert browser_of(app, person).get(here).status_code == 200
    log = people_log.changes(store, limit=1)[0]
    assert (log.action, log.old, log.new) == ("ROLES", ("FD",), ("BEA", "AUD"))


def test_a_page_that_saw_other_roles_changes_nothing(
    app: App, store: Tenant, manager: UUID
) -> None:
    person = new_person((store, "FD"), (store, "CON"))
    call = api(app, manager, store)

    stale = call("PUT", f"/people/{person}/roles", roles=["MGR"], seen=["FD"])

    assert stale.status_code == 409
    assert stale.json["code"] == "CONFLICT"
    assert identity.roles_of(person, store) == {"FD", "CON"}
    page = browser_of(app, manager)
    path = f"/s/{store.slug}/people/{person}"
    assert send(page, f"{path}/roles", roles=["MGR"], seen=["FD"]).location == path
    assert "已被他人修改" in page.get(path).text


@pytest.mark.parametrize("kind", ["store", "hq"])
def test_the_last_keeper_stays_whoever_asks(app: App, kind: str) -> None:
    tenant = new_store() if kind == "store" else new_hq()
    role = members.KEEPER[tenant.kind]
    keeper = new_person((tenant, role))  # type: ignore[arg-type]
    call = api(app, keeper, tenant)

    assert call("DELETE", f"/people/{keeper}").status_code == 409
    assert call("PUT", f"/people/{keeper}/roles", roles=["AUD"]).status_code == 409
    also = new_person((tenant, role))  # type: ignore[arg-type]
    with service("app_provision") as connection:
        connection.execute("UPDATE registry.people SET disabled_at = now() WHERE id = %s", [also])
    assert call("DELETE", f"/people/{keeper}").status_code == 409  # the other cannot sign in
    new_person((tenant, role))  # type: ignore[arg-type]
    assert call("DELETE", f"/people/{keeper}").status_code == 204
    assert call("GET", "/people").status_code == 404


def test_two_keepers_cannot_both_go_at_once(store: Tenant) -> None:
    one, two = new_person((store, "MGR")), new_person((store, "MGR"))

    def go(person: UUID) -> bool:
        try:
            members.end_membership(store, person, by=Act(actor_id=person, now=datetime.now(UTC)))
        except members.LastKeeper:
            return False
        return True

    with ThreadPoolExecutor(2) as pair:
        assert sorted(pair.map(go, (one, two))) == [False, True]
    assert len(members.members(store)) == 1


def test_who_was_let_go_finds_every_door_shut(app: App, store: Tenant, manager: UUID) -> None:
    person = new_person((store, "FD"))
    inside = browser_of(app, person)
    token = Caller.with_token(app, person, store)

    gone = send(browser_of(app, manager), f"/s/{store.slug}/people/{person}/end")

    assert gone.status_code == 303
    assert inside.get(f"/api/v1/s/{store.slug}/me").status_code == 404
    assert is_inside(inside)  # the account is the person's own
    assert token.get("/me").status_code == 401
    provisioning.grant_role(person, store, "FD")
    assert token.get("/me").status_code == 401  # a token does not come back with its person
    assert api_tokens.api_tokens(person, store) == []


def test_people_and_invitations_of_another_place_are_like_none(
    app: App, store: Tenant, manager: UUID
) -> None:
    other = new_store()
    theirs = new_person((other, "FD"))
    boss = new_person((other, "MGR"))
    invited(other, boss, f"theirs-{other.slug}@example.test")
    (invitation,) = invitations.opened(other)
    call, page = api(app, manager, store), browser_of(app, manager)

    for person in (theirs, uuid4()):
        assert call("PUT", f"/people/{person}/roles", roles=["FD"]).status_code == 404
        assert call("DELETE", f"/people/{person}").status_code == 404
        base = f"/s/{store.slug}/people/{person}"
        assert page.get(base).status_code == 404
        assert send(page, f"{base}/roles", roles=["FD"]).status_code == 404
        assert send(page, f"{base}/end").status_code == 404
    for one in (invitation.id, uuid4()):
        assert call("DELETE", f"/people/invitations/{one}").status_code == 404
        for verb in ("renewal", "revocation"):
            path = f"/s/{store.slug}/people/invitations/{one}/{verb}"
            assert send(page, path).status_code == 404
    assert invitations.opened(other) == [invitation]
    assert identity.roles_of(theirs, other) == {"FD"}
    listed = call("GET", "/people").json["items"]
    assert [one["id"] for one in listed] == [str(manager)]


def test_the_log_is_for_those_with_the_audit_trail_and_pages_on(
    app: App, store: Tenant, manager: UUID
) -> None:
    for number in range(5):
        invited(store, manager, f"p{number}-{store.slug}@example.test")
    auditor = Caller.with_token(app, new_person((store, "AUD")), store)

    first = auditor.get("/people/changes?limit=3").json
    assert first
    rest = auditor.get(f"/people/changes?limit=100&cursor={first['next']}").json
    assert rest
    seen = [row["who"] for row in first["items"] + rest["items"]]
    assert len(seen) == len(set(seen)) == 7  # five, and two roles given by the operator
    assert rest["items"][-1]["actor"] is None
    assert "人员变动记录" in browser_of(app, manager).get(f"/s/{store.slug}/people/changes").text
    desk = Caller.with_token(app, new_person((store, "FD")), store)
    assert desk.get("/people/changes").json["permission"] == "audit:R"  # type: ignore[index]


def test_a_form_that_came_too_late_goes_on_after_the_password(app: App, store: Tenant) -> None:
    login = f"late-{store.slug}@example.test"
    boss = new_person((store, "MGR"), login=login, password_hash=CHEAP_HASH)
    client = browser_of(app, boss)
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.sessions SET fresh_at = now() - interval '11 minutes' "
            "WHERE person_id = %s",
            [boss],
        )
    path = f"/s/{store.slug}/people/invitations"
    typed = {
        "name": '<王 "小" 美>',
        "address": f"x-{store.slug}@example.test",
        "roles": ["FD", "BEA"],
    }

    asked = send(client, path, **typed)
    assert asked.status_code == 403
    assert asked.text.count('name="roles"') == 2
    assert "&lt;王" in asked.text
    assert f'action="{path}"' in asked.text
    wrong = send(client, path, **typed, confirm_password="wrong")  # noqa: S106
    assert wrong.status_code == 401
    assert 'name="roles" value="BEA"' in wrong.text
    token = client.get_cookie("rollbook")
    done = send(client, path, **typed, confirm_password=PASSWORD)

    assert done.status_code == 200
    assert LINK.search(done.text)
    assert client.get_cookie("rollbook") != token  # a new session id after every proof
    assert [one.name for one in invitations.opened(store)] == ['<王 "小" 美>']
