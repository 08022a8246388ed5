"""Exported, restored, retired: a whole tenant moves; a broken file is refused, leaves nothing."""

import itertools
import json
import random
import shutil
import tarfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from deploy.local.postgres import Cluster
from shared.domain.customers.models import Customer
from tenants import audit, migrations, provisioning, registry, script, stock
from tenants.logins import connect
from tenants.moving import archive, exporting, restoring, retiring
from tenants.moving.archive import ExportBroken, Manifest
from tenants.moving.restoring import Wanted
from tenants.people import api_tokens, identity
from tenants.registry import Tenant
from tenants.services import service
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.sales import NOW, new_customer, new_item, new_sale
from tests.factories.tenants import new_hq, new_person, new_store
from tests.tenancy import trial_history

FLIPS = 40
_numbers = itertools.count(1)
NASTY = 'O\'Brien\t"丽"\\.\n\\N 🙂'  # everything that COPY text must escape


def filled() -> Tenant:
    """A store with rows in several tables, some that are awkward to copy."""
    store = new_store()
    with tenant_transaction(store) as session:
        item = new_item(session)
        customer = new_customer(session, name=NASTY)
        for _ in range(5):
            new_sale(session, (item.id, 300_00), customer_id=customer.id)
    return store


def new_slug(store: Tenant) -> str:
    return f"{store.slug}-again"


def unused_slug(store: Tenant) -> str:
    """Give another one each time: many tests restore the same export."""
    return f"{new_slug(store)}-{next(_numbers)}"


@pytest.fixture(scope="module")
def exported(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tenant, Path]:
    """A store and its export; nobody changes either."""
    store = filled()
    path = tmp_path_factory.mktemp("export") / "store.rollbook"
    exporting.export(store, path)
    return store, path


def schemas() -> set[str]:
    with service("app_provision") as connection:
        rows = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%' "
            "UNION SELECT rolname FROM pg_roles WHERE rolname ~ '^t_' "
            "UNION SELECT name FROM registry.stock UNION SELECT name FROM registry.tenants"
        ).fetchall()
    return {row["nspname"] for row in rows}


def rewritten(path: Path, target: Path, change: object, *, drop: str = "") -> Path:
    """Write an export again with another manifest, and a seal that fits."""
    with archive.reading(path) as reader, archive.writing(target) as writer:
        for table in reader.manifest.tables:
            pieces = reader.table(table)
            writer.table(table.name, table.columns, [] if table.name == drop else pieces)
        manifest = change(reader.manifest) if callable(change) else reader.manifest
        writer.finish(manifest)
    return target


def hashes(store: Tenant, path: Path) -> dict[str, str]:
    exporting.export(store, path)
    return {table.name: table.sha256 for table in restoring.manifest_of(path).tables}


def test_a_restored_store_is_the_same_to_the_byte_and_works_on(
    exported: tuple[Tenant, Path], tmp_path: Path
) -> None:
    store, path = exported
    made = restoring.restore(path, Wanted(slug=unused_slug(store), display_name="新店"))

    assert made.name != store.name
    assert (made.display_name, made.code, made.time_zone) == ("新店", store.code, store.time_zone)
    known = {table.name: table.sha256 for table in restoring.manifest_of(path).tables}
    assert hashes(made, tmp_path / "again") == known
    with tenant_transaction(made) as session:
        assert session.scalars(select(Customer.name)).all() == [NASTY]
        item = new_item(session, "NEW")
        assert item.id == 2  # identities go on after the largest
        new_sale(session, (item.id, 1_00))
    assert audit.holes() == []


def test_people_come_along_without_their_passwords(cluster: Cluster, tmp_path: Path) -> None:
    store = new_store()
    here = new_person((store, "MGR"), (store, "FD"), password_hash="secret-hash")
    gone = new_person((store, "BEA"))
    path = tmp_path / "people"
    assert exporting.export(store, path).people == 2
    assert b"secret-hash" not in path.read_bytes()
    with service("app_provision") as connection:  # as on a server that never saw this person
        login = connection.execute(
            "UPDATE registry.people SET login = login || '.elsewhere' WHERE id = %s "
            "RETURNING login",
            [gone],
        ).fetchone()
    assert login

    made = restoring.restore(path, Wanted(slug=unused_slug(store)))

    assert identity.roles_of(here, made) == {"MGR", "FD"}
    newcomer = identity.credentials(login["login"].removesuffix(".elsewhere"))
    assert newcomer
    assert newcomer.password_hash is None
    assert newcomer.person.id != gone  # that id is another person's here
    assert identity.roles_of(newcomer.person.id, made) == {"BEA"}


