"""The embedded server: who gets in, what survives, what an earlier run may leave behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local import accounts, binaries, leftovers
from deploy.local.postgres import UNSAFE_BUT_FAST, Cluster, ClusterBusy, TcpAccess
from tenants.logins import SERVICE_LOGINS, password_of
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
KEY = "a master key of thirty-two letters"
REFUSED = ("postgres", "app_owner", "tenant_login", "root", "nobody")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with Cluster.throwaway() as cluster:
        yield cluster


@pytest.fixture
def home() -> Iterator[Path]:
    """A cluster's folder that is removed, wherever its files went."""
    with Cluster.throwaway() as cluster:
        cluster.stop()
        yield cluster.home


def owner_connection(cluster: Cluster) -> psycopg.Connection:
    connection = psycopg.connect(cluster.url, user="app_migrator", autocommit=True)
    connection.execute("SET ROLE app_owner")
    return connection


@pytest.mark.parametrize("login", SERVICE_LOGINS)
def test_this_user_enters_as_a_service(running: Cluster, login: str) -> None:
    with psycopg.connect(running.url, user=login) as connection:
        assert connection.execute("SELECT session_user").fetchone() == (login,)


@pytest.mark.parametrize("login", REFUSED)
def test_nobody_enters_as_anything_else(running: Cluster, login: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="rejects|authentication failed"):
        psycopg.connect(running.url, user=login)


@pytest.mark.parametrize("login", ["app_auth", "postgres"])
def test_other_databases_are_closed(running: Cluster, login: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="rejects"):
        psycopg.connect(running.url, user=login, dbname="postgres")


def test_nothing_listens_on_the_network(running: Cluster) -> None:
    with psycopg.connect(running.url, user="app_auth") as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert running.layout.socket.stat().st_mode & 0o777 == 0o700


@as_root
@pytest.mark.parametrize("is_folder_open", [False, True])
def test_another_user_of_the_machine_is_refused(is_folder_open: bool) -> None:
    options = {**UNSAFE_BUT_FAST, "unix_socket_permissions": "0777"}
    stranger = next(name for name in ("daemon", "nobody") if _exists(name))
    with Cluster.throwaway(options=options) as cluster:
        if is_folder_open:  # the folder is one wall, the map of names is the other
            cluster.layout.socket.chmod(0o755)
        said = subprocess.run(
            [
                str(binaries.find(accounts.server_account()).folder / "psql"),
                f"host={cluster.layout.socket} dbname=rollbook user=app_auth",
                "-c",
                "SELECT 1",
            ],
            user=stranger,
            extra_groups=[],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
    assert said.returncode != 0
    wall = "Peer authentication failed" if is_folder_open else "Permission denied"
    assert wall in said.stderr


def test_by_tcp_a_password_is_asked_and_the_superuser_refused() -> None:
    with Cluster.throwaway(tcp=TcpAccess(master_key=KEY)) as cluster:
        password = password_of("app_auth", master_key=KEY)
        with psycopg.connect(cluster.url, user="app_auth", password=password) as connection:
            assert connection.execute("SELECT session_user").fetchone() == ("app_auth",)

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.url, user="app_auth", password="guess")
        with pytest.raises(psycopg.OperationalError, match="rejects"):
            psycopg.connect(cluster.url, user="postgres", password=password)
        with pytest.raises(psycopg.OperationalError, match="rejects"):
            psycopg.connect(cluster.url, host=str(cluster.layout.socket), user="app_auth")


def test_pages_are_checked_and_chinese_letters_are_letters(running: Cluster) -> None:
    with owner_connection(running) as connection:
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        row = connection.execute("SELECT cardinality(ext.show_trgm('朝阳门店'))").fetchone()
    assert row is not None
    assert row[0] > 0


def test_what_was_acknowledged_survives_a_killed_server() -> None:
    acknowledged = 0
    with Cluster.throwaway(options={"fsync": "off"}) as cluster:
        with owner_connection(cluster) as connection:
            connection.execute("CREATE TABLE ops.canary (id bigint PRIMARY KEY)")
            try:
                for number in range(1, 100_000):
                    connection.execute("INSERT INTO ops.canary VALUES (%s)", [number])
                    acknowledged = number
                    if number == 200 and cluster.pid:
                        os.kill(cluster.pid, signal.SIGKILL)
            except psycopg.OperationalError:
                pass
        until(lambda: not cluster.is_running())

        cluster.revive()

        with owner_connection(cluster) as connection:
            row = connection.execute("SELECT count(*) FROM ops.canary").fetchone()
    assert acknowledged >= 200
    assert row is not None
    assert row[0] >= acknowledged


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_start(home: Path) -> None:
    data = home / "data"
    lines = [str(os.getpid()), str(data), "0", "5432", str(home / "socket"), "", "0 0", "ready"]
    (data / "postmaster.pid").write_text("\n".join(lines) + "\n")

    cluster = Cluster(home, options=UNSAFE_BUT_FAST)
    cluster.start()
    cluster.stop()


def test_a_server_that_an_earlier_run_left_is_taken_over(home: Path) -> None:
    earlier = Cluster(home, options=UNSAFE_BUT_FAST)
    earlier.start()
    left = earlier.pid
    earlier._lock.release()  # as if its supervisor had been killed

    later = Cluster(home, options=UNSAFE_BUT_FAST)
    later.start()
    try:
        assert not earlier.is_running()
        assert later.pid != left
    finally:
        later.stop()
        earlier.stop()


def test_two_at_once_are_refused(running: Cluster) -> None:
    with pytest.raises(ClusterBusy, match="another Rollbook is running"):
        Cluster(running.home).start()
    Cluster(running.home).attach()


def test_the_server_ends_with_a_killed_supervisor(home: Path) -> None:
    text = f"""
import os, pathlib, time
from deploy.local.postgres import Cluster
cluster = Cluster(pathlib.Path({str(home)!r}), options={{"fsync": "off"}})
cluster.start()
print(cluster.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as supervisor:
        assert supervisor.stdout is not None
        server = int(supervisor.stdout.readline())
        supervisor.kill()
    until(lambda: not leftovers._is_server_of(server, home / "data"))


def test_a_bootstrap_that_changes_is_run_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tenants.bootstrap.cluster_sql",
        lambda **_: ["COMMENT ON ROLE app_owner\n  IS 'changed;\nreally'"],
    )
    cluster = Cluster(home, options=UNSAFE_BUT_FAST)
    cluster.start()
    try:
        with psycopg.connect(cluster.url, user="app_migrator") as connection:
            row = connection.execute(
                "SELECT shobj_description('app_owner'::regrole, 'pg_authid')"
            ).fetchone()
    finally:
        cluster.stop()
    assert row == ("changed;\nreally",)


def _exists(name: str) -> bool:
    return subprocess.run(["id", name], capture_output=True, check=False).returncode == 0
