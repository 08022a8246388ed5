"""Make, suspend and resume tenants; people and their roles.

A new tenant is taken from the stock of ready schemas: then it costs a registry row. When the stock
is empty its schema and login are made in the same transaction as the row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID, uuid4

from babel.numbers import get_currency_precision, list_currencies
from psycopg import Connection
from psycopg import errors as pg
from psycopg.rows import DictRow

from shared import errors
from tenants import schemas
from tenants.logins import new_tenant_name
from tenants.migrations import heads
from tenants.people import names
from tenants.registry import (
    TENANT_COLUMNS,
    TENANT_SOURCE,
    Kind,
    NoSuchTenant,
    State,
    Tenant,
    tenant_of,
)
from tenants.services import service

Role = Literal["HQA", "HQN", "MGR", "FD", "CON", "BEA", "SDA", "TEC", "AUD"]

# The oldest ready schema of a kind at the versions that this code makes.
_FIRST_READY = """name = (
    SELECT name FROM registry.stock
    WHERE state = 'ready' AND kind = %s AND version = %s AND hq_version IS NOT DISTINCT FROM %s
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)"""


class SlugTaken(errors.Conflict):
    """A tenant with this slug exists already."""

    code = "DUPLICATE"
    zh = "该标识已被使用"


class LoginTaken(errors.Conflict):
    """A person with this login exists already."""

    code = "DUPLICATE"
    zh = "该登录名已被使用"


class BadTenant(errors.Invalid):
    """A tenant needs a valid slug, code, name, time zone and a currency of hundredths."""

    code = "RANGE"
    zh = "门店标识、编号、名称、时区或货币不正确(货币须有两位小数)"


Also = Callable[[Connection[DictRow]], None]  # what else a transaction does before it commits


def nothing_else(connection: Connection[DictRow]) -> None:
    """Do nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """What an operator says of a new store or headquarters."""

    slug: str
    display_name: str
    code: str
    time_zone: str = "Asia/Shanghai"
    day_change_hour: int = 4
    currency: str = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The first person of a new tenant, registered in the same transaction."""

    login: str
    name: str
    role: Role
    password_hash: str | None = None
    locale: str = "zh"


def create_hq(new: NewTenant, *, owner: Owner | None = None) -> Tenant:
    """Make a headquarters: a chain's own tenant.

    Raises: SlugTaken, BadTenant, LoginTaken.
    """
    with service("app_provision") as connection:
        name = _create(connection, new, kind="hq")
        if owner is not None:
            _admit(connection, name, owner)
        return _read(connection, name)


def create_store(
    new: NewTenant,
    *,
    hq: Tenant | None = None,
    since: date | None = None,
    owner: Owner | None = None,
) -> Tenant:
    """Make a store, linked to its headquarters by a contract from `since` (open-ended).

    Raises: SlugTaken, BadTenant, LoginTaken.
    """
    with service("app_provision") as connection:
        name = _create(connection, new, kind="store")
        if hq is not None:
            link(connection, name, hq, since=since)
        if owner is not None:
            _admit(connection, name, owner)
        return _read(connection, name)


def link(
    connection: Connection[DictRow], store: str, hq: Tenant, *, since: date | None = None
) -> None:
    """Write a store's contract with its headquarters, in the caller's transaction."""
    connection.execute(
        "INSERT INTO registry.contracts (id, store, hq, valid_from) VALUES (%s, %s, %s, %s)",
        [uuid4(), store, hq.name, since or date(2000, 1, 1)],
    )


def end_contract(store: Tenant, *, last: date) -> None:
    """End a store's contract with its headquarters after the day `last`."""
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.contracts SET valid_to = %s WHERE store = %s AND valid_to IS NULL",
            [last, store.name],
        )


def suspend(tenant: Tenant, *, also: Also = nothing_else) -> Tenant:
    """Stop a tenant's writes and jobs; people may still read and export for 30 days.

    Suspending it again changes nothing. `also` is done in the same transaction.
    Raises: NoSuchTenant when it is retired.
    """
    return _set_state(tenant, "suspended", also)


def resume(tenant: Tenant, *, also: Also = nothing_else) -> Tenant:
    """Let a suspended tenant work again; its parked jobs go on.

    `also` is done in the same transaction.
    Raises: NoSuchTenant when it is retired.
    """
    return _set_state(tenant, "active", also)


def add_person(
    *, login: str, name: str, password_hash: str | None = None, locale: str = "zh"
) -> UUID:
    """Register a person.

    Raises: LoginTaken.
    """
    with service("app_provision") as connection:
        return _insert_person(connection, login, name, password_hash, locale)


