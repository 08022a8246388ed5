"""Whole tenants moved by errands: once, whatever is killed; nobody else's rows move.

A kill is a real one: the errand runs in a forked process that ends without a word at the named
point, and is begun again when its lease has run out.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.postgres import Cluster
from tenants import audit, errands, provisioning, registry, services, stock
from tenants.errands import Errand
from tenants.logins import connect
from tenants.moving import exporting, restoring, retiring
from tenants.registry import Tenant
from tenants.services import Row, service
from tests.tenancy import canaries
from tests.tenancy.test_export import filled, hashes, new_slug
from workers import errands as runner

KILLED = 9
Point = tuple[Any, str]  # what is replaced by the end of the process

# kind -> points of a kill: before anything, in the midst, and with the effect not yet committed
POINTS: dict[str, list[Point]] = {
    "suspend": [(registry, "kept"), (errands, "finish")],
    "resume": [(registry, "kept"), (errands, "finish")],
    "export": [(registry, "kept"), (exporting, "_people_of"), (errands, "finish")],
    "restore": [(stock, "begin"), (restoring, "_set_identities"), (errands, "finish")],
    "retire": [(registry, "kept"), (exporting, "_people_of"), (errands, "finish")],
}
KILLS = [
    pytest.param(kind, point, id=f"{kind}-{point[1]}")
    for kind, points in POINTS.items()
    for point in points
]


@pytest.fixture(autouse=True)
def _files(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "folder", lambda: tmp_path)
    with service("app_provision") as connection:
        connection.execute("DELETE FROM ops.errand")


def asked(kind: Any, tenant: Tenant, folder: Path) -> dict[str, Any]:
    """Ask for an errand of each kind; its row's id in `id`."""
    given: dict[str, Any] = {}
    if kind == "restore":
        exporting.export(tenant, folder / "in.rollbook")
        given = {"file": "in.rollbook", "slug": new_slug(tenant), "people": False}
    if kind == "retire":
        given = {"export": True}
    if kind == "resume":
        provisioning.suspend(tenant)
    errands.ask(kind, tenant=None if kind == "restore" else tenant, **given)
    return given


def only_row() -> Row:
    (row,) = errands.listed()
    return row


def run_all() -> None:
    while runner.step():
        pass


def run_out() -> None:
    """End leases and pauses."""
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE ops.errand SET lease_until = now() - interval '1 s' WHERE state = 'running'"
        )
        connection.execute("UPDATE ops.errand SET run_at = now() WHERE state = 'queued'")


def check(kind: str, tenant: Tenant, folder: Path) -> None:
    """Say whether the effect is there, once."""
    if kind in ("suspend", "resume"):
        wanted = "suspended" if kind == "suspend" else "active"
        assert registry.named(tenant.slug).state == wanted
        return
    if kind == "retire":
        assert registry.tenant_by_slug(tenant.slug) is None
    if kind in ("export", "retire"):
        (file,) = folder.glob(f"{tenant.slug}-*.rollbook")  # those of killed attempts are gone
        assert only_row()["result"]["file"] == file.name
        counts = {table.name: table.rows for table in restoring.manifest_of(file).tables}
        assert counts["sales"] == 5
    else:
        restored = registry.named(new_slug(tenant))
        assert hashes(restored, folder / "again") == hashes(tenant, folder / "before")


@pytest.mark.parametrize("kind", POINTS)
def test_it_is_done_and_nobody_else_is_touched(kind: str, tmp_path: Path) -> None:
    tenant, other = filled(), filled()
    before = canaries.rows_of(other)
    asked(kind, tenant, tmp_path)
    run_all()
    assert (only_row()["state"], only_row()["attempt"]) == ("done", 1)
    check(kind, tenant, tmp_path)
    assert canaries.rows_of(other) == before
    assert registry.named(other.slug) == other
    assert audit.holes() == []


