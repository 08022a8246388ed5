"""The frame: destinations by role, the way to other stores, a session that is over."""

import pytest
from flask.testing import FlaskClient

from shared.config import settings
from tenants.registry import Tenant
from tests.api.clients import browser_of
from tests.factories.tenants import new_hq, new_person, new_store
from web.app import App, create_app
from web.auth import access_of
from web.frame import navigation

FRAGMENT = {"HX-Request": "true"}


@pytest.mark.parametrize("kind", ["store", "hq"])
def test_every_destination_is_a_page_of_its_kind_of_tenant(app: App, kind: str) -> None:
    for found in navigation.destinations(kind):
        for endpoint in (found.endpoint, *found.covers):
            access = access_of(app.view_functions[endpoint])
            assert access is not None
            assert access.only in (None, kind), endpoint


def test_a_role_is_led_to_what_it_may_open_and_nowhere_else(app: App, store: Tenant) -> None:
    manager = _index(browser_of(app, new_person((store, "MGR"))), store)
    beautician = _index(browser_of(app, new_person((store, "BEA"))), store)

    assert f"/s/{store.slug}/months" in manager
    assert "/months" not in beautician
    assert f'href="/s/{store.slug}/"' in beautician


@pytest.mark.parametrize(
    "page",
    ["sales?day=", "appointments/board?by=week&day=", "traffic?until=", "traffic/guests?until="],
)
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2025-02-30"])
def test_a_day_beyond_the_calendar_opens_the_page_as_none(
    app: App, store: Tenant, page: str, day: str
) -> None:
    browser = browser_of(app, new_person((store, "MGR")))
    assert browser.get(f"/s/{store.slug}/{page}{day}").status_code == 200


def test_the_menu_of_places_keeps_the_page_where_the_role_allows(app: App) -> None:
    hq = new_hq()
    here, there, elsewhere = (new_store(hq=hq) for _ in range(3))
    person = new_person((hq, "HQA"), (here, "MGR"), (there, "MGR"), (elsewhere, "BEA"))
    client = browser_of(app, person)

    menu = client.get(f"/s/{here.slug}/places?page=month_pages.differences", headers=FRAGMENT).text

    assert f'href="/s/{there.slug}/months"' in menu
    assert f'href="/s/{elsewhere.slug}/"' in menu
    assert f'href="/s/{hq.slug}/"' in menu
    assert f'href="/s/{here.slug}/months" aria-current="true"' in menu


def test_the_menu_of_places_names_only_ones_own(app: App, store: Tenant) -> None:
    other = new_store()
    menu = browser_of(app, new_person((store, "MGR"))).get(f"/s/{store.slug}/places?page=x").text

    assert other.slug not in menu


def test_a_lost_session_comes_back_to_the_page_of_the_form(app: App, store: Tenant) -> None:
    client, page = app.test_client(), f"/s/{store.slug}/items"

    sent = client.post(page, headers={"Referer": f"http://localhost{page}?add=BODY"})
    foreign = client.post(page, headers={"Referer": "http://elsewhere.test/s/x/items"})
    part = client.get(page, headers=FRAGMENT)

    assert sent.location == f"/sign-in?next={page}%3Fadd%3DBODY".replace("%3F", "?")
    assert foreign.location == "/sign-in?next=/"
    assert (part.status_code, part.data, "HX-Redirect" in part.headers) == (401, b"", False)


def test_the_living_page_is_absent_in_production(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app.test_client().get("/dev/components").status_code == 200

    monkeypatch.setenv("ROLLBOOK_DEVELOPMENT", "0")
    settings.cache_clear()
    production = create_app()
    monkeypatch.undo()
    settings.cache_clear()

    assert production.test_client().get("/dev/components").status_code == 404


def _index(client: FlaskClient, store: Tenant) -> str:
    page = client.get(f"/s/{store.slug}/").text
    return page[page.index('<nav id="index"') : page.index("</nav>")]
