"""The warm stock: a new tenant is a registry row, and nothing of it is out of date."""

from collections.abc import Iterator

import pytest

from deploy.local.postgres import Cluster
from tenants import audit, migrations, provisioning, registry, stock
from tenants.fingerprint import fingerprint
from tenants.people import identity
from tenants.provisioning import NewTenant, Owner
from tenants.services import service
from tenants.sessions import tenant_transaction
from tests.factories.sales import new_item
from tests.factories.tenants import new_hq, new_store


@pytest.fixture(autouse=True)
def empty_stock(cluster: Cluster) -> Iterator[None]:
    _empty()
    yield
    _empty()


def _empty() -> None:
    with service("app_provision") as connection:
        for row in connection.execute("SELECT name FROM registry.stock").fetchall():
            stock.drop(connection, row["name"])


def _names() -> set[str]:
    with service("app_provision") as connection:
        rows = connection.execute("SELECT name FROM registry.stock").fetchall()
    return {row["name"] for row in rows}


def _fill(stores: int) -> None:
    while stock.refill(stores):
        pass


def test_it_is_filled_up_to_the_target_and_no_further(cluster: Cluster) -> None:
    _fill(2)
    assert stock.ready() == {"store": 2, "hq": 1}
    assert not stock.refill(2)
    assert audit.holes() == []


def test_a_new_store_takes_a_ready_schema_and_works(cluster: Cluster) -> None:
    _fill(1)
    names = _names()

    store = new_store()
    hq = new_hq()

    assert {store.name, hq.name} == names
    assert stock.ready() == {"store": 0, "hq": 0}
    with tenant_transaction(store) as session:
        assert new_item(session).id == 1
    assert fingerprint(store.name) == fingerprint(new_store().name)  # the second one is made anew
    assert audit.holes() == []


def test_a_store_and_its_owner_are_one_transaction(cluster: Cluster) -> None:
    _fill(1)
    taken = new_store()
    owner = Owner(login="owner@stock.test", name="店主", role="MGR")
    _fill(1)
    before = _names()
    new = NewTenant(slug=taken.slug, display_name="x", code="001")
    with pytest.raises(provisioning.SlugTaken):
        provisioning.create_store(new, owner=owner)
    assert _names() == before  # given back
    assert identity.credentials(owner.login) is None

    fresh = NewTenant(slug=f"{taken.slug}-x", display_name="x", code="001")
    made = provisioning.create_store(fresh, owner=owner)

    known = identity.credentials(owner.login)
    assert known
    assert identity.roles_of(known.person.id, made) == {"MGR"}
    other = NewTenant(slug=f"{taken.slug}-y", display_name="y", code="002")
    with pytest.raises(provisioning.LoginTaken):
        provisioning.create_store(other, owner=owner)
    assert registry.tenant_by_slug(f"{taken.slug}-y") is None


def test_a_schema_of_another_version_is_not_taken_but_migrated(cluster: Cluster) -> None:
    _fill(1)
    (ready,) = [name for name in _names() if name in _stores()]
    with service("app_provision") as connection:
        connection.execute("UPDATE registry.stock SET version = 'base' WHERE name = %s", [ready])

    assert new_store().name != ready
    assert migrations.tenants_behind() == 1
    outcome = migrations.upgrade_across_tenants()
    assert set(outcome.failed) == {ready}  # its tables are there already: it was tried
    assert "DuplicateTable" in outcome.failed[ready]


def _stores() -> set[str]:
    with service("app_provision") as connection:
        rows = connection.execute("SELECT name FROM registry.stock WHERE kind = 'store'").fetchall()
    return {row["name"] for row in rows}
