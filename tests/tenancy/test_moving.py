"""A whole tenant moves from one server to another, by errands of both."""

from pathlib import Path

from deploy.local.postgres import Cluster
from shared.config import settings
from tenants import audit, errands, registry
from tenants.services import service
from tests.conftest import point_to
from tests.tenancy.conftest import BY_PEER, BY_SCRAM
from tests.tenancy.test_export import filled, hashes, new_slug
from workers import errands as runner


def done() -> dict[str, object]:
    """Do what was asked; give what became of it."""
    while runner.step():
        pass
    row = errands.listed()[0]
    assert row["state"] == "done", row
    return row


def test_a_store_moves_to_another_server_the_same_to_the_byte(
    embedded: Cluster, network_cluster: Cluster, tmp_path: Path
) -> None:
    before = settings()
    try:
        point_to(embedded.url, tmp_path, **BY_PEER)
        with service("app_provision") as connection:
            connection.execute("DELETE FROM ops.errand")
        store = filled()
        known = hashes(store, tmp_path / "known")
        errands.ask("export", tenant=store)
        result = done()["result"]
        assert isinstance(result, dict)

        point_to(network_cluster.url, tmp_path, **BY_SCRAM)
        errands.ask("restore", file=result["file"], slug=new_slug(store), people=True)
        done()
        made = registry.named(new_slug(store))
        assert made.name != store.name
        assert hashes(made, tmp_path / "there") == known
        assert audit.holes() == []
    finally:
        auth = BY_SCRAM if before.database_auth == "scram" else BY_PEER
        point_to(before.database_url, before.data_dir, **auth)