@pytest.mark.parametrize(("kind", "point"), KILLS)
def test_a_killed_one_is_done_by_the_next_attempt(
    kind: str, point: Point, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = filled()
    asked(kind, tenant, tmp_path)

    in_a_process_that_dies(monkeypatch, point)
    assert only_row()["state"] == "running"
    assert not runner.step()  # the lease still counts
    run_out()
    run_all()

    assert (only_row()["state"], only_row()["attempt"]) == ("done", 2)
    check(kind, tenant, tmp_path)
    stock.drop_abandoned(only_row()["created_at"].replace(year=2999))
    assert audit.holes() == []


def in_a_process_that_dies(monkeypatch: pytest.MonkeyPatch, point: Point) -> None:
    pid = os.fork()
    if pid == 0:  # nothing of the parent's connections may be used, nor closed, here
        try:
            services._opened.clear()
            services._pool.cache_clear()
            monkeypatch.setattr(*point, lambda *_, **__: os._exit(KILLED))
            runner.step()
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == KILLED


def test_done_twice_it_changes_nothing(tmp_path: Path) -> None:
    tenant = filled()
    for kind in ("suspend", "suspend", "resume", "resume", "suspend"):
        errands.ask(kind, tenant=tenant)  # type: ignore[arg-type]
    run_all()
    assert {row["state"] for row in errands.listed()} == {"done"}
    since = registry.named(tenant.slug).suspended_at
    assert provisioning.suspend(tenant).suspended_at == since  # thirty days count from the first


def test_those_of_one_tenant_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = filled()
    real, failed = provisioning.suspend, []

    def busy(*given: Any, **more: Any) -> Tenant:
        if not failed:
            failed.append(1)
            raise retiring.TenantBusy
        return real(*given, **more)

    monkeypatch.setattr(provisioning, "suspend", busy)
    errands.ask("suspend", tenant=tenant)
    errands.ask("resume", tenant=tenant)
    run_all()
    assert {row["state"] for row in errands.listed()} == {"queued"}  # the second waits for it
    run_out()
    run_all()
    assert {row["state"] for row in errands.listed()} == {"done"}
    assert registry.named(tenant.slug).state == "active"


def test_who_lost_the_lease_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = filled()
    errands.ask("suspend", tenant=tenant)
    real = errands.finish

    def slow(connection: Any, errand: Errand, result: Any = None) -> None:
        with connect("app_provision") as other:  # meanwhile somebody else was given it
            other.execute("UPDATE ops.errand SET lease_by = gen_random_uuid()")
        real(connection, errand, result)

    monkeypatch.setattr(errands, "finish", slow)
    runner.step()
    assert only_row()["state"] == "running"
    assert registry.named(tenant.slug).state == "active"


def break_file(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(bytes(whole))


REFUSALS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a broken file": (lambda folder: break_file(folder / "in.rollbook"), "ExportBroken"),
    "no file": (lambda folder: (folder / "in.rollbook").unlink(), "NoSuchFile"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_restore_that_cannot_be_is_refused_at_once(what: str, tmp_path: Path) -> None:
    tenant = filled()
    asked("restore", tenant, tmp_path)
    spoil, reason = REFUSALS[what]
    spoil(tmp_path)
    run_all()
    assert (only_row()["state"], only_row()["error_class"]) == ("dead", reason)
    assert registry.tenant_by_slug(new_slug(tenant)) is None
    assert audit.holes() == []


def test_a_file_is_looked_for_among_the_exports_alone(tmp_path: Path) -> None:
    errands.ask("restore", file="../../etc/passwd", slug="x")
    run_all()
    assert only_row()["error_class"] == "NoSuchFile"


def test_one_that_kills_its_runner_each_time_is_given_up() -> None:
    errands.ask("suspend", tenant=filled())
    for _ in range(6):
        assert errands.claim()
        run_out()
    assert errands.claim() is None
    assert (only_row()["state"], only_row()["error_class"]) == ("dead", errands.OUT_OF_ATTEMPTS)
