"""Make, suspend, resume and retire tenants; people and their roles.

A new tenant is one script rendered from the metadata at head, sent in one pipeline and one
transaction together with its login and its registry row. Its cost does not grow with the number
of tenants: nothing here searches the catalogue.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID, uuid4

from psycopg import Connection, sql
from psycopg import errors as pg
from psycopg.rows import DictRow

from shared import errors
from tenants import script
from tenants.logins import new_tenant_name, verifier_for
from tenants.migrations import heads
from tenants.registry import TENANT_COLUMNS, TENANT_SOURCE, State, Tenant, tenant_of
from tenants.services import service

Role = Literal["HQA", "HQN", "MGR", "FD", "CON", "BEA", "SDA", "TEC", "AUD"]

_LOGIN_OPTIONS = (
    "LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS "
    "CONNECTION LIMIT 24"
)
# Settings of the role itself, for whoever connects without our start-up options.
_ROLE_SETTINGS = {
    "temp_file_limit": "256MB",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "5s",
    "TimeZone": "UTC",
}


class SlugTaken(errors.Conflict):
    """A tenant with this slug exists already."""

    code = "DUPLICATE"
    zh = "该标识已被使用"


class LoginTaken(errors.Conflict):
    """A person with this login exists already."""

    code = "DUPLICATE"
    zh = "该登录名已被使用"


class NoSuchTenant(errors.Missing):
    """There is no such tenant."""

    zh = "没有这个门店"


class BadTenant(errors.Invalid):
    """A tenant needs a valid slug, code, name and time zone."""

    code = "RANGE"
    zh = "门店标识、编号、名称或时区不正确"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """What an operator says of a new store or headquarters."""

    slug: str
    display_name: str
    code: str
    time_zone: str = "Asia/Shanghai"
    day_change_hour: int = 4
    currency: str = "CNY"


def create_hq(new: NewTenant) -> Tenant:
    """Make a headquarters: a chain's own tenant.

    Raises: SlugTaken, BadTenant.
    """
    with service("app_provision") as connection:
        return _create(connection, new, kind="hq")


def create_store(new: NewTenant, *, hq: Tenant | None = None, since: date | None = None) -> Tenant:
    """Make a store, linked to its headquarters by a contract from `since` (open-ended).

    Raises: SlugTaken, BadTenant.
    """
    with service("app_provision") as connection:
        store = _create(connection, new, kind="store")
        if hq is None:
            return store
        connection.execute(
            "INSERT INTO registry.contracts (id, store, hq, valid_from) VALUES (%s, %s, %s, %s)",
            [uuid4(), store.name, hq.name, since or date(2000, 1, 1)],
        )
        return _read(connection, store.name)


def end_contract(store: Tenant, *, last: date) -> None:
    """End a store's contract with its headquarters after the day `last`."""
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.contracts SET valid_to = %s WHERE store = %s AND valid_to IS NULL",
            [last, store.name],
        )


def suspend(tenant: Tenant) -> Tenant:
    """Stop a tenant's writes and jobs; people may still read and export for 30 days."""
    return _set_state(tenant, "suspended")


def resume(tenant: Tenant) -> Tenant:
    """Let a suspended tenant work again; its parked jobs go on."""
    return _set_state(tenant, "active")


def retire(tenant: Tenant) -> Tenant:
    """Close a tenant for good: nobody enters; schema and login stay until they are exported."""
    return _set_state(tenant, "retired")


def add_person(
    *, login: str, name: str, password_hash: str | None = None, locale: str = "zh"
) -> UUID:
    """Register a person.

    Raises: LoginTaken.
    """
    person_id = uuid4()
    try:
        with service("app_provision") as connection:
            connection.execute(
                "INSERT INTO registry.people (id, login, name, password_hash, locale, created_at) "
                "VALUES (%s, %s, %s, %s, %s, %s)",
                [person_id, login.lower(), name, password_hash, locale, datetime.now(UTC)],
            )
    except pg.UniqueViolation as error:
        raise LoginTaken(login=login) from error
    return person_id


def grant_role(person_id: UUID, tenant: Tenant, role: Role) -> None:
    """Give a person a role in a tenant; giving it twice changes nothing."""
    with service("app_provision") as connection:
        connection.execute(
            "INSERT INTO registry.memberships (person_id, tenant, role, since) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [person_id, tenant.name, role, datetime.now(UTC)],
        )


def revoke_role(person_id: UUID, tenant: Tenant, role: Role) -> None:
    """Take a role away; the person's next request already lacks it."""
    with service("app_provision") as connection:
        connection.execute(
            "DELETE FROM registry.memberships WHERE person_id = %s AND tenant = %s AND role = %s",
            [person_id, tenant.name, role],
        )


def _create(
    connection: Connection[DictRow], new: NewTenant, *, kind: Literal["store", "hq"]
) -> Tenant:
    name = new_tenant_name()
    target = heads()
    try:
        with connection.pipeline():
            _create_login(connection, name)
            connection.execute("SET LOCAL ROLE app_owner")
            connection.execute(f"CREATE SCHEMA {name}")
            connection.execute(f"GRANT USAGE ON SCHEMA {name} TO {name}")
            connection.execute(f"SET LOCAL search_path = {name}, ext")
            for history in ("tenant", "hq") if kind == "hq" else ("tenant",):
                for statement in script.whole_schema(history):
                    connection.execute(sql.SQL(statement.replace("{login}", name)))
            connection.execute("SET LOCAL ROLE app_provision")
            connection.execute("SET LOCAL search_path = pg_catalog")
            _insert_row(connection, name, new, kind, target)
    except pg.UniqueViolation as error:
        raise SlugTaken(slug=new.slug) from error
    except (pg.CheckViolation, pg.StringDataRightTruncation) as error:
        raise BadTenant(slug=new.slug) from error
    return _read(connection, name)


def _create_login(connection: Connection[DictRow], name: str) -> None:
    verifier = verifier_for(name)
    password = f" PASSWORD '{verifier}'" if verifier else ""
    connection.execute(f"CREATE ROLE {name} {_LOGIN_OPTIONS}{password}")
    connection.execute(f"GRANT tenant_login TO {name} WITH INHERIT TRUE, SET FALSE, ADMIN FALSE")
    connection.execute(f"ALTER ROLE {name} SET search_path = {name}")
    for setting, value in _ROLE_SETTINGS.items():
        connection.execute(f"ALTER ROLE {name} SET {setting} = '{value}'")


def _insert_row(
    connection: Connection[DictRow], name: str, new: NewTenant, kind: str, target: dict[str, str]
) -> None:
    connection.execute(
        "INSERT INTO registry.tenants (name, slug, kind, display_name, code, time_zone, "
        "day_change_hour, currency, version, hq_version, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            name,
            new.slug,
            kind,
            new.display_name,
            new.code,
            new.time_zone,
            new.day_change_hour,
            new.currency,
            target["tenant"],
            target["hq"] if kind == "hq" else None,
            datetime.now(UTC),
        ],
    )


def _set_state(tenant: Tenant, state: State) -> Tenant:
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.tenants SET state = %s, suspended_at = %s WHERE name = %s",
            [state, datetime.now(UTC) if state == "suspended" else None, tenant.name],
        )
        return _read(connection, tenant.name)


def _read(connection: Connection[DictRow], name: str) -> Tenant:
    row = connection.execute(
        f"SELECT {TENANT_COLUMNS} FROM {TENANT_SOURCE} WHERE t.name = %s", [name]
    ).fetchone()
    if row is None:
        raise NoSuchTenant(name=name)
    return tenant_of(row)
