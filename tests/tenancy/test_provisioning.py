"""Making tenants."""

import threading

import pytest
from psycopg import Connection
from sqlalchemy import text
from sqlalchemy.orm import Session

from deploy.local.postgres import Cluster
from tenants import schemas, script
from tenants.logins import connect, new_tenant_name
from tenants.registry import Tenant
from tenants.services import service
from tests.waiting import until

PATIENCE_SECONDS = 4  # whoever makes tenants waits five for a lock


def test_a_store_has_its_own_login_and_schema(store: Tenant, store_session: Session) -> None:
    row = store_session.execute(text("SELECT session_user, current_schema()")).one()

    assert tuple(row) == (store.name, store.name)


def test_two_schemas_are_made_at_once(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, store: Tenant
) -> None:
    """While the tables of one are being made, another one is begun and finished."""
    held = f"SELECT FROM registry.tenants WHERE name = '{store.name}' FOR UPDATE"  # noqa: S608
    made: list[str] = []
    monkeypatch.setattr(script, "whole_schema", lambda _: [held])
    with connect("app_migrator") as holder:
        holder.execute("SET LOCAL ROLE app_owner")
        holder.execute(held)
        slow = threading.Thread(target=lambda: made.append(_build_and_undo()))
        slow.start()
        _until_somebody_waits(holder)
        monkeypatch.setattr(script, "whole_schema", lambda _: [])
        quick = _build_and_undo()
        assert made == []
        holder.rollback()
        slow.join(PATIENCE_SECONDS)
    assert len({quick, *made}) == 2


def _build_and_undo() -> str:
    name = new_tenant_name()
    with service("app_provision") as connection:
        schemas.build(connection, name, kind="store", versions=None)
        connection.rollback()
    return name


def _until_somebody_waits(holder: Connection) -> None:
    holder.execute("SET LOCAL ROLE NONE")

    def somebody_waits() -> bool:
        row = holder.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
        return bool(row and row[0])

    until(somebody_waits, "somebody waits", patience=PATIENCE_SECONDS)
