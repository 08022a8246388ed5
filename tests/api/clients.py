"""Callers of the API: one person in one tenant, by token or by cookie."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants.people import api_tokens, identity
from tenants.provisioning import Role
from tenants.registry import Tenant
from tests.factories.tenants import new_person
from web.app import App

_numbers = itertools.count()
PASSWORD = "correct horse battery"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Caller:
    """Calls /api/v1/s/<slug>/... with a token of this tenant."""

    app: App
    tenant: Tenant
    person_id: UUID
    token: str

    @classmethod
    def with_token(cls, app: App, person_id: UUID, tenant: Tenant) -> "Caller":
        """Make a personal token and a caller that uses it."""
        token = api_tokens.make_api_token(person_id, tenant, label="test", now=datetime.now(UTC))
        return cls(app, tenant, person_id, token)

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Call a path below the tenant; `slug=` asks in another tenant's name."""
        slug = options.pop("slug", self.tenant.slug)
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.app.test_client().open(
            f"/api/v1/s/{slug}{path}", method=method, headers=headers, **options
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        """POST JSON."""
        return self.call("POST", path, json=json, **options)


def new_address() -> str:
    """Give an address that nobody used before: attempts count by address."""
    number = next(_numbers)
    return f"10.{8 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def new_login() -> str:
    """Give a sign-in name that nobody has."""
    return f"somebody-{uuid4().hex}@example.test"


def browser_of(app: App, person_id: UUID, *, now: datetime | None = None) -> FlaskClient:
    """A browser in which this person signed in."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = new_address()
    with client.session_transaction() as cookie:
        cookie["token"] = identity.open_session(person_id, now=now or datetime.now(UTC))
    return client


def csrf_of(client: FlaskClient, tenant: Tenant) -> dict[str, str]:
    """The header that this browser's pages would send."""
    answer = client.get(f"/api/v1/s/{tenant.slug}/me")
    assert answer.json is not None
    return {"X-CSRFToken": answer.json["csrf_token"]}


def fields_of(answer: TestResponse) -> dict[str, str]:
    """What is wrong, by field."""
    assert answer.json is not None
    return {problem["field"]: problem["code"] for problem in answer.json["errors"]}


def signature(*roles: tuple[Tenant, Role]) -> dict[str, str]:
    """The fields in which a new person with these roles signs as the second one."""
    login = f"signs-{uuid4()}@example.test"
    new_person(*roles, login=login, password_hash=CHEAP_HASH)
    return {"approver_login": login, "approver_password": PASSWORD}
