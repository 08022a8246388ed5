"""One application per test process, and clients that are somebody."""

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from gunicorn.http.wsgi import HEADER_VALUE_RE

from deploy.local.postgres import Cluster
from tenants.people import passwords
from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories.tenants import new_person
from web.app import App, create_app
from web.people import sign_in

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def counted_anew(no_failures: None) -> None:
    """No test pays for the attempts of another."""


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at next to no cost; tests/unit/test_passwords.py sees the real one."""
    for module in (passwords, sign_in):
        monkeypatch.setattr(module, "HASHER", CHEAP)


@pytest.fixture(scope="session")
def app(cluster: Cluster) -> App:
    """The application over the test database."""
    made = create_app({"TESTING": True})
    made.wsgi_app = _sendable(made.wsgi_app)  # type: ignore[method-assign]
    return made


@pytest.fixture
def anonymous(app: App) -> FlaskClient:
    """A browser that nobody signed in with."""
    return app.test_client()


@pytest.fixture
def as_role(app: App) -> Callable[[Tenant, Role], Caller]:
    """Make a caller with a personal token: `as_role(store, "MGR")`."""

    def make(tenant: Tenant, role: Role) -> Caller:
        return Caller.with_token(app, new_person((tenant, role)), tenant)

    return make


def _sendable(answering: WSGIApplication) -> WSGIApplication:
    """Refuse the headers that our server would refuse; the test client takes any."""

    def wrapped(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def checked(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            unsendable = [name for name, value in headers if not HEADER_VALUE_RE.fullmatch(value)]
            assert unsendable == []
            return start(status, headers, *more)

        return answering(environ, checked)

    return wrapped