def test_nobody_comes_along_when_nobody_is_wanted(cluster: Cluster, tmp_path: Path) -> None:
    store = new_store()
    person = new_person((store, "MGR"))
    exporting.export(store, tmp_path / "x")
    made = restoring.restore(tmp_path / "x", Wanted(slug=unused_slug(store), with_people=False))
    assert identity.roles_of(person, made) == frozenset()


def test_a_headquarters_moves_with_both_its_histories(cluster: Cluster, tmp_path: Path) -> None:
    hq = new_hq()
    exporting.export(hq, tmp_path / "hq")
    made = restoring.restore(tmp_path / "hq", Wanted(slug=unused_slug(hq)))
    assert (made.kind, made.version) == ("hq", hq.version)


def test_a_restored_store_may_join_a_chain(exported: tuple[Tenant, Path]) -> None:
    store, path = exported
    hq = new_hq()
    assert restoring.restore(path, Wanted(slug=unused_slug(store), hq=hq)).hq == hq.name


def test_one_flipped_byte_anywhere_is_refused(
    exported: tuple[Tenant, Path], tmp_path: Path
) -> None:
    store, path = exported
    whole, before, draw = path.read_bytes(), schemas(), random.Random(11)
    broken = tmp_path / "broken"
    for _ in range(FLIPS):
        at = draw.randrange(len(whole))
        flipped = whole[at] ^ (1 << draw.randrange(8))
        broken.write_bytes(whole[:at] + bytes([flipped]) + whole[at + 1 :])
        with pytest.raises(ExportBroken):
            restoring.restore(broken, Wanted(slug=unused_slug(store)))
    assert schemas() == before


@pytest.mark.parametrize("kept", [0, 1, 72, 5_000, -1, -72, -3_000])
def test_a_truncated_file_is_refused(
    exported: tuple[Tenant, Path], tmp_path: Path, kept: int
) -> None:
    store, path = exported
    (tmp_path / "broken").write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ExportBroken):
        restoring.restore(tmp_path / "broken", Wanted(slug=unused_slug(store)))


def counted_wrong(manifest: Manifest) -> Manifest:
    customers = next(table for table in manifest.tables if table.name == "customers")
    others = tuple(table for table in manifest.tables if table is not customers)
    return replace(manifest, tables=(*others, replace(customers, rows=customers.rows + 1)))


