"""The embedded PostgreSQL server: made, started, watched and stopped by us.

The server is a direct child, so that a killed one is reaped and can be started again at once.
Nobody but this OS user gets in, as a tenant or service login; the superuser never does: its SQL is
fed to the server program itself while nothing listens.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import quote

from deploy.faults import Fault
from deploy.local import accounts, binaries, children, leftovers, ports, server_files
from deploy.local.layout import Layout
from deploy.local.locks import FolderLock
from tenants import bootstrap, logins

DATABASE = server_files.DATABASE
START_SECONDS = 120  # crash recovery may take that long
RETRY_SECONDS = 10  # the processes of a killed server take a moment to notice
LOG_BYTES = 10_000_000
NOTHING: Mapping[str, str] = MappingProxyType({})
UNSAFE_BUT_FAST: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpAccess:
    """Reach the server by TCP on 127.0.0.1 with SCRAM passwords, as in server mode."""

    master_key: str  # the service logins' passwords are derived from it, as in server mode
    port: int = 0  # 0: a free one


class ClusterBusy(Fault):
    """Another process runs this cluster."""


class Cluster:
    """One data folder and, between `start` and `stop`, the server that runs on it."""

    def __init__(
        self, home: Path, *, options: Mapping[str, str] = NOTHING, tcp: TcpAccess | None = None
    ) -> None:
        self.home = home.absolute()
        self.layout = Layout(self.home)
        self.options = dict(options)
        self.tcp = tcp
        self._port = tcp.port if tcp else None
        self._lock = FolderLock(self.home)
        self._account: accounts.Account | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def throwaway(
        cls, *, options: Mapping[str, str] = UNSAFE_BUT_FAST, tcp: TcpAccess | None = None
    ) -> Iterator[Self]:
        """Run a fresh cluster in a temporary folder, quick and unsafe, for tests."""
        home = Path(tempfile.mkdtemp(prefix="rollbook-"))
        cluster = cls(home, options=options, tcp=tcp)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop(at_once=True)
            cluster.layout.remove()

    @property
    def url(self) -> str:
        """The address without a user."""
        if self.tcp:
            return f"postgresql://127.0.0.1:{self._port}/{DATABASE}"
        return f"postgresql:///{DATABASE}?host={quote(str(self.layout.socket), safe='/')}"

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        server = self._server
        return server.pid if server is not None and server.poll() is None else None

    def exists(self) -> bool:
        """Say whether it was ever made."""
        return self.layout.data.exists()

    def is_running(self) -> bool:
        """Say whether the server we started is alive."""
        return self.pid is not None

    def start(self) -> None:
        """Make the cluster if there is none, start the server, and wait until it answers.

        Raises: ClusterBusy, Fault.
        """
        self._account = accounts.server_account()
        self.layout.settle(self._account)
        self._lock.take(
            refusal=ClusterBusy(
                f"another Rollbook is running on {self.home}",
                "Stop that one first, or choose another folder with --data.",
            )
        )
        try:
            self.revive()
        except BaseException:
            self.stop()
            raise

    def revive(self) -> None:
        """Start the server, or start it again after it died while we hold the cluster.

        Raises: Fault.
        """
        programs = binaries.find(self._account)
        if self.tcp:
            self._port = self.tcp.port or self._port or ports.free_port()
        leftovers.stop_earlier_server(self.layout.data)
        sql = bootstrap.cluster_sql(database=DATABASE, passwords=self._verifiers())
        if not self.exists():
            self._make(programs, sql)
        self.layout.give(self.layout.socket, self._account)
        self._configure(self.layout.data)
        self._bootstrap_if_changed(programs, self.layout.data, sql)
        self._run_until_ready(programs)

    def attach(self) -> None:
        """Wait until the server that another process started answers.

        Raises: Fault.
        """
        deadline = time.monotonic() + START_SECONDS
        while not leftovers.is_ready(self.layout.data):
            if time.monotonic() > deadline:
                raise Fault(
                    "the running Rollbook's database does not answer", f"See {self.layout.log}."
                )
            time.sleep(0.05)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server: politely first, so that the next start needs no recovery.

        `at_once` leaves that work out, for a cluster that nobody starts again.
        """
        if self._server is not None:
            politely = () if at_once else ((signal.SIGINT, 30),)
            children.end(self._server, *politely, (signal.SIGQUIT, 10))
            self._server = None
        self._lock.release()

    def _verifiers(self) -> dict[str, str]:
        if self.tcp is None:
            return {}
        key = self.tcp.master_key
        return {
            login: logins.scram_verifier(logins.password_of(login, master_key=key))
            for login in logins.SERVICE_LOGINS
        }

    def _make(self, programs: binaries.Programs, sql: Sequence[str]) -> None:
        data = self.layout.unfinished
        for locale in ("C.UTF-8", "en_US.UTF-8", "C"):  # not every system knows the first
            shutil.rmtree(data, ignore_errors=True)
            self.layout.give(data, self._account)
            said = self._run(_initdb(programs, data, locale, self.options))
            if said.returncode == 0:
                break
        else:
            raise Fault(f"initdb failed: {said.stdout.strip()}")
        self._configure(data)
        self._single_user(programs, data, "postgres", [f"CREATE DATABASE {DATABASE}"])
        self.layout.bootstrap_stamp.unlink(missing_ok=True)
        self._bootstrap_if_changed(programs, data, sql)
        data.rename(self.layout.data)

    def _configure(self, data: Path) -> None:
        server_files.write(data, socket=self.layout.socket, port=self._port, options=self.options)

    def _bootstrap_if_changed(
        self, programs: binaries.Programs, data: Path, sql: Sequence[str]
    ) -> None:
        stamp = self.layout.bootstrap_stamp
        digest = hashlib.sha256("\0".join(sql).encode()).hexdigest()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
            return
        self._single_user(programs, data, DATABASE, sql)
        stamp.write_text(digest, encoding="utf-8")

    def _single_user(
        self, programs: binaries.Programs, data: Path, database: str, sql: Sequence[str]
    ) -> None:
        # -j: a statement ends with semicolon and empty line, so its own lines may end with one.
        command = [programs.postgres, "--single", "-j", "-D", str(data)]
        command += ["-c", "exit_on_error=on", "-c", "log_min_messages=fatal", database]
        said = self._run(command, "".join(f"{statement};\n\n" for statement in sql))
        if said.returncode != 0:
            raise Fault(f"preparing the database failed: {said.stdout.strip()[-2000:]}")

    def _run(self, command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        account = self._account
        return subprocess.run(
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
            cwd="/",
            env=_environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    def _run_until_ready(self, programs: binaries.Programs) -> None:
        deadline = time.monotonic() + START_SECONDS
        retry_until = time.monotonic() + RETRY_SECONDS
        server = self._spawn(programs)
        while not leftovers.is_ready(self.layout.data, server.pid):
            if server.poll() is not None:
                if time.monotonic() > retry_until:
                    raise Fault(f"the database stopped at its start: {self._last_words()}")
                time.sleep(0.5)
                server = self._spawn(programs)
            if time.monotonic() > deadline:
                raise Fault(
                    f"the database was not ready after {START_SECONDS} s",
                    f"It may still be recovering; see {self.layout.log} and start again.",
                )
            time.sleep(0.01)

    def _spawn(self, programs: binaries.Programs) -> subprocess.Popen[bytes]:
        log = self.layout.log
        too_long = log.exists() and log.stat().st_size > LOG_BYTES
        with log.open("wb" if too_long else "ab") as output:
            self._server = children.spawn(
                [programs.postgres, "-D", str(self.layout.data)],
                farewell=signal.SIGINT,
                output=output,
                account=self._account,
                env=_environment(),
                cwd=Path("/"),
            )
        return self._server

    def _last_words(self) -> str:
        lines = self.layout.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n    ".join(lines[-8:])


def _initdb(
    programs: binaries.Programs, data: Path, locale: str, options: Mapping[str, str]
) -> list[str]:
    command = [programs.initdb, "-D", str(data), "--encoding=UTF8", "--username=postgres"]
    command += ["--data-checksums", "--auth=reject", "--no-instructions"]
    # pg_trgm takes its idea of a letter from lc_ctype: with "C" it sees no Chinese ones.
    command += ["--lc-collate=C", f"--lc-ctype={locale}"]
    if programs.major >= 17:  # sorts the same whatever the system's library thinks
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if options.get("fsync") == "off":
        command.append("--no-sync")
    return command


def _environment() -> dict[str, str]:
    # Nothing of ours: the server needs no secret and takes no setting from the environment.
    return {"PATH": os.defpath, "LC_ALL": "C"}
