"""`./rollbook tenants create`: a store or headquarters, its file, and the first person in it.

Without the first person nobody could sign in to add others; without its file in the headquarters a
store's months would never be read there.
"""

import argparse
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime

from argon2 import PasswordHasher

from shared import days
from shared.domain.franchise.queries import stores as store_queries
from shared.domain.franchise.rules import stores as store_rules
from shared.domain.franchise.rules.stores import StoreDetails, StoreKind
from shared.domain.franchise.service import stores as store_files
from tenants import provisioning, registry
from tenants.people import identity
from tenants.provisioning import NewTenant, Role
from tenants.registry import NoSuchTenant, Tenant
from tenants.sessions import tenant_session, tenant_transaction

FIRST_ROLE: dict[str, Role] = {"hq": "HQA", "store": "MGR"}
PASSWORD_BYTES = 12


def add(verb: argparse.ArgumentParser) -> None:
    """Declare what there is to say of a new tenant."""
    verb.add_argument("slug")
    verb.add_argument("--kind", choices=["store", "hq"], default="store")
    verb.add_argument("--name", required=True, help="as people see it")
    verb.add_argument("--code", required=True, help="its number in the chain, such as 001")
    verb.add_argument("--zone", default="Asia/Shanghai", help="time zone (Asia/Shanghai)")
    verb.add_argument("--day-change", type=int, default=4, help="hour the day changes (4)")
    verb.add_argument("--currency", default="CNY")
    verb.add_argument(
        "--admin", metavar="LOGIN", help="who may sign in first: HQ admin, or store manager"
    )
    add_place(verb)


def add_place(verb: argparse.ArgumentParser) -> None:
    """Declare what there is to say of a store's place in its chain."""
    verb.add_argument("--hq", metavar="SLUG", help="the headquarters a store belongs to")
    verb.add_argument("--region", default="", help="with --hq: where the store is counted")
    verb.add_argument("--direct", action="store_true", help="with --hq: company-owned 直营")
    verb.add_argument(
        "--opened", type=date.fromisoformat, metavar="DATE", help="with --hq: trading since (today)"
    )


def create(arguments: argparse.Namespace) -> tuple[Tenant, str | None]:
    """Make the tenant; give it with the first person's new password, if there is one.

    Raises: NoSuchTenant, errors.FormInvalid, SlugTaken, BadTenant.
    """
    new = NewTenant(
        slug=arguments.slug,
        display_name=arguments.name,
        code=arguments.code,
        time_zone=arguments.zone,
        day_change_hour=arguments.day_change,
        currency=arguments.currency,
    )
    if arguments.kind == "hq":
        tenant = provisioning.create_hq(new)
    elif arguments.hq is None:
        tenant = provisioning.create_store(new)
    else:
        tenant = in_chain(
            arguments,
            code=new.code,
            name=new.display_name,
            make=lambda hq: provisioning.create_store(new, hq=hq),
        )
    return tenant, _admit(arguments.admin, tenant) if arguments.admin else None


def in_chain(
    arguments: argparse.Namespace, *, code: str, name: str, make: Callable[[Tenant], Tenant]
) -> Tenant:
    """Make a store and its file in the headquarters that `--hq` names.

    Raises: NoSuchTenant, StoreCodeTaken, errors.FormInvalid, what `make` raises.
    """
    hq = registry.tenant_by_slug(arguments.hq)
    if hq is None or hq.kind != "hq":
        raise NoSuchTenant(slug=arguments.hq)
    today = days.business_day(datetime.now(UTC), zone=hq.time_zone, change_hour=hq.day_change_hour)

    def details(tenant: str) -> StoreDetails:
        return StoreDetails(
            tenant=tenant,
            code=code,
            name=name,
            opened_on=arguments.opened or today,
            region=arguments.region,
            kind=StoreKind.DIRECT if arguments.direct else StoreKind.FRANCHISED,
        )

    store_rules.check_details(details(""))  # before there is a store that cannot have a file
    with tenant_session(hq) as session:
        if code in {file.code for file in store_queries.store_files(session)}:
            raise store_files.StoreCodeTaken(code=code)
    store = make(hq)
    with tenant_transaction(hq) as session:
        store_files.register_store(session, details=details(store.name))
    return store


def _admit(login: str, tenant: Tenant) -> str | None:
    role = FIRST_ROLE[tenant.kind]
    known = identity.credentials(login)
    if known is not None:
        provisioning.grant_role(known.person.id, tenant, role)
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person = provisioning.add_person(
        login=login, name=login, password_hash=PasswordHasher().hash(password)
    )
    provisioning.grant_role(person, tenant, role)
    return password
