"""The tenants under load: stores with items, customers and a month behind them, in two chains."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared import days
from tenants import provisioning
from tenants.logins import connect
from tenants.people import api_tokens
from tenants.provisioning import NewTenant, Role
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.chaos.patches import EFFECTS
from tests.factories.franchise import register
from tests.factories.sales import new_customer, new_item
from tests.factories.tenants import new_person

ITEMS = 4
CUSTOMERS = 5
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One store as its client sees it."""

    tenant: Tenant
    token: str
    items: tuple[int, ...]
    codes: tuple[str, ...]
    customers: tuple[int, ...]
    months: tuple[date, ...]  # that are over, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """All tenants of a run."""

    stores: tuple[Store, ...]
    heads: tuple[tuple[Tenant, str], ...]  # each headquarters and its analyst's token

    def tenants(self) -> list[Tenant]:
        """List all tenants."""
        return [*(store.tenant for store in self.stores), *(hq for hq, _ in self.heads)]


def build(count: int) -> Town:
    """Make that many tenants: two headquarters (one when there are few) and their stores."""
    heads = [
        provisioning.create_hq(NewTenant(slug=f"hq-{n}", display_name=f"总部{n}", code="000"))
        for n in range(2 if count >= 20 else 1)
    ]
    stores = [_store(number, heads) for number in range(1, count - len(heads) + 1)]
    _add_effects([*heads, *(store.tenant for store in stores)])
    return Town(
        stores=tuple(stores), heads=tuple((hq, _token(hq, "analyst", "HQN")) for hq in heads)
    )


def grant_a_membership(town: Town) -> None:
    """Mutation: let one store's login act with another's rights."""
    one, other = (store.tenant.name for store in town.stores[:2])
    with connect("app_provision") as connection:
        connection.execute(f"GRANT {other} TO {one} WITH INHERIT TRUE, SET FALSE")


def _store(number: int, heads: list[Tenant]) -> Store:
    hq = heads[number % len(heads)]
    code = f"{number:03d}"
    new = NewTenant(
        slug=f"store-{code}",
        display_name=f"门店{code}",
        code=code,
        time_zone=ZONES[number % len(ZONES)],
    )
    tenant = provisioning.create_store(new, hq=hq)
    register(hq, tenant, code=code, region=f"区域{number % 3}")
    last = days.previous_month(datetime.now(UTC).date())
    with tenant_session(tenant) as session:
        codes = tuple(f"I{n}" for n in range(ITEMS))
        items = tuple(new_item(session, one).id for one in codes)
        customers = tuple(new_customer(session).id for _ in range(CUSTOMERS))
        session.commit()
    return Store(
        tenant=tenant,
        token=_token(tenant, "till", "MGR", "FD"),
        items=items,
        codes=codes,
        customers=customers,
        months=(days.previous_month(days.previous_month(last)), days.previous_month(last)),
    )


def _add_effects(tenants: list[Tenant]) -> None:
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        for tenant in tenants:
            table = f"{tenant.name}.{EFFECTS}"
            connection.execute(f"CREATE TABLE {table} (job uuid NOT NULL)")
            connection.execute(f"GRANT SELECT, INSERT ON {table} TO {tenant.name}")


def _token(tenant: Tenant, label: str, *roles: Role) -> str:
    person = new_person(*((tenant, role) for role in roles))
    return api_tokens.make_api_token(person, tenant, label=label, now=datetime.now(UTC))
