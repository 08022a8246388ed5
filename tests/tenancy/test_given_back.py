"""A test's tenants are given back as new: empty, counted from one, shaped like one made anew."""

import pytest
from psycopg import OperationalError
from sqlalchemy import text

from deploy.local.postgres import Cluster
from shared.domain import tables
from tenants import audit, registry, stock
from tenants.fingerprint import fingerprint
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories import given_back
from tests.factories.sales import new_item
from tests.factories.tenants import new_hq, new_store


@pytest.fixture(autouse=True)
def only_our_own(cluster: Cluster) -> None:
    given_back.forget()
    assert stock.ready() == {"store": 0, "hq": 0}


def _add_a_stranger(tenant: Tenant) -> None:
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(f"CREATE TABLE {tenant.name}.stranger (mark int)")


def _rows(tenant: Tenant) -> dict[str, int]:
    names = [table.name for table in tables.HISTORIES["tenant"].sorted_tables]
    with tenant_session(tenant) as session:
        found = {name: session.scalar(text(f"SELECT count(*) FROM {name}")) for name in names}
    return {name: count for name, count in found.items() if count}


def test_what_comes_back_is_as_good_as_new(cluster: Cluster) -> None:
    untouched = given_back.keep(new_store())
    hq = new_hq()
    used = new_store(hq=hq)
    with tenant_transaction(used) as session:
        new_item(session)
        new_item(session)
    assert _rows(used)
    _add_a_stranger(used)

    given_back.give_back()

    assert stock.ready() == {"store": 1, "hq": 1}
    assert audit.holes() == []
    again = new_store(hq=new_hq())
    assert stock.ready() == {"store": 0, "hq": 0}
    assert not {hq.name, used.name} & {tenant.name for tenant in registry.all_tenants()}
    assert again.name not in {used.name, untouched.name}
    assert _rows(again) == {}
    assert fingerprint(again.name) == fingerprint(untouched.name)
    with tenant_transaction(again) as session:
        assert new_item(session).id == 1
    with pytest.raises(OperationalError, match=used.name):
        connect(used.name)


def test_what_is_at_work_or_holds_much_stays_where_it_is(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, full = new_store(), new_store()
    with tenant_transaction(full) as session:
        new_item(session)
    monkeypatch.setattr(given_back, "FEW_ROWS", 0)
    with tenant_session(busy) as session:
        new_item(session)
        session.flush()

        given_back.give_back()

        session.commit()
    assert stock.ready() == {"store": 0, "hq": 0}
    assert _rows(busy) == _rows(full)
    assert {busy.name, full.name} <= {tenant.name for tenant in registry.all_tenants()}
