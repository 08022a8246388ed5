"""How flat things stay with the number of tenants: `python -m tests.bench.scale [--tenants 3000]`.

Makes a throw-away database with fsync on, fills it, and measures the same things while there are
few, a third, and all of the tenants. Run by hand: 3,000 tenants take about ten minutes and 3 GB,
`--tenants 200` a minute. Only the ratios of one run say something.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from sqlalchemy import text

from deploy.local.postgres import Cluster
from tenants import audit, migrations, provisioning, registry, script, stock
from tenants.pool import pool
from tenants.provisioning import NewTenant, Owner
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.conftest import point_to
from tests.tenancy import trial_history
from workers.broker import Toll
from workers.clock import know_newcomers, tick
from workers.dispatcher import Dispatcher

ROUNDS = 11
MANY_ROUNDS = 51  # of what takes a moment
SERVED = 1000
CHAIN = 30  # a headquarters and its stores
READS = ("customers", "sales", "day_totals", "months", "items", "cash_days")

_numbers = count(1)
Figures = dict[str, float]


class NoBell:
    """Nobody listens: there is nothing due."""

    def keep_alive(self) -> None: ...

    def ring(self, tolls: Sequence[Toll]) -> None: ...


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=3000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as files, Cluster.throwaway(options={}) as cluster:
        point_to(cluster.url, Path(files))
        migrations.upgrade_registry()
        history = Path(files, "history")
        history.mkdir()
        trial_history.write(history, "x0", None, [], [])
        trial_history.use(history)
        measured: dict[int, Figures] = {}
        for size in (0, given.tenants // 3, given.tenants):
            fill(size)
            measured[size] = measure(history, size)
            say(measured)
        memory = serve(cluster, registry.all_tenants()[:SERVED])
        print(json.dumps(memory, indent=1))  # noqa: T201
    if given.json:
        found = {"sizes": measured, "memory": memory}
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def fill(size: int) -> None:
    """Make stores until there are so many."""
    missing = size - len(registry.all_tenants())
    with ThreadPoolExecutor(2) as makers:
        for first in range(0, missing, CHAIN):
            hq = new_chain()
            stores = range(min(CHAIN, missing - first) - 1)
            list(makers.map(lambda _, hq=hq: new_store(hq=hq), stores))


def measure(history: Path, size: int) -> Figures:
    """Measure everything once the database has so many tenants."""
    figures: Figures = {}
    figures["make a store cold, ms"] = best_ms(new_store)
    while stock.refill(ROUNDS):
        pass
    owners = (
        Owner(login=f"owner-{number}@example.test", name="店主", role="MGR")
        for number in count(size)
    )
    figures["take a store from stock with its owner, ms"] = best_ms(lambda: new_store(next(owners)))
    figures["list all, ms"] = best_ms(registry.all_tenants, rounds=MANY_ROUNDS)
    figures["find one by slug, ms"] = best_ms(
        lambda: registry.tenant_by_slug("scale-1"), rounds=MANY_ROUNDS
    )
    figures["audit, ms"] = best_ms(audit.holes, rounds=3)
    figures["migrate with nothing to do, ms"] = best_ms(
        migrations.upgrade_across_tenants, rounds=MANY_ROUNDS
    )
    know_newcomers()
    while tick():
        pass
    figures["look for tenants new to the clock, ms"] = best_ms(know_newcomers, rounds=MANY_ROUNDS)
    figures["clock tick, all idle, ms"] = best_ms(tick, rounds=MANY_ROUNDS)
    round_trip = Dispatcher(NoBell())
    while round_trip.step():
        pass
    figures["dispatcher round, all idle, ms"] = best_ms(round_trip.step, rounds=MANY_ROUNDS)
    figures["migrate a column and an index, ms a tenant"] = migrate(history)
    return figures


def migrate(history: Path) -> float:
    """Bring every tenant and the stock one revision further."""
    head = script.head("tenant")
    number = next(_numbers)
    column = f"scale_{number}"
    statements = [
        f"ALTER TABLE customers ADD COLUMN {column} varchar(20)",
        f"CREATE INDEX ix_{column} ON customers ({column})",
    ]
    trial_history.write(history, f"y{number}", head, statements, [])
    trial_history.use(history)
    began = time.perf_counter()
    outcome = migrations.upgrade_across_tenants()
    if outcome.failed:
        raise RuntimeError(outcome.failed)
    return (time.perf_counter() - began) * 1000 / max(len(outcome.migrated), 1)


def serve(cluster: Cluster, tenants: list[Tenant]) -> Figures:
    """Read in many tenants in turn from one process; weigh it and its backends."""
    first = len(tenants) // 10
    figures: Figures = {}
    began = time.perf_counter()
    for place, tenant in enumerate(tenants):
        if place == first:
            figures["process after a tenth, MiB"] = resident("self")
            figures["largest backend after a tenth, MiB"] = max(backends(cluster))
        with tenant_session(tenant) as session:
            for table in READS:
                session.execute(text(f"SELECT * FROM {table} LIMIT 1")).all()  # noqa: S608
    figures["ms a tenant, all misses"] = (time.perf_counter() - began) * 1000 / len(tenants)
    figures["process after all, MiB"] = resident("self")
    figures["largest backend after all, MiB"] = max(backends(cluster))
    figures["backends"] = len(list(backends(cluster)))
    return {**figures, **{f"pool {name}": value for name, value in pool().stats().items()}}


def backends(cluster: Cluster) -> Iterator[float]:
    """Weigh each process of the server: what it has for itself."""
    children = Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text(encoding="utf-8")
    for child in children.split():
        lines = Path(f"/proc/{child}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        kib = sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty"))
        yield round(kib / 1024, 1)


def resident(process: str) -> float:
    """Weigh a process."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    line = next(line for line in status if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def new_chain() -> Tenant:
    """Make a headquarters for the next stores."""
    number = next(_numbers)
    return provisioning.create_hq(
        NewTenant(slug=f"chain-{number}", display_name="总部", code=f"{number % 1000:03d}")
    )


def new_store(owner: Owner | None = None, hq: Tenant | None = None) -> Tenant:
    """Make a store."""
    number = next(_numbers)
    new = NewTenant(
        slug=f"scale-{number}", display_name=f"第{number}店", code=f"{number % 1000:03d}"
    )
    return provisioning.create_store(new, owner=owner, hq=hq)


def best_ms(step: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Give the best of some rounds: what others do on the machine only ever adds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        step()
        taken.append((time.perf_counter() - began) * 1000)
    return round(min(taken), 2)


def say(measured: dict[int, Figures]) -> None:
    """Print the table so far, each line's last figure over its first."""
    sizes = list(measured)
    for name, first in measured[sizes[0]].items():
        row = [f"{measured[size][name]:>10.2f}" for size in sizes]
        ratio = measured[sizes[-1]][name] / first if first else 0
        print(f"{name:<46}{''.join(row)}   x {ratio:.2f}", flush=True)  # noqa: T201
    print(f"{'tenants':<46}{''.join(f'{size:>10}' for size in sizes)}\n", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
