"""Two database servers of the same kind and settings: ours behind its walls, the peers' open.

fsync is on in both. The peers connect as a superuser by the socket, without a password.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from deploy.local.postgres import DATABASE, UNSAFE_BUT_FAST, Cluster
from shared.config import settings
from tenants import migrations
from tenants.pool import pool
from tenants.services import close_services
from tests.bench.sizes import Sizes
from tests.conftest import point_to

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = {"shared_buffers": "512MB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"}
APPS = ("store", "tenancy")


Maker = Callable[[str], float]  # a schema's name -> the seconds it took to make


class PeerMissing(Exception):
    """Something that stands beside us is not on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The server of the peers, and the folder of their made-up migrations."""

    dsn: str
    folder: Path
    env: dict[str, str]

    def connect(self) -> psycopg.Connection:
        """Open a connection in autocommit."""
        return psycopg.connect(self.dsn, autocommit=True)

    def run(self, module: str, *rest: str, said: str = "") -> str:
        """Run one of the peers' programs to its end and give its last line.

        Raises: RuntimeError with its words.
        """
        done = subprocess.run(
            [sys.executable, "-m", f"tests.bench.peers.{module}", *rest],
            input=said,
            env=self.env,
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{module} {rest}: {done.stderr[-2000:]}")
        return (done.stdout.splitlines() or [""])[-1]

    def maker(self) -> AbstractContextManager[Maker]:
        """Keep a process that makes tenants by django-tenants; it gives the seconds of each."""
        return _maker("tests.bench.peers.makes", env=self.env)


def empty_maker(sizes: Sizes) -> AbstractContextManager[Maker]:
    """Keep a process with an empty server of our kind, which makes tenants there."""
    return _maker("tests.bench.empty", "full" if sizes.is_safe else "tiny")


@contextmanager
def _maker(module: str, *rest: str, env: dict[str, str] | None = None) -> Iterator[Maker]:
    with subprocess.Popen(
        [sys.executable, "-m", module, *rest],
        stdin=subprocess.PIPE,  # its end is the child's end
        stdout=subprocess.PIPE,
        env=env,
        cwd=ROOT,
        text=True,
    ) as child:
        yield lambda name: _asked(child, name)


def need(*modules: str) -> None:
    """Go on only where these can be imported.

    Raises: PeerMissing.
    """
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise PeerMissing(f"not installed: {', '.join(missing)}")


@contextmanager
def our_server(sizes: Sizes, **more: str) -> Iterator[Cluster]:
    """Start the embedded server with the shared schemas at head and point this process to it."""
    if not sizes.is_small:
        with _our_server(sizes, **more) as cluster:
            yield cluster
        return
    if "ours" not in _shared:
        _shared["ours"] = _until_the_end.enter_context(_our_server(sizes))
    os.environ.update({"ROLLBOOK_BROKER_URL": "stub://", **more})
    settings.cache_clear()
    yield _shared["ours"]


@contextmanager
def peer_server(sizes: Sizes) -> Iterator[Peer]:
    """Start a second server that lets the peers in, with django-tenants' shared tables.

    Raises: PeerMissing.
    """
    if not sizes.is_small:
        with _peer_server(sizes) as peer:
            yield peer
        return
    if "peer" not in _shared:
        _shared["peer"] = _until_the_end.enter_context(_peer_server(sizes))
    yield _shared["peer"]


def end() -> None:
    """End the servers that small sections shared."""
    _shared.clear()
    _until_the_end.close()


_shared: dict[str, Any] = {}
_until_the_end = ExitStack()


@contextmanager
def _our_server(sizes: Sizes, **more: str) -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as files, _throwaway(sizes) as cluster:
        try:
            point_to(cluster.url, Path(files), **more)
            migrations.upgrade_registry()
            yield cluster
        finally:
            pool().close()
            close_services()
            settings.cache_clear()


@contextmanager
def _peer_server(sizes: Sizes) -> Iterator[Peer]:
    need("django", "django_tenants", "rest_framework")
    with tempfile.TemporaryDirectory() as files, _throwaway(sizes) as cluster:
        rules = cluster.layout.data / "pg_hba.conf"
        rules.write_text(f"local {DATABASE} postgres trust\n", encoding="utf-8")
        os.kill(cluster.pid or 0, signal.SIGHUP)
        folder = Path(files)
        for app in APPS:
            package = folder / f"made_{app}"
            package.mkdir()
            (package / "__init__.py").touch()
        env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
            "DJANGO_SETTINGS_MODULE": "tests.bench.peers.settings",
            "BENCH_SOCKET": str(cluster.layout.socket),
            "BENCH_DATABASE": DATABASE,
        }
        dsn = f"host={cluster.layout.socket} user=postgres dbname={DATABASE}"
        peer = Peer(dsn=dsn, folder=folder, env=env)
        with peer.connect() as connection:
            connection.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
        peer.run("manage", "makemigrations", *APPS)
        peer.run("manage", "migrate_schemas", "--shared", "-v0")
        yield peer


def _throwaway(sizes: Sizes) -> AbstractContextManager[Cluster]:
    return Cluster.throwaway(options=OPTIONS if sizes.is_safe else UNSAFE_BUT_FAST)


def _asked(child: subprocess.Popen[str], name: str) -> float:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{name}\n")
    child.stdin.flush()
    said = child.stdout.readline()
    if not said:
        raise RuntimeError(f"no tenant was made: {child.args!r}")
    return float(said)


def in_groups(names: Sequence[str], size: int = 50) -> Iterator[Sequence[str]]:
    """Cut a list into handy pieces."""
    for first in range(0, len(names), size):
        yield names[first : first + size]
