"""A store with people, real receivers beside it, and settings that let it reach them."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.config import settings
from shared.domain.notifications.rules import endpoints as rules
from shared.domain.notifications.rules.endpoints import Kind, Secrets
from shared.domain.notifications.service import endpoints
from shared.domain.notifications.service.endpoints import NewEndpoint
from shared.events.jobs import publish
from shared.events.notices import Notify
from tenants import vault
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.workers.notifications.receivers import MailServer, Receiver, receiving, taking_mail
from workers.testing import drain

NOON = datetime(2025, 6, 10, 4, 0, tzinfo=UTC)  # in Shanghai
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Change settings of this process until the test ends."""

    def configure(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setitem(os.environ, f"ROLLBOOK_{name}", value)
        settings.cache_clear()

    yield configure
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def mail(configured: Callable[..., None]) -> Iterator[MailServer]:
    """A mail server that this Rollbook hands its mail to."""
    with taking_mail() as server:
        configured(MAIL_URL=server.url, MAIL_FROM="Rollbook <notices@rollbook.test>")
        yield server


@pytest.fixture
def receiver(configured: Callable[..., None]) -> Iterator[Receiver]:
    """A receiver on this machine that posts may go to."""
    with receiving() as running:
        configured(OUTSIDE_ALLOWED=f"127.0.0.1:{running.port}")
        yield running


def tell(store: Tenant, *notices: Notify, now: datetime = NOON) -> list[tuple[str, str]]:
    """Publish notices and do what is due then."""
    with tenant_session(store) as session:
        for notice in notices:
            publish(session, notice, run_at=now)
        session.commit()
    return drain(store, now=now)


def add_endpoint(
    store: Tenant,
    kind: Kind,
    url: str | None = None,
    *,
    secrets: Secrets | None = None,
    topics: tuple[str, ...] = (),
    locale: str = "zh",
) -> UUID:
    """Give a store an endpoint, its secrets sealed as the page does."""
    made = uuid4()
    kept = rules.packed(secrets or Secrets(secret=SECRET))
    with tenant_session(store) as session:
        new = NewEndpoint(
            id=made,
            kind=kind,
            name="店群",
            url=url,
            sealed=vault.sealed(kept, purpose=rules.PURPOSE, owner=str(made)),
            hint="",
            locale=locale,
            topics=frozenset(topics),
        )
        endpoints.add_endpoint(session, new=new, by=uuid4(), now=NOON)
        session.commit()
    return made


def rows(store: Tenant, table: str = "deliveries") -> list[Any]:
    """List a table's rows by their id."""
    with tenant_session(store) as session:
        order = "id" if table == "deliveries" else "made_at"
        return list(session.execute(text(f"SELECT * FROM {table} ORDER BY {order}")))
