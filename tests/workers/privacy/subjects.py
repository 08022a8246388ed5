"""A guest whose words stand everywhere, and everything there is to search for them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared import files
from shared.domain.customers.models import Customer
from shared.domain.customers.service import erasing
from shared.domain.privacy.queries.inventory import holdings
from shared.files import Shelf
from tenants.logins import connect
from tenants.registry import Tenant
from tenants.sessions import tenant_session, tenant_transaction
from tests.factories.records import editor
from tests.tenancy import canaries
from tests.tenancy.canaries import Canary, Nest

TABLES = {name: one for name, one in holdings().items() if one.table.metadata is Customer.metadata}
NAMING = ("name", "phone", "wechat", "email")


def planted(tenant: Tenant, owner: int = 1) -> Nest:
    """Put a canary into every column there is, all of it one guest's, and files beside."""
    nest = Nest(tenant, owner)
    canaries.plant(nest, store="")
    with connect("app_migrator") as connection:  # past the ledgers' grants
        connection.execute("SET ROLE app_owner")
        connection.execute(f"SET search_path = {tenant.name}")
        for name in ("attachments", "record_changes", "record_keys"):
            connection.execute(f"UPDATE {name} SET form = 'F04', record_id = 1")
        connection.execute("UPDATE record_change_values SET field = 'phone'")
        connection.execute("UPDATE told_events SET about = '{customers/1}'")
        connection.execute("UPDATE customers SET state = 'SUBMITTED'")
        connection.execute("UPDATE attachments SET erased_at = NULL")
        connection.execute("UPDATE record_runs SET forgotten_at = NULL")
        connection.execute("UPDATE opinion_links SET ended_at = NULL, used_on = NULL")
    _name_elsewhere(nest)
    _put_files(tenant, b"a picture of zqv")
    nest.planted &= canaries.found_in(everything(tenant))  # some stood where others' words are now
    return nest


def ask(tenant: Tenant, customer_id: int = 1, *, reason: str = "本人要求") -> int:
    """Ask for a guest's erasure as the page does."""
    with tenant_transaction(tenant) as session:
        return erasing.ask(session, customer_id=customer_id, reason=reason, by=editor()).id


def personal(nest: Nest) -> set[Canary]:
    """Give the canaries that must be gone: all that is the guest's or stands in working copies."""
    places = {
        f"{name}.{column.name}"
        for name, holding in TABLES.items()
        if holding.is_a_guests or holding.thrown_away
        for column in holding.columns()
    }
    numbers = {canaries.place_number(place) for place in places}
    return {canary for canary in nest.planted if canary.place in numbers}


def planted_in_copies(nest: Nest) -> set[Canary]:
    """Give the canaries that a guest's copy has to show: the guest's, but for our search."""
    places = {
        f"{name}.{column.name}"
        for name, holding in TABLES.items()
        if holding.is_a_guests and name != "deliveries"
        for column in holding.columns()
        if column.name != "search_text"
    }
    numbers = {canaries.place_number(place) for place in places}
    return {canary for canary in nest.planted if canary.place in numbers}


def everything(tenant: Tenant) -> str:
    """Write down all rows of a tenant, its rows in the shared schemas, and its files."""
    with tenant_session(tenant) as session:
        rows = [str(list(session.execute(one.table.select()))) for one in TABLES.values()]
    with connect("app_migrator") as connection:
        connection.execute("SET ROLE app_owner")
        for table in ("ops.letter", "ops.tombstone", "ops.clock", "registry.tenants"):
            rows.append(str(connection.execute(f"SELECT * FROM {table}").fetchall()))
    with connect(tenant.name) as connection:
        rows.append(str(connection.execute("SELECT * FROM ops.job").fetchall()))
    rows += [content.decode(errors="replace") for content in _files(tenant)]
    return "\n".join(rows)


def _name_elsewhere(nest: Nest) -> None:
    """Let others' words name the guest: in every column that people type into, and in jobs."""
    with tenant_transaction(nest.tenant) as session:
        row = session.get(Customer, 1)
        assert row is not None
        said = " ".join(getattr(row, name) for name in NAMING)
        for holding in TABLES.values():
            if not holding.is_a_guests:
                _say(session, holding, f"为{said}:")
        session.execute(
            text(
                "INSERT INTO ops.job (kind, queue, args, state, run_at, created_at) VALUES "
                "('test.unknown', 'bulk', :args, 'dead', now(), now())"
            ).bindparams(bindparam("args", type_=JSONB)),
            {"args": {"text": said}},
        )


def _say(session: Session, holding: Any, said: str) -> None:
    for column in holding.columns("free"):
        if isinstance(column.type, String):
            length = column.type.length or 500
            session.execute(update(holding.table).values({column.name: said[-length:]}))
        else:
            session.execute(update(holding.table).values({column.name: [said]}))


def _put_files(tenant: Tenant, content: bytes) -> None:
    with tenant_session(tenant) as session:
        for name, column, kind in (
            ("attachments", "id", "attachments"), ("record_runs", "file_key", "runs"),
        ):  # fmt: skip
            for key in session.scalars(select(TABLES[name].table.c[column])):
                Shelf(tenant.name, kind).put(key, content)  # type: ignore[arg-type]


def _files(tenant: Tenant) -> Iterator[bytes]:
    for listed in files.store().list(f"{tenant.name}/"):
        for found in listed:
            yield bytes(files.store().get(found["path"]).bytes())