def grant_role(person_id: UUID, tenant: Tenant, role: Role) -> None:
    """Give a person a role in a tenant; giving it twice changes nothing."""
    with service("app_provision") as connection:
        connection.execute(
            """
            WITH granted AS (
                INSERT INTO registry.memberships (person_id, tenant, role, since)
                VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING *)
            INSERT INTO registry.people_log (tenant, at, person_id, who, action, old, new)
            SELECT g.tenant, g.since, p.id, left(p.name || ' ' || p.login, 120), 'GRANTED', '{}',
                ARRAY[g.role]
            FROM granted g JOIN registry.people p ON p.id = g.person_id
            """,
            [person_id, tenant.name, role, datetime.now(UTC)],
        )


def revoke_role(person_id: UUID, tenant: Tenant, role: Role) -> None:
    """Take a role away; the person's next request already lacks it."""
    with service("app_provision") as connection:
        connection.execute(
            "DELETE FROM registry.memberships WHERE person_id = %s AND tenant = %s AND role = %s",
            [person_id, tenant.name, role],
        )


def activate(
    connection: Connection[DictRow], new: NewTenant, *, kind: Kind, taken: str, given: list[object]
) -> str | None:
    """Turn a stock row into a tenant's; its name, or None when `taken` finds no row.

    Shape: `taken` is a condition on registry.stock, `given` its parameters.
    Raises: SlugTaken, BadTenant.
    """
    if not _has_hundredths(new.currency):
        raise BadTenant(slug=new.slug)
    values = [new.slug, new.display_name, new.code, new.time_zone, new.day_change_hour]
    query = f"""
        WITH taken AS (
            DELETE FROM registry.stock WHERE {taken} AND kind = %s RETURNING *)
        INSERT INTO registry.tenants (name, slug, kind, display_name, code, time_zone,
            day_change_hour, currency, version, hq_version, created_at)
        SELECT name, %s, kind, %s, %s, %s, %s, %s, version, hq_version, %s FROM taken
        RETURNING name
        """
    try:
        row = connection.execute(
            query, [*given, kind, *values, new.currency, datetime.now(UTC)]
        ).fetchone()
    except pg.UniqueViolation as error:
        raise SlugTaken(slug=new.slug) from error
    except (pg.CheckViolation, pg.StringDataRightTruncation) as error:
        raise BadTenant(slug=new.slug) from error
    return row["name"] if row else None


def _has_hundredths(currency: str) -> bool:
    """Whether a currency is one, and is divided as our fen are: yen and dinars are not."""
    return currency in list_currencies("en") and get_currency_precision(currency) == 2


def _create(connection: Connection[DictRow], new: NewTenant, *, kind: Kind) -> str:
    """Take a ready schema from the stock, or make one."""
    target = heads()
    versions = [target["tenant"], target["hq"] if kind == "hq" else None]
    name = activate(connection, new, kind=kind, taken=_FIRST_READY, given=[kind, *versions])
    if name is None:
        made = new_tenant_name()
        connection.execute(
            "INSERT INTO registry.stock VALUES (%s, %s, %s, %s, 'making', %s)",
            [made, kind, *versions, datetime.now(UTC)],
        )
        name = activate(connection, new, kind=kind, taken="name = %s", given=[made])
        assert name is not None
        schemas.build(connection, name, kind=kind, versions=None)
    return name


def _admit(connection: Connection[DictRow], tenant: str, owner: Owner) -> None:
    person = _insert_person(connection, owner.login, owner.name, owner.password_hash, owner.locale)
    connection.execute(
        "INSERT INTO registry.memberships (person_id, tenant, role, since) VALUES (%s, %s, %s, %s)",
        [person, tenant, owner.role, datetime.now(UTC)],
    )


def _insert_person(
    connection: Connection[DictRow],
    login: str,
    name: str,
    password_hash: str | None,
    locale: str,
) -> UUID:
    person_id = uuid4()
    try:
        connection.execute(
            "INSERT INTO registry.people (id, login, name, password_hash, locale, created_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [person_id, names.normal(login), name, password_hash, locale, datetime.now(UTC)],
        )
    except pg.UniqueViolation as error:
        raise LoginTaken(login=login) from error
    return person_id


def _set_state(tenant: Tenant, state: State, also: Also) -> Tenant:
    now = datetime.now(UTC)
    with service("app_provision") as connection:
        row = connection.execute(
            "UPDATE registry.tenants SET state = %(state)s::text, suspended_at = CASE "
            "WHEN %(state)s::text = 'suspended' THEN coalesce(suspended_at, %(now)s) END "
            "WHERE name = %(name)s AND state <> 'retired' RETURNING name",
            {"state": state, "now": now, "name": tenant.name},
        ).fetchone()
        if row is None:
            raise NoSuchTenant(slug=tenant.slug)
        also(connection)
        return _read(connection, tenant.name)


def _read(connection: Connection[DictRow], name: str) -> Tenant:
    row = connection.execute(
        f"SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE} WHERE t.name = %s", [name]
    ).fetchone()
    if row is None:
        raise NoSuchTenant(name=name)
    return tenant_of(row)
