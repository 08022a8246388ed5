"""Group S through a worker and through a bare connection: the login is the wall, not our pool.

A test-only job runs the hostile statement inside the real wrapper; a bare connection is a tenant's
login in the hands of somebody who has none of our code, and may send several statements at once.
"""

from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import text

from deploy.local.postgres import Cluster
from shared.events.jobs import publish
from tenants.logins import connect, conninfo
from tenants.registry import Tenant
from tenants.sessions import tenant_session
from tests.factories.tenants import new_store
from tests.tenancy.kinds import RunSql
from tests.tenancy.test_hostile_sql import HARMLESS, REFUSED
from workers.testing import drain

ONLY_OUR_CURSOR = {"SELECT 1; SELECT 2"}  # a bare connection may: both run as its own login
CANARY = "canary-of-b"


@dataclass(frozen=True)
class Pair:
    """Two stores with equal ids, each with one customer."""

    a: Tenant
    b: Tenant


@pytest.fixture(scope="module")
def pair(cluster: Cluster) -> Pair:
    made = Pair(new_store(), new_store())
    for tenant, name in ((made.a, "own-a"), (made.b, CANARY)):
        with tenant_session(tenant) as session:
            session.execute(
                text("INSERT INTO customers (number, name, created_at) VALUES ('1', :n, now())"),
                {"n": name},
            )
            session.commit()
    return made


def ask(tenant: Tenant, statement: str) -> list[tuple[str, str]]:
    with tenant_session(tenant) as session:
        publish(session, RunSql(statement=statement))
        session.commit()
    return drain(tenant)


def test_the_job_runs_what_is_allowed(cluster: Cluster) -> None:
    shop = new_store()

    assert ask(shop, "SELECT session_user::text") == [("test.run_sql", "done")]

    with tenant_session(shop) as session:
        names = session.scalars(text("SELECT name FROM customers")).all()
    assert names == [str((shop.name,))]


@pytest.mark.parametrize("statement", REFUSED)
def test_hostile_sql_in_a_job_is_refused(pair: Pair, statement: str) -> None:
    outcome = ask(pair.a, statement.format(a=pair.a.name, b=pair.b.name))

    assert outcome == [("test.run_sql", "dead")]
    _assert_each_sees_its_own(pair)


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_a_job_may_run_shows_nothing(pair: Pair, statement: str) -> None:
    outcome = ask(pair.a, statement.format(a=pair.a.name, b=pair.b.name))

    # without row-level security the job's own row cannot be finished: it is refused, not shown
    ends = "dead" if "row_security" in statement else "done"
    assert outcome == [("test.run_sql", ends)]
    _assert_each_sees_its_own(pair)  # it would have left what it saw
    assert ask(pair.a, "SELECT 1 WHERE session_user <> current_user") == [("test.run_sql", "done")]


@pytest.mark.parametrize("statement", [s for s in REFUSED if s not in ONLY_OUR_CURSOR])
@pytest.mark.parametrize("before", ["", "RESET ROLE; RESET ALL; "], ids=["one", "several"])
def test_hostile_sql_on_a_bare_connection_is_refused(
    pair: Pair, statement: str, before: str
) -> None:
    hostile = statement.format(a=pair.a.name, b=pair.b.name)

    with connect(pair.a.name) as bare, pytest.raises(psycopg.Error):
        bare.execute(before + hostile)  # type: ignore[arg-type]

    _assert_each_sees_its_own(pair)


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_a_bare_connection_may_run_shows_nothing(pair: Pair, statement: str) -> None:
    with connect(pair.a.name, autocommit=True) as bare:
        cursor = bare.execute(statement.format(a=pair.a.name, b=pair.b.name))  # type: ignore[arg-type]
        shown = cursor.fetchall() if cursor.description else []
        with pytest.raises(psycopg.Error):
            bare.execute(f"SELECT name FROM {pair.b.name}.customers")  # type: ignore[arg-type]

    assert shown == []
    _assert_each_sees_its_own(pair)


@pytest.mark.parametrize(
    "start",
    [
        "-c role={b}",
        "-c role=app_owner",
        "-c session_authorization={b}",
        "-c session_preload_libraries=auto_explain",
        "-c log_statement=all",
        "-c session_replication_role=replica",
    ],
)
def test_a_connection_may_not_begin_as_another(pair: Pair, start: str) -> None:
    options = start.format(b=pair.b.name)
    with pytest.raises(psycopg.Error):
        psycopg.connect(conninfo(pair.a.name, options=options)).close()


@pytest.mark.parametrize("options", [{"dbname": "postgres"}, {"replication": "database"}])
def test_a_tenant_enters_nothing_but_the_database(pair: Pair, options: dict[str, str]) -> None:
    with pytest.raises(psycopg.OperationalError):
        connect(pair.a.name, **options).close()


def test_a_foreign_search_path_from_the_start_shows_nothing(pair: Pair) -> None:
    path = f"-c search_path={pair.b.name}"
    with (
        psycopg.connect(conninfo(pair.a.name, options=path)) as bare,
        pytest.raises(psycopg.errors.UndefinedTable),
    ):
        bare.execute("SELECT name FROM customers")


def _assert_each_sees_its_own(pair: Pair) -> None:
    for tenant, name in ((pair.a, "own-a"), (pair.b, CANARY)):
        with tenant_session(tenant) as session:
            assert session.scalar(text("SELECT session_user::text")) == tenant.name
            assert session.scalars(text("SELECT name FROM customers")).all() == [name]
