"""The hostile-SQL gate through the web: a test-only route runs whatever a caller sends.

It stands for any injection in our own code. Every statement of group S comes in by HTTP, is
refused, and the same process's next answers, to both stores, are clean.
"""

import psycopg
import pytest
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from deploy.local.postgres import Cluster
from tenants.registry import Tenant
from tests.api.clients import Caller
from tests.factories.tenants import new_person, new_store
from tests.tenancy.test_hostile_sql import REFUSED
from web.app import App, create_app
from web.auth import signed_in
from web.extensions import db

hook = Blueprint("hook", __name__, url_prefix="/api/v1/s/<slug>/raw-sql")


@hook.post("")
@signed_in
def run_raw_sql() -> ResponseReturnValue:
    """Run the body on the tenant's own connection."""
    raw = db.session.connection().connection.driver_connection
    assert raw is not None
    try:
        cursor = raw.execute(request.get_data(as_text=True))
        return {"rows": [list(map(str, row)) for row in cursor] if cursor.description else []}
    except psycopg.Error as error:
        raise DBAPIError.instance("raw", None, error, psycopg.Error) from None  # type: ignore[return-value,call-overload,misc]


@pytest.fixture(scope="module")
def hooked(cluster: Cluster) -> App:
    app = create_app({"TESTING": False})
    app.register_blueprint(hook)
    return app


@pytest.fixture(scope="module")
def callers(hooked: App) -> tuple[Caller, Caller]:
    a, b = new_store(), new_store()
    made = []
    for tenant in (a, b):
        caller = Caller.with_token(hooked, new_person((tenant, "MGR"), (tenant, "FD")), tenant)
        answer = _run(caller, _insert(tenant))
        assert answer == (200, {"rows": []})
        made.append(caller)
    return made[0], made[1]


def test_the_hook_runs_what_is_allowed(callers: tuple[Caller, Caller]) -> None:
    a, _ = callers
    assert _run(a, "SELECT name FROM customers") == (200, {"rows": [[a.tenant.name]]})


@pytest.mark.parametrize("statement", REFUSED)
def test_hostile_sql_by_http_is_refused(callers: tuple[Caller, Caller], statement: str) -> None:
    a, b = callers

    status, body = _run(a, statement.format(a=a.tenant.name, b=b.tenant.name))

    assert status >= 400
    assert b.tenant.name not in str(body)
    for caller in (a, b):
        assert _run(caller, "SELECT name FROM customers") == (200, {"rows": [[caller.tenant.name]]})
        assert _run(caller, "SELECT session_user, current_schema()")[1] == {
            "rows": [[caller.tenant.name, caller.tenant.name]]
        }


def _insert(tenant: Tenant) -> str:
    return f"INSERT INTO customers (number, name, created_at) VALUES ('1', '{tenant.name}', now())"


def _run(caller: Caller, statement: str) -> tuple[int, object]:
    answer = caller.call("POST", "/raw-sql", data=statement, content_type="text/plain")
    return answer.status_code, answer.json