CHANGES = {
    "a wrong count": counted_wrong,
    "a table less": lambda manifest: replace(manifest, tables=manifest.tables[1:]),
    "no tenant": lambda manifest: replace(manifest, tenant={}),
    "a tenant with more to it": lambda m: replace(m, tenant={**m.tenant, "state": "active"}),
    "no such kind": lambda m: replace(m, tenant={**m.tenant, "kind": "t_0; DROP"}),
    "a history that stores lack": lambda m: replace(m, versions={**m.versions, "hq": "h0001"}),
    "a role that does not exist": lambda m: replace(
        m, people=(archive.PersonFacts(str(id(m)), "a@b", "A", "zh", ("GOD",)),)
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_manifest_that_does_not_fit_is_refused_and_leaves_nothing(
    exported: tuple[Tenant, Path], tmp_path: Path, what: str
) -> None:
    store, path = exported
    broken = rewritten(path, tmp_path / "broken", CHANGES[what])
    before = schemas()
    with pytest.raises(ExportBroken):
        restoring.restore(broken, Wanted(slug=unused_slug(store)))
    assert schemas() == before


def test_rows_that_contradict_each_other_are_refused(
    exported: tuple[Tenant, Path], tmp_path: Path
) -> None:
    """Lines of sales that are not there: the seal fits, the foreign keys do not."""
    store, path = exported

    def without_sales(manifest: Manifest) -> Manifest:
        empty = archive.Tally()
        tables = tuple(
            empty.facts(table.name, table.columns) if table.name == "sales" else table
            for table in manifest.tables
        )
        return replace(manifest, tables=tables)

    broken = rewritten(path, tmp_path / "broken", without_sales, drop="sales")
    before = schemas()
    with pytest.raises(ExportBroken):
        restoring.restore(broken, Wanted(slug=unused_slug(store)))
    assert schemas() == before


def test_a_newer_rollbooks_export_is_refused(exported: tuple[Tenant, Path], tmp_path: Path) -> None:
    store, path = exported
    newer = rewritten(path, tmp_path / "n", lambda m: replace(m, versions={"tenant": "t9999"}))
    before = schemas()
    with pytest.raises(restoring.VersionUnknown):
        restoring.restore(newer, Wanted(slug=unused_slug(store)))
    assert schemas() == before


def test_a_taken_slug_is_refused_before_anything_is_made(exported: tuple[Tenant, Path]) -> None:
    store, path = exported
    with pytest.raises(provisioning.SlugTaken):
        restoring.restore(path, Wanted(slug=store.slug))


def test_an_older_export_is_built_as_it_was_and_then_migrated(
    exported: tuple[Tenant, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, path = exported
    monkeypatch.setattr(script, "_directory", script._directory)
    head = script.head("tenant")
    history = tmp_path / "history"
    history.mkdir()
    for revision in (trial_history.ROOT / "alembic" / "tenant").glob("*.py"):
        shutil.copy(revision, history)
    trial_history.write(
        history, "x9", head, ["ALTER TABLE customers ADD COLUMN trial_export varchar(20)"], []
    )
    trial_history.use(history)
    try:
        made = restoring.restore(path, Wanted(slug=unused_slug(store)))
        assert made.version == "x9/"
        with tenant_session(made) as session:
            found = session.execute(text("SELECT name, trial_export FROM customers")).all()
        assert [tuple(row) for row in found] == [(NASTY, None)]
    finally:
        with connect("app_migrator") as connection:  # the others' version is not known here
            connection.execute(
                "UPDATE registry.tenants SET version = %s WHERE version = 'x9'", [head]
            )
        script.steps.cache_clear()
        script.road.cache_clear()


def test_an_export_never_replaces_a_file(exported: tuple[Tenant, Path]) -> None:
    store, path = exported
    with pytest.raises(exporting.FileExists):
        exporting.export(store, path)


def test_an_export_is_for_its_owner_alone_and_tar_reads_it(
    exported: tuple[Tenant, Path],
) -> None:
    _, path = exported
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as archive:
        member = archive.extractfile("manifest.json")
        assert member
        read = json.load(member)
    manifest = restoring.manifest_of(path)
    assert read["tables"] == json.loads(json.dumps([asdict(table) for table in manifest.tables]))


def test_an_export_is_one_snapshot(cluster: Cluster, tmp_path: Path) -> None:
    """What is committed while tables are copied is in none of them."""
    store = filled()
    copied = []
    real = exporting.copied_out

    def selling(connection, table):  # type: ignore[no-untyped-def]
        if len(copied) == 1:
            with tenant_transaction(store) as session:
                new_sale(session, (1, 9_00))
        copied.append(table.name)
        return real(connection, table)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporting, "copied_out", selling)
        exporting.export(store, tmp_path / "x")
    rows = {table.name: table.rows for table in restoring.manifest_of(tmp_path / "x").tables}
    assert (rows["sales"], rows["sale_lines"]) == (5, 5)


def test_what_a_killed_restore_left_is_dropped_later(cluster: Cluster) -> None:
    before = schemas()
    with service("app_provision") as connection:
        left = stock.begin(connection, kind="store", versions=None)
    assert stock.drop_abandoned() == []  # it may be at work
    assert left in schemas()
    assert audit.holes() == []

    assert stock.drop_abandoned(NOW.replace(year=2999)) == [left]

    assert schemas() == before


def test_a_retired_tenant_is_gone_and_its_slug_free(cluster: Cluster, tmp_path: Path) -> None:
    store = filled()
    person = new_person((store, "MGR"))
    token = api_tokens.make_api_token(person, store, label="till", now=NOW)

    done = retiring.retire(store, export_to=tmp_path / "last")

    assert done
    assert done.rows > 0
    assert registry.tenant_by_slug(store.slug) is None
    kept = registry.tenant_by_name(store.name)
    assert kept
    assert kept.state == "retired"
    with service("app_provision") as connection:
        left = connection.execute(
            "SELECT FROM pg_roles WHERE rolname = %(name)s "
            "UNION ALL SELECT FROM pg_namespace WHERE nspname = %(name)s",
            {"name": store.name},
        ).fetchall()
    assert left == []
    with pytest.raises(retiring.AlreadyRetired):
        retiring.retire(store, export_to=None)

    heir = restoring.restore(tmp_path / "last", Wanted(slug=store.slug, with_people=False))
    assert heir.slug == store.slug
    visit = identity.visit_by_token(token, slug=store.slug, now=NOW)
    assert visit is None or visit.tenant is None
    session = identity.open_session(person, now=NOW)
    again = identity.visit_by_session(session, slug=store.slug, now=NOW)
    assert again
    assert again.tenant is None
    assert identity.memberships(person) == []
    assert migrations.tenants_behind() == 0


def test_a_tenant_somebody_writes_in_is_not_retired(cluster: Cluster, tmp_path: Path) -> None:
    store = filled()
    with tenant_session(store) as session:
        new_customer(session)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(retiring, "_PATIENCE", "100ms")
            with pytest.raises(retiring.TenantBusy):
                retiring.retire(store, export_to=tmp_path / "x")
    assert not (tmp_path / "x").exists()
    assert registry.named(store.slug).state == "active"
