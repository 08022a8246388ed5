"""Two servers for every test of the wall, and a history that tests may add revisions to.

Each test runs on the embedded server by peer, and on one by TCP with SCRAM.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import UNSAFE_BUT_FAST, Cluster, TcpAccess
from shared.config import settings
from tenants import migrations, script, stock
from tenants.logins import connect
from tenants.services import service
from tests.conftest import point_to
from tests.factories import given_back
from tests.tenancy import trial_history

MASTER_KEY = "a master key of the tests, long enough"
BY_PEER = {"ROLLBOOK_DATABASE_AUTH": "peer", "ROLLBOOK_MASTER_KEY": "master-" * 8}
BY_SCRAM = {"ROLLBOOK_DATABASE_AUTH": "scram", "ROLLBOOK_MASTER_KEY": MASTER_KEY}

_numbers = itertools.count(1)


class Trial:
    """An own history in a folder; `column` is new to every schema, whatever ran before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 1
        self.column = f"trial_{next(_numbers)}"

    def add_column(self) -> None:
        """Write one more revision: a column and an index."""
        if self.number > 1:
            self.column = f"trial_{next(_numbers)}"
        self.revise(
            f"ALTER TABLE customers ADD COLUMN {self.column} varchar(20)",
            f"CREATE INDEX ix_{self.column} ON customers ({self.column})",
        )

    def revise(self, *statements: str) -> None:
        """Write one more revision, x2 first."""
        self.number += 1
        down = f"x{self.number - 1}"
        trial_history.write(self.folder, f"x{self.number}", down, list(statements), [])
        trial_history.use(self.folder)


@pytest.fixture(autouse=True)
def tenants_go_back() -> Iterator[None]:
    """Nothing goes back: these tests make schemas, change them and tear them to pieces."""
    yield
    given_back.forget()


@pytest.fixture(scope="session")
def network_cluster(
    embedded: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A second server, reached by TCP with a password per login, as in server mode."""
    files, before = tmp_path_factory.mktemp("network"), settings()
    access = TcpAccess(master_key=MASTER_KEY)
    with Cluster.throwaway(options=UNSAFE_BUT_FAST, tcp=access) as running:
        point_to(running.url, files, **BY_SCRAM)
        migrations.upgrade_registry()
        point_to(before.database_url, before.data_dir, **BY_PEER)
        yield running


@pytest.fixture(scope="package", params=["socket", "network"])
def cluster(request: pytest.FixtureRequest, embedded: Cluster, data: Path) -> Iterator[Cluster]:
    """The server this process works on while a test of the wall runs; then the usual one again.

    The second one is made when the first test asks for it.
    """
    if request.param == "socket":
        _empty_the_stock()
        yield embedded
        return
    network: Cluster = request.getfixturevalue("network_cluster")
    before = settings()
    point_to(network.url, data, **BY_SCRAM)
    try:
        yield network
    finally:
        point_to(before.database_url, before.data_dir, **BY_PEER)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of files beside the second server."""
    return tmp_path_factory.mktemp("network-files")


@pytest.fixture
def history(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """An own tenant history, `x1` at first; the folder takes further revisions.

    Tenants that other tests left count as retired meanwhile: no test migrates all of them.
    """
    monkeypatch.setattr(script, "_directory", script._directory)  # put back at the end
    before = script.head("tenant")
    trial_history.write(tmp_path, "x1", None, [], [])
    trial_history.use(tmp_path)
    others = _out_of_the_way()
    yield Trial(tmp_path)
    _back_again(others, before)
    script.steps.cache_clear()


def _empty_the_stock() -> None:
    """Drop what other rooms' tests gave back: here every schema is made, or asked for by name."""
    with service("app_provision") as connection:
        for row in connection.execute("SELECT name FROM registry.stock").fetchall():
            stock.drop(connection, row["name"])


def _out_of_the_way() -> list[tuple[str, str]]:
    with connect("app_provision") as connection:
        return connection.execute(
            "WITH others AS (SELECT name, state FROM registry.tenants WHERE state <> 'retired') "
            "UPDATE registry.tenants t SET state = 'retired' FROM others o WHERE o.name = t.name "
            "RETURNING o.name::text, o.state"
        ).fetchall()


def _back_again(others: list[tuple[str, str]], version: str) -> None:
    with connect("app_migrator") as connection:
        connection.execute(
            "UPDATE registry.tenants SET version = %s WHERE state <> 'retired'", [version]
        )
    with connect("app_provision") as connection:
        connection.cursor().executemany(
            "UPDATE registry.tenants SET state = %s WHERE name = %s",
            [(state, name) for name, state in others],
        )
