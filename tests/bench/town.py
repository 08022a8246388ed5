"""Makes our tenants for the measures: by the product's own functions, two at a time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from tenants import provisioning, registry
from tenants.logins import connect
from tenants.provisioning import NewTenant, Owner
from tenants.registry import Tenant

_numbers = count(1)


def new_hq() -> Tenant:
    """Make a headquarters."""
    return provisioning.create_hq(_described("hq"))


def new_store(*, owner: Owner | None = None, hq: Tenant | None = None) -> Tenant:
    """Make a store, cold or from the stock, whichever there is."""
    return provisioning.create_store(_described("store"), owner=owner, hq=hq)


def new_owner() -> Owner:
    """Describe somebody who signs up."""
    return Owner(login=f"owner-{next(_numbers)}@example.test", name="店主", role="MGR")


def fill(size: int) -> None:
    """Make stores until there are so many tenants."""
    new_stores(size - len(registry.all_tenants()))


def new_stores(count: int, *, hq: Tenant | None = None) -> list[Tenant]:
    """Make so many stores."""
    with ThreadPoolExecutor(2) as makers:
        return list(makers.map(lambda _: new_store(hq=hq), range(count)))


def register(hq: Tenant, stores: Sequence[Tenant]) -> None:
    """Write the stores' files in their headquarters."""
    register_names(hq, [store.name for store in stores])


def register_names(hq: Tenant, names: Sequence[str]) -> None:
    """Write files of stores by their opaque names; they need not exist."""
    rows = [(name, code_of(number), f"第{number}店") for number, name in enumerate(names)]
    with connect("app_migrator", autocommit=True) as connection:
        connection.execute("SET ROLE app_owner")
        connection.execute(f"SET search_path = {hq.name}")
        connection.cursor().executemany(
            "INSERT INTO store_files (tenant, code, name, region, kind, size_class, city_tier, "
            "opened_on) VALUES (%s, %s, %s, '华东', 'DIRECT', 'M', 'T1', '2024-01-01')",
            rows,
        )


def code_of(number: int) -> str:
    """Write a number in three figures of 36."""
    figures = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return figures[number // 1296 % 36] + figures[number // 36 % 36] + figures[number % 36]


def _described(kind: str) -> NewTenant:
    number = next(_numbers)
    return NewTenant(
        slug=f"{kind}-{number}", display_name=f"第{number}店", code=f"{number % 1000:03d}"
    )
