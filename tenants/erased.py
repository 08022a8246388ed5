"""Erase again in a restored schema whoever was erased after its export was written.

Done before the schema is known as a tenant, so before anybody can sign in; under its own login.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from shared.domain.customers import queries as customers
from shared.domain.customers.service import erasing as receipts
from shared.domain.privacy.queries import persons
from shared.domain.privacy.queries.persons import Person
from shared.domain.privacy.service import erasing
from tenants import tombstones
from tenants.logins import conninfo
from tenants.moving.exporting import STARTUP
from tenants.sessions import URL, engine_options


def keep_erased(name: str, *, origin: str) -> int:
    """Erase who has a tombstone, end what was begun, set the tombstones here too; give how many.

    Shape: exactly the profiles that have one: who was one person later may not have been then.
    Raises: vault.VaultClosed, when anybody was ever erased.
    """
    now = datetime.now(UTC)
    known = tombstones.known(origin)
    with _session(name) as session:
        for begun in customers.unfinished_erasures(session):
            outcome = _erase(session, persons.person_of(session, begun.customer_id), name, now)
            receipts.finish(session, begun, outcome, now=now)
        rest = customers.made_at(session, restricted=False)
        again = tombstones.among(rest.items(), known)
        if again:
            receipt = receipts.do_again(session, again, now=now)
            outcome = _erase(session, persons.of_profiles(session, again), name, now)
            receipts.finish(session, receipt, outcome, now=now)
        gone = customers.made_at(session, restricted=True)
        tombstones.bury(session, gone.items(), now=now)
        session.commit()
    return len(again)


def _erase(session: Session, person: Person, name: str, now: datetime) -> receipts.Outcome:
    return erasing.erase(session, person, house=erasing.house_of(name), now=now)


@contextmanager
def _session(name: str) -> Iterator[Session]:
    """Open a session as a schema's login; it is no tenant yet, so the pool knows nothing of it."""
    options = {**engine_options(), "creator": lambda: _connected(name)}
    with Session(create_engine(URL, **options), expire_on_commit=False) as session:
        yield session


def _connected(name: str) -> psycopg.Connection:
    return psycopg.connect(conninfo(name, options=STARTUP.format(name=name)))
