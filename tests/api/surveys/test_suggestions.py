"""What became of a guest's suggestion: noted by the store, by page and by API; words stay."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from shared.domain.surveys.service.opinions import OPINIONS
from shared.records import queries, service
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import Caller, browser_of, csrf_of
from tests.factories.records import editor, opinion
from tests.factories.sales import new_customer
from tests.factories.tenants import new_person, new_store
from web.app import App

AsRole = Callable[[Tenant, Role], Caller]
NOTED = {"suggestion_state": "DONE"}


def said(store: Tenant, **more: object) -> int:
    """Keep an opinion with a suggestion; gives its id."""
    with tenant_session(store) as session:
        typed = opinion(suggestion="加一面镜子", **more)
        row = service.keep_new(session, OPINIONS, typed=typed, by=editor())
        session.commit()
        return int(row.id)


def state_of(store: Tenant, opinion_id: int) -> str | None:
    """What the store says became of it."""
    with tenant_session(store) as session:
        state: str | None = queries.get(session, OPINIONS, opinion_id).suggestion_state
        return state


def test_a_manager_notes_by_api_what_became_of_a_suggestion(as_role: AsRole, store: Tenant) -> None:
    manager, kept = as_role(store, "MGR"), said(store)
    path = f"/opinions/{kept}"
    seen = {"If-Match": manager.get(path).headers["ETag"]}

    assert manager.call("PATCH", path, json=NOTED).status_code == 428
    done = manager.call("PATCH", path, json=NOTED, headers=seen)
    assert (done.status_code, state_of(store, kept)) == (200, "DONE")
    late = manager.call("PATCH", path, json={"suggestion_state": "ADOPTED"}, headers=seen)
    assert late.status_code == 409

    now = {"If-Match": done.headers["ETag"]}
    words = manager.call("PATCH", path, json={"likes": "别的"}, headers=now)
    assert words.status_code == 409
    assert words.json is not None
    assert [(e["field"], e["code"]) for e in words.json["errors"]] == [("likes", "STATE")]
    assert manager.post(f"{path}/void", {"reason": "不喜欢"}).status_code == 404  # nobody may


@pytest.mark.parametrize("role", ["FD", "BEA", "SDA", "AUD", "TEC"])
def test_nobody_else_notes_anything(as_role: AsRole, store: Tenant, role: Role) -> None:
    kept = said(store)
    refused = as_role(store, role).call(
        "PATCH", f"/opinions/{kept}", json=NOTED, headers={"If-Match": '"1"'}
    )
    assert (refused.status_code, state_of(store, kept)) == (403, "NEW")


def test_a_consultant_notes_it_for_the_own_guests_alone(app: App, store: Tenant) -> None:
    consultant = new_person((store, "CON"))
    with tenant_session(store) as session:
        own, other = new_customer(session, "己"), new_customer(session, "彼")
        own.consultant = consultant
        session.commit()
        of_own, of_other = own.id, other.id
    mine, foreign = said(store, customer=of_own), said(store, customer=of_other)
    browser: FlaskClient = browser_of(app, consultant)
    headers = {**csrf_of(browser, store), "If-Match": '"1"'}
    for kept, status in ((mine, 200), (foreign, 404)):
        where = f"/api/v1/s/{store.slug}/opinions/{kept}"
        assert browser.patch(where, json=NOTED, headers=headers).status_code == status
    assert (state_of(store, mine), state_of(store, foreign)) == ("DONE", "NEW")


def test_another_stores_opinion_is_not_there(as_role: AsRole, store: Tenant) -> None:
    other = new_store()
    said(other)
    foreign = said(other)
    answer = as_role(store, "MGR").call(
        "PATCH", f"/opinions/{foreign}", json=NOTED, headers={"If-Match": '"1"'}
    )
    assert (answer.status_code, state_of(other, foreign)) == (404, "NEW")


def test_the_page_asks_beside_the_opinion_and_nothing_where_none_was_made(
    app: App, store: Tenant
) -> None:
    browser = browser_of(app, new_person((store, "MGR")))
    headers, kept = csrf_of(browser, store), said(store)
    with tenant_session(store) as session:
        silent = service.keep_new(session, OPINIONS, typed=opinion(), by=editor()).id
        session.commit()
    base = f"/s/{store.slug}/opinions"

    assert 'name="suggestion_state"' in browser.get(f"{base}/{kept}").text
    assert 'name="suggestion_state"' not in browser.get(f"{base}/{silent}").text
    form = {"fields": "suggestion_state", "version": "1", "suggestion_state": "ADOPTED"}
    answer = browser.post(f"{base}/{kept}/change", data=form, headers=headers)
    assert (answer.status_code, state_of(store, kept)) == (303, "ADOPTED")
    words = {**form, "fields": "likes", "version": "2", "likes": "假的"}
    browser.post(f"{base}/{kept}/change", data=words, headers=headers)
    assert "假的" not in browser.get(f"{base}/{kept}").text
