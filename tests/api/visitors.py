"""A person at the pages, as a browser is: forms with their token, cookies, an own address."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants.people import second_factors
from tenants.services import service
from tests.api.clients import PASSWORD, new_address
from web.app import App

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def from_elsewhere(app: App) -> FlaskClient:
    """A browser at an address that nobody used before."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = new_address()
    return client


def send(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Send a form with the token that a page of this browser would carry."""
    found = _CSRF.search(client.get("/sign-in").text)
    assert found
    return client.post(path, data={"csrf_token": found[1], **fields})


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD) -> TestResponse:
    """Sign in by the form."""
    return send(client, "/sign-in", login=login, password=password)


def is_inside(client: FlaskClient) -> bool:
    """Whether somebody is signed in there."""
    return client.get("/account").status_code == 200


def enrolled(person_id: UUID) -> tuple[pyotp.TOTP, list[str]]:
    """Give a person a second factor: the app, and recovery codes; no code was used yet."""
    app = pyotp.TOTP(second_factors.begin(person_id))
    codes = second_factors.confirm(person_id, app.now(), now=datetime.now(UTC))
    assert codes
    forget_steps(person_id)
    return app, codes


def forget_steps(person_id: UUID) -> None:
    """Let the next code count again, as if half a minute had passed."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.second_factors SET last_step = 0 WHERE person_id = %s", [person_id]
        )


def make_stale(person_id: UUID) -> None:
    """Let a person's sessions be older than ten minutes."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.sessions SET fresh_at = fresh_at - interval '11 minutes' "
            "WHERE person_id = %s",
            [person_id],
        )
