"""Guests answer without an account: one link, one answer, one store, on its own host."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from shared.config import Settings
from tenants import provisioning
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of
from tests.factories.sales import new_customer
from tests.factories.tenants import new_person, new_store
from web import guests
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def path_of(made: Any) -> str:
    """The path of a link just made."""
    assert made.status_code == 201, made.text
    return str(made.json["url"]).partition("127.0.0.1:8000")[2]


def link_for(caller: Caller, **asked: Any) -> str:
    """Make a link and give its path."""
    return path_of(caller.post("/opinion-links", {"kind": "LINK", **asked}))


def answer(client: FlaskClient, path: str, **typed: str) -> Any:
    """Open the form and send it."""
    shown = client.get(path)
    assert shown.status_code == 200, shown.text
    found = _CSRF.search(shown.text)
    assert found
    sent = {"overall": "SATISFIED", **typed, "csrf_token": found[1]}
    return client.post(path, data=sent)


def opinions(store: Tenant) -> list[Any]:
    """What the store was told."""
    with tenant_session(store) as session:
        return list(
            session.execute(
                text(
                    "SELECT overall, way, customer, anonymous, likes, created_by, state "
                    "FROM opinions ORDER BY id"
                )
            )
        )


@pytest.fixture
def guest(app: App) -> FlaskClient:
    """A browser of somebody without an account, at an address of its own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"198.51.{id(client) % 250}.{id(client) // 250 % 250}"
    return client


