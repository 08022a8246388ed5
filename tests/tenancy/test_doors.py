"""The doors of both servers: who is asked for what before anything can be tried inside."""

import psycopg
import pytest

from deploy.local.postgres import Cluster
from tenants.logins import SERVICE_LOGINS, conninfo, password_of
from tenants.registry import Tenant
from tests.factories.tenants import new_store
from tests.tenancy.conftest import MASTER_KEY

NOBODY = ("postgres", "app_owner", "tenant_login", "root", "t_0000000000")


def rules(cluster: Cluster) -> list[list[str]]:
    """Read the server's list of who may come how."""
    lines = (cluster.layout.data / "pg_hba.conf").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def test_no_line_trusts_and_the_last_ones_reject(cluster: Cluster) -> None:
    how = {word for rule in rules(cluster) for word in rule if word in _METHODS}
    assert how == ({"scram-sha-256", "reject"} if cluster.tcp else {"peer", "reject"})
    kinds = {rule[0]: rule for rule in rules(cluster)}  # the last of each
    assert all(rule[-1] == "reject" for rule in kinds.values())


@pytest.mark.parametrize("login", NOBODY)
def test_nobody_enters_who_has_no_login_of_ours(cluster: Cluster, login: str) -> None:
    password = password_of(login, master_key=MASTER_KEY)
    with pytest.raises(psycopg.OperationalError, match="rejects|authentication failed"):
        psycopg.connect(cluster.url, user=login, password=password).close()


def test_a_password_opens_one_login(cluster: Cluster, store: Tenant) -> None:
    if not cluster.tcp:
        pytest.skip("peer asks for no password")
    logins = (*SERVICE_LOGINS, store.name, new_store().name)
    for login in logins:
        with psycopg.connect(conninfo(login)) as connection:
            assert connection.execute("SELECT session_user").fetchone() == (login,)
        for other in (*logins, "postgres", ""):
            if other != login:
                password = password_of(other, master_key=MASTER_KEY) if other else ""
                with pytest.raises(psycopg.OperationalError, match="password"):
                    psycopg.connect(cluster.url, user=login, password=password).close()


_METHODS = {
    *("trust", "reject", "scram-sha-256", "md5", "password", "gss", "sspi", "ident", "peer"),
    *("ldap", "radius", "cert", "pam", "bsd", "oauth"),
}
