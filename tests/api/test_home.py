"""The store's home: what each capability gives, to who may see it, in few statements."""

from datetime import UTC, datetime, timedelta

from shared import days
from tenants.provisioning import Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.api.clients import browser_of
from tests.api.counting import counted
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person
from web.app import App

MOST_STATEMENTS = 20


def home(app: App, store: Tenant, *roles: Role) -> str:
    """Open the home page as a fresh person with these roles."""
    client = browser_of(app, new_person(*((store, role) for role in roles)))
    answer = client.get(f"/s/{store.slug}/")
    assert answer.status_code == 200
    return answer.text


def test_a_new_store_begins_with_its_items(app: App, store: Tenant) -> None:
    assert "录入项目与价目" in home(app, store, "MGR")
    assert "录入项目与价目" not in home(app, store, "FD")


def test_birthdays_of_the_next_days_are_told_by_reach(app: App, store: Tenant) -> None:
    today = days.business_day(
        datetime.now(UTC), zone=store.time_zone, change_hour=store.day_change_hour
    )
    with tenant_session(store) as session:
        for name, ahead in (("欧阳小明", 0), ("司马小红", 6), ("诸葛小青", 9)):
            birthday = today + timedelta(days=ahead)
            new_customer(session, name).birthday = f"--{birthday:%m-%d}"
        session.commit()

    told = home(app, store, "FD")
    assert told.index("欧阳小明") < told.index("司马小红")
    assert "诸葛小青" not in told
    assert "欧阳小明" not in home(app, store, "AUD")
    assert "生日" in home(app, store, "AUD")
    assert "生日" not in home(app, store, "BEA")


def test_a_role_without_figures_sees_its_tasks_only(app: App, store: Tenant) -> None:
    page = home(app, store, "BEA")

    assert "今日收款" not in page
    assert "待办" in page


def test_the_home_page_takes_a_bounded_number_of_statements(app: App, store: Tenant) -> None:
    with tenant_session(store) as session:
        new_item(session)
        session.commit()
    client = browser_of(app, new_person((store, "MGR"), (store, "FD")))

    with counted(app) as sent:
        client.get(f"/s/{store.slug}/")

    assert len(sent) <= MOST_STATEMENTS, sent
