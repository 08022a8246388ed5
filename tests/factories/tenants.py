"""Tenants and people for tests."""

import itertools
import os
from uuid import UUID

from tenants import provisioning
from tenants.provisioning import NewTenant, Role
from tenants.registry import Tenant
from tests.factories import given_back

_numbers = itertools.count(1)


def new_store(*, hq: Tenant | None = None, zone: str = "Asia/Shanghai", name: str = "") -> Tenant:
    """Make a store, linked to `hq` when given."""
    described = _described("store", zone, name or "丽影美容院 朝阳店")
    return given_back.made(provisioning.create_store(described, hq=hq))


def new_hq(*, zone: str = "Asia/Shanghai", name: str = "") -> Tenant:
    """Make a headquarters."""
    return given_back.made(provisioning.create_hq(_described("hq", zone, name or "丽影总部")))


def new_person(*roles: tuple[Tenant, Role], login: str = "", password_hash: str = "") -> UUID:
    """Register a person with roles."""
    number = next(_numbers)
    person = provisioning.add_person(
        login=login or f"person-{os.getpid()}-{number}@example.test",
        name=f"员工{number}",
        password_hash=password_hash or None,
    )
    for tenant, role in roles:
        provisioning.grant_role(person, tenant, role)
    return person


def _described(kind: str, zone: str, name: str) -> NewTenant:
    number = next(_numbers)
    return NewTenant(
        slug=f"{kind}-{os.getpid()}-{number}",
        display_name=name,
        code=f"{number % 1000:03d}",
        time_zone=zone,
    )
