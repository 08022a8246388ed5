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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import quote

from deploy.faults import Fault
from deploy.local import accounts, binaries, children, leftovers, ports, server_files
from deploy.local.locks import FolderLock
from tenants import bootstrap, logins

DATABASE = server_files.DATABASE
START_SECONDS = 120  # crash recovery may take that long
RETRY_SECONDS = 10  # the processes of a killed server take a moment to notice
LONGEST_SOCKET = 100  # bytes of a socket's path: 103 on macOS, 107 on Linux
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
        self.options = dict(options)
        self.tcp = tcp
        self.place = self._noted_place() or self.home  # elsewhere if the server cannot get here
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
            cluster.stop()
            cluster.remove()

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.place / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.place / "postgres.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket; a short one elsewhere when ours is too long for a socket."""
        folder = self.place / "socket"
        if len(os.fsencode(folder / ".s.PGSQL.65535")) <= LONGEST_SOCKET:
            return folder
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"rollbook-{digest}")

    @property
    def url(self) -> str:
        """The address without a user."""
        if self.tcp:
            return f"postgresql://127.0.0.1:{self._port}/{DATABASE}"
        return f"postgresql:///{DATABASE}?host={quote(str(self.socket), safe='/')}"

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        running = self._server is not None and self._server.poll() is None
        return self._server.pid if running and self._server else None

    def start(self) -> None:
        """Make the cluster if there is none, start the server, and wait until it answers.

        Raises: Fault.
        """
        self._account = accounts.server_account()
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.take(
            refusal=ClusterBusy(
                f"another Rollbook is running on {self.home}",
                "Stop that one first, or choose another folder with --data.",
            )
        )
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server: politely first, so that the next start needs no recovery."""
        if self._server is not None:
            children.end(self._server, (signal.SIGINT, 30), (signal.SIGQUIT, 10))
            self._server = None
        self._lock.release()

    def revive(self) -> None:
        """Start the server again after it died while we hold the cluster.

        Raises: Fault.
        """
        self._start()

    def attach(self) -> None:
        """Wait until the server that another process started answers.

        Raises: Fault.
        """
        deadline = time.monotonic() + START_SECONDS
        while not leftovers.is_ready(self.data):
            if time.monotonic() > deadline:
                raise Fault("the running Rollbook's database does not answer", f"See {self.log}.")
            time.sleep(0.05)

    def exists(self) -> bool:
        """Say whether it was ever made."""
        return self.data.exists()

    def remove(self) -> None:
        """Remove the stopped cluster's files for good."""
        for folder in (self.socket, self.place, self.home):
            shutil.rmtree(folder, ignore_errors=True)

    def is_running(self) -> bool:
        """Say whether the server we started is alive."""
        return self.pid is not None

    def _start(self) -> None:
        programs = binaries.find(self._account)
        self.place = self._choose_place()
        if self.tcp:
            self._port = self.tcp.port or ports.free_port()
        leftovers.stop_earlier_server(self.data)
        sql = bootstrap.cluster_sql(database=DATABASE, passwords=self._verifiers())
        if not self.data.exists():
            self._make(programs, sql)
        self._make_socket_folder()
        self._configure(self.data)
        self._bootstrap_if_changed(programs, self.data, sql)
        self._run_until_ready(programs)

    def _verifiers(self) -> dict[str, str]:
        if self.tcp is None:
            return {}
        key = self.tcp.master_key
        return {
            login: logins.scram_verifier(logins.password_of(login, master_key=key))
            for login in logins.SERVICE_LOGINS
        }

    def _choose_place(self) -> Path:
        if noted := self._noted_place():
            return noted
        self._give(self.home)
        if accounts.reaches(self._account, self.home):
            return self.home
        # We are root and the folder lies in root's own home, which the server's account cannot
        # enter. Opening the home to all would be worse than keeping the files elsewhere.
        parent = binaries.shared_folder() / "clusters"
        parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix="", dir=parent))
        self._give(place)
        (self.home / "place").write_text(f"{place}\n", encoding="utf-8")
        return place

    def _noted_place(self) -> Path | None:
        try:
            return Path((self.home / "place").read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return None

    def _make(self, programs: binaries.Programs, sql: list[str]) -> None:
        # Under another name until it is complete: killed halfway, the next start begins anew.
        unfinished = self.place / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        common = ["--encoding=UTF8", "--username=postgres", "--data-checksums"]
        common += ["--auth=reject", "--no-instructions", "-D", str(unfinished)]
        if self.options.get("fsync") == "off":
            common.append("--no-sync")
        for locale in ("C.UTF-8", "en_US.UTF-8", "C"):  # not every system knows the first
            made = self._run([programs.initdb, *_locale(programs, locale), *common])
            if made.returncode == 0:
                break
        else:
            raise Fault(f"initdb failed: {made.stdout.strip()}", f"See also {self.home}.")
        self._configure(unfinished)
        self._single_user(programs, unfinished, "postgres", [f"CREATE DATABASE {DATABASE}"])
        self._bootstrap_if_changed(programs, unfinished, sql)
        unfinished.rename(self.data)

    def _configure(self, data: Path) -> None:
        server_files.write(data, socket=self.socket, port=self._port, options=self.options)

    def _bootstrap_if_changed(
        self, programs: binaries.Programs, data: Path, sql: list[str]
    ) -> None:
        stamp = data / "rollbook.bootstrap"
        digest = hashlib.sha256("\0".join(sql).encode()).hexdigest()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
            return
        self._single_user(programs, data, DATABASE, sql)
        stamp.write_text(digest, encoding="utf-8")

    def _single_user(
        self, programs: binaries.Programs, data: Path, database: str, sql: list[str]
    ) -> None:
        # -j: a statement ends with semicolon and empty line, so its own lines may end with one.
        command = [programs.postgres, "--single", "-j", "-D", str(data)]
        command += ["-c", "exit_on_error=on", "-c", "log_min_messages=fatal", database]
        done = self._run(command, "".join(f"{statement};\n\n" for statement in sql))
        if done.returncode != 0:
            raise Fault(f"preparing the database failed: {done.stdout.strip()[-2000:]}")

    def _run(self, command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
        account = self._account
        return subprocess.run(
            command,
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    def _make_socket_folder(self) -> None:
        folder = self.socket
        folder.mkdir(mode=0o700, exist_ok=True)
        self._give(folder)
        found = folder.lstat()
        owner = self._account.uid if self._account else os.geteuid()
        if folder.is_symlink() or found.st_uid != owner:
            raise Fault(f"{folder} belongs to somebody else", "Remove it and start again.")
        folder.chmod(0o700)

    def _give(self, folder: Path) -> None:
        if self._account and not folder.is_symlink():
            os.chown(folder, self._account.uid, self._account.gid)

    def _run_until_ready(self, programs: binaries.Programs) -> None:
        deadline = time.monotonic() + START_SECONDS
        retry_until = time.monotonic() + RETRY_SECONDS
        self._spawn(programs)
        while not leftovers.is_ready(self.data, self._running_child().pid):
            if self._running_child().poll() is not None:
                if time.monotonic() > retry_until:
                    raise Fault(f"the database stopped at its start: {self._last_words()}")
                time.sleep(0.5)
                self._spawn(programs)
            if time.monotonic() > deadline:
                raise Fault(
                    f"the database was not ready after {START_SECONDS} s",
                    f"It may still be recovering; see {self.log} and start again.",
                )
            time.sleep(0.01)

    def _spawn(self, programs: binaries.Programs) -> None:
        too_long = self.log.exists() and self.log.stat().st_size > LOG_BYTES
        with self.log.open("wb" if too_long else "ab") as output:
            self._server = children.spawn(
                [programs.postgres, "-D", str(self.data)],
                farewell=signal.SIGINT,
                output=output,
                account=self._account,
                env=_environment(),
                cwd=Path("/"),
            )

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._server is None:
            raise Fault("the database was never started")
        return self._server

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n    ".join(lines[-8:])


def _locale(programs: binaries.Programs, name: str) -> list[str]:
    # pg_trgm takes its idea of a letter from lc_ctype: with "C" it sees no Chinese ones.
    if programs.major < 17:
        return ["--lc-collate=C", f"--lc-ctype={name}"]
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*builtin, "--lc-collate=C", f"--lc-ctype={name}"]


def _environment() -> dict[str, str]:
    # Nothing of ours: the server needs no secret and takes no setting from the environment.
    return {"PATH": os.defpath, "LC_ALL": "C"}
