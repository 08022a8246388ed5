"""Who was erased does not come back by a restore, whichever copy is restored, and where from."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from deploy.local.postgres import Cluster
from shared.domain.customers.models import Customer, Erasure
from shared.domain.customers.service.erasing import DONE_AGAIN, MARK, ask
from tenants import tombstones
from tenants.logins import connect
from tenants.moving import exporting, restoring, retiring
from tenants.moving.restoring import Wanted
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.records import NOW, editor
from tests.factories.sales import new_customer, new_item, new_sale
from tests.factories.tenants import new_store
from workers.testing import drain


def filled() -> Tenant:
    """A store with two guests of one name, one of whom will want to be forgotten."""
    store = new_store()
    with tenant_transaction(store) as session:
        item = new_item(session)
        for phone in ("13811112222", "13833334444"):
            customer = new_customer(session, name="王小丽", phone=phone)
            new_sale(session, (item.id, 100_00), customer_id=customer.id)
    return store


def erase(store: Tenant, customer_id: int) -> None:
    with tenant_transaction(store) as session:
        ask(session, customer_id=customer_id, reason="本人要求", by=editor())
    assert ("customers.erase_person", "done") in drain(store)


def names(store: Tenant) -> list[tuple[str, str | None]]:
    with tenant_session(store) as session:
        found = session.execute(select(Customer.name, Customer.phone).order_by(Customer.id))
        return [(name, phone) for name, phone in found]


def restored(path: Path, slug: str) -> Tenant:
    return restoring.restore(path, Wanted(slug=slug))


def test_an_older_export_does_not_bring_a_guest_back(cluster: Cluster, tmp_path: Path) -> None:
    store = filled()
    old, older_still = tmp_path / "old", ("王小丽", "13833334444")
    exporting.export(store, old)
    assert b"13811112222" not in old.read_bytes()  # it is packed, so what is read below counts
    erase(store, 1)

    made = restored(old, f"{store.slug}-b")

    assert names(made) == [(MARK, None), older_still]
    with tenant_session(made) as session:
        (receipt,) = session.scalars(select(Erasure)).all()
        assert (receipt.reason, receipt.erased["customers"]) == (DONE_AGAIN, 1)
        assert receipt.finished_at
        assert session.scalar(text("SELECT sum(total_fen) FROM sales")) == 200_00

    # The second guest leaves the restored store; the first export knows of neither.
    erase(made, 2)
    retiring.retire(made, export_to=None)
    retiring.retire(store, export_to=None)
    again = restored(old, f"{store.slug}-c")
    assert names(again) == [(MARK, None), (MARK, None)]


def test_a_tombstone_travels_with_the_tenant(cluster: Cluster, tmp_path: Path) -> None:
    """On a server that never saw the tenant, the newer export brings what the older one lacks."""
    store = filled()
    exporting.export(store, tmp_path / "old")
    erase(store, 1)
    exporting.export(store, tmp_path / "new")
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute("ALTER TABLE ops.tombstone NO FORCE ROW LEVEL SECURITY")
        connection.execute("DELETE FROM ops.tombstone WHERE tenant = %s", [store.name])
        connection.execute("ALTER TABLE ops.tombstone FORCE ROW LEVEL SECURITY")

    restored(tmp_path / "new", f"{store.slug}-b")
    late = restored(tmp_path / "old", f"{store.slug}-c")

    assert names(late)[0] == (MARK, None)


def test_an_erasure_that_was_begun_is_ended_by_the_restore(
    cluster: Cluster, tmp_path: Path
) -> None:
    store = filled()
    with tenant_transaction(store) as session:
        ask(session, customer_id=1, reason="王小丽 13811112222 来电", by=editor())
    exporting.export(store, tmp_path / "x")

    made = restored(tmp_path / "x", f"{store.slug}-b")

    assert names(made)[0] == (MARK, None)
    with tenant_session(made) as session:
        (receipt,) = session.scalars(select(Erasure)).all()
        assert receipt.finished_at
        assert receipt.reason == f"王小丽 {MARK} 来电"  # another guest has that name


def test_another_guest_under_the_same_number_is_not_meant(cluster: Cluster) -> None:
    profile = (7, NOW)
    digests = {tombstones.digest(profile)}
    assert tombstones.among([profile], digests) == {7}
    assert tombstones.among([(7, NOW + timedelta(microseconds=1)), (8, NOW)], digests) == set()


def test_a_tenant_sees_no_tombstone_and_sets_none_for_others(cluster: Cluster) -> None:
    store, other = new_store(), new_store()
    with tenant_transaction(store) as session:
        tombstones.bury(session, [(1, NOW)], now=NOW)
        tombstones.bury(session, [(1, NOW)], now=NOW)  # once is enough
    for statement in (
        "SELECT * FROM ops.tombstone",
        "DELETE FROM ops.tombstone",
        f"INSERT INTO ops.tombstone VALUES ('{other.name}', 'x', now())",
    ):
        with tenant_session(store) as session, pytest.raises(Exception, match="denied|violates"):
            session.execute(text(statement))