def test_a_guest_answers_once_and_the_store_knows_who(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    with tenant_session(store) as session:
        customer = new_customer(session).id
        session.commit()
    path = link_for(as_role(store, "FD"), customer=customer)

    sent = answer(guest, path, likes="安静")

    assert sent.status_code == 303
    assert guest.get(sent.location).status_code == 200
    assert [tuple(row) for row in opinions(store)] == [
        ("SATISFIED", "LINK", customer, False, "安静", None, "SUBMITTED")
    ]
    assert guest.get(path).status_code == 404
    assert guest.post(path, data={"csrf_token": "x"}).status_code in (400, 404)
    assert len(opinions(store)) == 1


def test_an_anonymous_answer_leaves_no_trace_of_who(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    with tenant_session(store) as session:
        customer = new_customer(session).id
        session.commit()
    path = link_for(as_role(store, "FD"), customer=customer)

    assert answer(guest, path, anonymous="true").status_code == 303

    assert [(row.customer, row.anonymous) for row in opinions(store)] == [(None, True)]
    with tenant_session(store) as session:
        kept = session.execute(text("SELECT customer, visit_on FROM opinion_links")).one()
    assert tuple(kept) == (None, None)


def test_what_is_wrong_stands_beside_the_fields_and_nothing_is_lost(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    path = link_for(as_role(store, "FD"))

    refused = answer(guest, path, overall="DISSATISFIED", likes="茶很好", want_contact="true")

    assert refused.status_code == 422
    assert "茶很好" in refused.text
    assert refused.text.count("必填项未填写") == 2
    assert opinions(store) == []
    assert answer(guest, path).status_code == 303  # the link is still good


def test_a_tablet_takes_one_guest_after_another_until_it_is_ended(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    desk = as_role(store, "FD")
    made = desk.post("/opinion-links", {"kind": "TABLET"})
    path = path_of(made)

    for _ in range(2):
        sent = answer(guest, path)
        assert 'http-equiv="refresh"' in guest.get(sent.location).text
    assert [row.way for row in opinions(store)] == ["TABLET", "TABLET"]

    assert desk.post(f"/opinion-links/{made.json['id']}/end").status_code == 200  # type: ignore[index]
    assert guest.get(path).status_code == 404


def test_a_link_ends_after_fourteen_days(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    path = link_for(as_role(store, "FD"))
    with tenant_session(store) as session:
        made_at, expires_at = session.execute(
            text("SELECT made_at, expires_at FROM opinion_links")
        ).one()
        assert expires_at - made_at == timedelta(days=14)
        session.execute(
            text("UPDATE opinion_links SET expires_at = :now"), {"now": datetime.now(UTC)}
        )
        session.commit()

    assert guest.get(path).status_code == 404


def test_what_we_did_not_sign_reaches_no_store(
    app: App, as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    other = new_store()
    path = link_for(as_role(store, "FD"))
    theirs = link_for(as_role(other, "FD"))

    head, _, signed = path.rpartition(".")
    bent = [f"{head}x.{signed}", f"{path}x", "/g/x", "/g/.", f"/g/{'a' * 4000}", path.swapcase()]
    for wrong in bent:
        assert guest.get(wrong).status_code == 404, wrong
    assert guest.get(theirs).status_code == 200

    # the other store's secret under this store's name opens nothing
    with app.test_request_context():
        _, secret = guests._signer().loads(theirs.removeprefix("/g/"))
        mixed = guests._signer().dumps([store.slug, secret])
    assert guest.get(f"/g/{mixed}").status_code == 404


def test_a_suspended_store_takes_no_opinion(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    path = link_for(as_role(store, "FD"))
    provisioning.suspend(store)
    assert guest.get(path).status_code == 404


def test_a_guest_who_sends_without_end_is_stopped(
    as_role: AsRole, store: Tenant, guest: FlaskClient
) -> None:
    made = as_role(store, "FD").post("/opinion-links", {"kind": "TABLET"})
    path = path_of(made)
    statuses = [answer(guest, path).status_code for _ in range(guests.MOST_ANSWERS + 1)]
    assert set(statuses[:-1]) == {303}
    assert statuses[-1] == 503
    assert len(opinions(store)) == guests.MOST_ANSWERS


def test_with_a_guest_domain_each_store_has_its_own_host_and_nothing_else_is_there(
    app: App, as_role: AsRole, store: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Settings = app.config["ROLLBOOK"]
    monkeypatch.setitem(app.config, "ROLLBOOK", _with(read, guest_domain="guests.test"))
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["localhost", ".guests.test"])
    made = as_role(store, "FD").post("/opinion-links", {"kind": "LINK"})
    assert made.json is not None
    url = made.json["url"]
    assert url.startswith(f"http://{store.slug}.guests.test")
    path = "/g/" + url.rpartition("/g/")[2]
    client = app.test_client()

    own = f"http://{store.slug}.guests.test"
    assert client.get(path, base_url=own).status_code == 200
    assert client.get(path).status_code == 404  # not on the staff's host
    assert client.get(path, base_url="http://other.guests.test").status_code == 404
    staff = browser_of(app, new_person((store, "MGR")))
    for theirs in ("/sign-in", f"/s/{store.slug}/", f"/api/v1/s/{store.slug}/items"):
        assert staff.get(theirs, base_url=own).status_code == 404


def test_links_are_made_by_the_store_alone(as_role: AsRole, store: Tenant) -> None:
    assert as_role(store, "BEA").post("/opinion-links", {"kind": "LINK"}).status_code == 403
    desk = as_role(store, "FD")
    bad = desk.post("/opinion-links", {"kind": "PAPER", "customer": "x"})
    assert bad.status_code == 422
    foreign = desk.post("/opinion-links", {"kind": "LINK", "customer": 2**40})
    assert foreign.status_code == 422
    assert desk.post("/opinion-links/1/end").status_code == 404
    link_for(desk)
    listed = desk.get("/opinion-links").json
    assert listed is not None
    assert [link["kind"] for link in listed["items"]] == ["LINK"]
    assert "url" not in listed["items"][0]
    theirs = as_role(new_store(), "FD").get("/opinion-links").json
    assert theirs is not None
    assert theirs["items"] == []


def _with(read: Settings, **changed: Any) -> Settings:
    values = {name: getattr(read, name) for name in Settings.__dataclass_fields__}
    return Settings(**{**values, **changed})
