"""Making tenants."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.registry import Tenant


def test_a_store_has_its_own_login_and_schema(store: Tenant, store_session: Session) -> None:
    row = store_session.execute(text("SELECT session_user, current_schema()")).one()

    assert tuple(row) == (store.name, store.name)
