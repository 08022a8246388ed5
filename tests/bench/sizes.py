"""How much is measured: the whole, the five-minute form, and next to nothing for the tests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """One form of the run."""

    tenants: tuple[int, int, int] = (0, 1000, 3000)  # at which provisioning is measured
    provision_rounds: int = 9
    served: int = 1000  # tenants that one process reads in turn
    migrated: int = 300
    migrate_rounds: int = 2
    is_safe: bool = True  # servers with fsync
    is_small: bool = False  # one pair of servers for all sections, one process of a kind
    read_stores: int = 200  # more than two web processes keep connections for
    read_seconds: float = 1.5
    read_rounds: int = 9
    rolled_up: int = 1000  # stores
    sales: int = 1000  # receipts a store and month, three lines each
    rollup_rounds: int = 3
    months: int = 36  # of receipts, beside a store with one
    month_rounds: int = 31
    web_stores: int = 20
    web_seconds: float = 2.0
    web_rounds: int = 9
    jobs: int = 4000
    job_tenants: int = 40
    fan_out: int = 1000  # stores
    job_rounds: int = 5
    ranked: tuple[int, int] = (100, 10_000)  # stores
    rank_rounds: int = 31


SIZES: dict[str, Sizes] = {
    "full": Sizes(),
    "quick": Sizes(
        tenants=(0, 100, 300),
        provision_rounds=5,
        served=200,
        migrated=30,
        migrate_rounds=1,
        read_stores=120,
        read_seconds=1.0,
        read_rounds=5,
        rolled_up=100,
        sales=300,
        rollup_rounds=2,
        month_rounds=15,
        web_seconds=1.0,
        web_rounds=5,
        jobs=1500,
        job_rounds=3,
        rank_rounds=15,
    ),
    "tiny": Sizes(
        tenants=(0, 1, 2),
        provision_rounds=1,
        served=2,
        migrated=2,
        migrate_rounds=1,
        is_safe=False,
        is_small=True,
        read_stores=3,
        read_seconds=0.2,
        read_rounds=1,
        rolled_up=2,
        sales=5,
        rollup_rounds=1,
        months=3,
        month_rounds=1,
        web_stores=2,
        web_seconds=0.3,
        web_rounds=1,
        jobs=20,
        job_tenants=2,
        fan_out=10,
        job_rounds=1,
        ranked=(3, 6),
        rank_rounds=1,
    ),
}
