"""One process reads in many tenants in turn: what it and its backends weigh afterwards."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from deploy.local.postgres import Cluster
from tenants.pool import pool
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.bench import town
from tests.bench.figures import Line
from tests.bench.servers import our_server
from tests.bench.sizes import Sizes

PEERS = ()
READS = ("customers", "sales", "day_totals", "months", "items", "cash_days")


def measure(sizes: Sizes) -> Iterator[Line]:
    """Serve a tenth, weigh; serve all, weigh again."""
    with our_server(sizes) as cluster:
        stores = town.new_stores(sizes.served)
        tenth = max(len(stores) // 10, 1)
        _serve(stores[:tenth])
        before = (max(backends(cluster)), resident())
        _serve(stores[tenth:])
        after = (max(backends(cluster)), resident())
        weights = list(backends(cluster))
        stats = pool().stats()
    said = ", ".join(f"{name} {value}" for name, value in stats.items())
    yield Line(
        key="memory.flat",
        says=f"largest backend's own memory after {len(stores):,} tenants in turn",
        unit="MiB",
        ours=[after[0]],
        beside=[before[0]],
        beside_is=f"after {tenth}",
        ratios=[after[0] / before[0]],
        how="after all : after a tenth",
        note=f"all {len(weights)} server processes {sum(weights):.0f} MiB; pool: {said}",
    )
    yield Line(
        key="memory.process",
        says=f"the serving process after {len(stores):,} tenants in turn",
        unit="MiB",
        ours=[after[1]],
        beside=[before[1]],
        beside_is=f"after {tenth}",
        ratios=[after[1] / before[1]],
        how="after all : after a tenth",
    )


def _serve(stores: list[Tenant]) -> None:
    for store in stores:
        with tenant_session(store) as session:
            for table in READS:
                session.execute(text(f"SELECT * FROM {table} LIMIT 1")).all()  # noqa: S608


def backends(cluster: Cluster) -> Iterator[float]:
    """Weigh each process of the server, MiB: what it has for itself."""
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text(encoding="utf-8")
    for child in children.split():
        lines = Path(f"/proc/{child}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        yield sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1024


def resident() -> float:
    """Weigh this process, MiB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
