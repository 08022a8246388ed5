"""An operator moves whole tenants with commands alone."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.faults import Fault
from deploy.local.postgres import Cluster
from shared.domain.franchise.queries import stores
from shared.domain.franchise.service.stores import StoreCodeTaken
from tenants import registry
from tenants.sessions import tenant_session
from tests.deploy.test_tenants_create import run


@pytest.fixture
def mark(cluster: Cluster) -> str:
    return f"m{uuid4().hex[:8]}"


def test_a_store_is_exported_retired_and_restored_into_its_chain(
    mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chain = ["--hq", f"{mark}-hq"]
    run("create", f"{mark}-hq", "--kind", "hq", "--name", "总部", "--code", "000")
    run("create", f"{mark}-1", "--name", "一店", "--code", "001", *chain)
    file = str(tmp_path / "store.rollbook")
    with pytest.raises(Fault, match="--yes"):
        run("retire", f"{mark}-1", "--to", file)
    with pytest.raises(Fault, match="--no-export"):
        run("retire", f"{mark}-1", "--yes")
    capsys.readouterr()
    run("retire", f"{mark}-1", "--yes", "--to", file, "--json")
    assert json.loads(capsys.readouterr().out)["export"]["tables"] > 0

    again = ["restore", file, "--slug", f"{mark}-1", *chain]
    with pytest.raises(StoreCodeTaken):
        run(*again)
    run(*again, "--code", "002")

    made, hq = registry.named(f"{mark}-1"), registry.named(f"{mark}-hq")
    assert (made.display_name, made.code, made.hq) == ("一店", "002", hq.name)
    with tenant_session(hq) as session:
        assert made.name in {filed.tenant for filed in stores.store_files(session)}
    run("export", f"{mark}-1", str(tmp_path / "second"))
    with pytest.raises(Fault, match="no file"):
        run("restore", str(tmp_path / "third"), "--slug", f"{mark}-x")


def test_the_stock_is_filled_and_counted(mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("stock", "--target", "1", "--json")
    ready = json.loads(capsys.readouterr().out)["ready"]
    assert ready["store"] >= 1
    run("create", f"{mark}-1", "--name", "一店", "--code", "001")
    run("stock")
    assert "ready:" in capsys.readouterr().out


def test_an_operator_lets_the_provisioner_do_it(
    mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("create", f"{mark}-1", "--name", "一店", "--code", "001")
    capsys.readouterr()
    for verb, *rest in (
        ("suspend", f"{mark}-1"),
        ("export", f"{mark}-1"),
        ("restore", str(tmp_path / "some.rollbook"), "--slug", f"{mark}-2"),
        ("retire", f"{mark}-1", "--yes", "--no-export"),
    ):
        run(verb, *rest, "--later", "--json")
        assert json.loads(capsys.readouterr().out)["errand"]
    for wrong in (
        ("export", f"{mark}-1", str(tmp_path / "x"), "--later"),
        ("retire", f"{mark}-1", "--later"),
        ("export", f"{mark}-1"),
    ):
        with pytest.raises(Fault):
            run(*wrong)

    run("errands", "--json")
    listed = json.loads(capsys.readouterr().out)[:4]
    assert [row["kind"] for row in listed] == ["retire", "restore", "export", "suspend"]
    assert {row["state"] for row in listed} == {"queued"}
    run("errands")
    assert f"{mark}-2" in capsys.readouterr().out
