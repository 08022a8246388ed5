"""A server for one test, as deploy/README.md describes it: what its files say, made to run here.

nginx with our template, gunicorn on a socket that outlives it, RabbitMQ with our definitions,
PostgreSQL with our settings. What a container or a machine would have, an address or a folder, is
filled in; the rest is as it is delivered.
"""

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest

from deploy.broker_definitions import definitions
from deploy.local import ports
from deploy.local.postgres import UNSAFE_BUT_FAST
from shared.config import settings
from tests.deploy.test_server_files import DEPLOY, options
from tests.journeys.server import MASTER_KEY, process
from tests.waiting import until
from tests.workers.conftest import AMQP

HOST = "localhost"
# of the delivered settings, what a test's machine has less of
SMALLER = {
    "shared_buffers": "64MB",
    "maintenance_work_mem": "32MB",
    "max_connections": "120",
    "max_wal_size": "256MB",
    "listen_addresses": "127.0.0.1",
}
# hands descriptor 3 over as systemd does, then becomes the program
AS_SYSTEMD = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); "
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


def need(program: str) -> str:
    """Find a program; without it skip at home and fail in CI."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"no {program}")
    pytest.skip(f"no {program} here")


def database_options() -> dict[str, str]:
    """Give the delivered settings of PostgreSQL, smaller, and without waiting for the disk."""
    return options(DEPLOY / "postgresql" / "postgresql.conf") | SMALLER | dict(UNSAFE_BUT_FAST)


def make_secrets(folder: Path) -> Path:
    """Run the delivered script in a folder of its own; the database's key is known already."""
    script = Path(shutil.copy(DEPLOY / "container" / "make_secrets", folder))
    made = folder / "secrets"
    made.mkdir()
    (made / "master_key").write_text(MASTER_KEY)
    subprocess.run([str(script), HOST], check=True)
    return made


def arguments_of(name: str) -> list[str]:
    """Read from its unit how Python starts a process."""
    (unit,) = (DEPLOY / "systemd").glob(f"rollbook-{name}*.service")
    (command,) = re.findall(r"^ExecStart=\S+/python (.*)$", unit.read_text(), re.M)
    return str(command).split()


@contextmanager
def broker() -> Iterator[str]:
    """Make a vhost and its user by our definitions; gives the address, and removes them."""
    control, name = need("rabbitmqctl"), f"rollbook_{uuid4().hex[:8]}"
    parts = urlsplit(AMQP)
    url = f"amqp://{name}:{uuid4().hex}@{parts.hostname}:{parts.port or 5672}/{name}"
    os.environ["ROLLBOOK_BROKER_URL"] = url
    settings.cache_clear()
    made = json.dumps(definitions(settings()))
    said = subprocess.run(
        [control, "--quiet", "import_definitions"],
        input=made,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if said.returncode and not os.environ.get("CI"):
        pytest.skip(f"rabbitmqctl may not: {said.stderr.strip()[:200]}")
    assert said.returncode == 0, said.stderr
    try:
        yield url
    finally:
        for command in ("delete_vhost", "delete_user"):
            subprocess.run([control, "--quiet", command, name], timeout=60, check=False)


def queues_of(url: str) -> list[dict[str, Any]]:
    """List a vhost's queues with type and policy."""
    command = [need("rabbitmqctl"), "--quiet", "list_queues", "--formatter=json"]
    command += ["-p", urlsplit(url).path.removeprefix("/"), "name", "type", "policy"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    listed: list[dict[str, Any]] = json.loads(said.stdout)
    return listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the parts of the machine are."""

    folder: Path
    secrets: Path
    web_port: int
    https_port: int
    http_port: int

    @property
    def address(self) -> str:
        """Where browsers go."""
        return f"https://{HOST}:{self.https_port}"

    @property
    def behind(self) -> str:
        """Where the proxy goes."""
        return f"http://127.0.0.1:{self.web_port}"

    def environment(self, **more: str) -> dict[str, str]:
        """Give a process its settings, the secrets as files."""
        env = {name: value for name, value in os.environ.items() if not name.endswith("_KEY")}
        env.pop("ROLLBOOK_BROKER_URL", None)
        (self.secrets / "broker_url").write_text(os.environ["ROLLBOOK_BROKER_URL"])
        files = ("master_key", "secret_key", "broker_url", "metrics_token")
        named = {f"ROLLBOOK_{name.upper()}_FILE": str(self.secrets / name) for name in files}
        return {
            **env,
            **named,
            "ROLLBOOK_PUBLIC_URL": self.address,
            "ROLLBOOK_TRUSTED_PROXIES": "1",
            "ROLLBOOK_WEB_WORKERS": "1",
            "ROLLBOOK_WEB_THREADS": "26",
            **more,
        }


@contextmanager
def nginx(place: Place) -> Iterator[None]:
    """Run nginx with our template; its own test of it first."""
    program = need("nginx")
    text = (DEPLOY / "nginx" / "rollbook.conf.template").read_text(encoding="utf-8")
    filled = {
        "${ROLLBOOK_HOST}": HOST,
        "${ROLLBOOK_UPSTREAM}": f"127.0.0.1:{place.web_port}",
        "${ROLLBOOK_TLS}": str(place.secrets),
        "listen 80;": f"listen 127.0.0.1:{place.http_port};",
        "listen 443 ssl;": f"listen 127.0.0.1:{place.https_port} ssl;",
        "error_log stderr error;": f"error_log {place.folder / 'nginx_errors'} error;",
    }
    for name, value in filled.items():
        assert name in text, name
        text = text.replace(name, value)
    (place.folder / "site.conf").write_text(text)
    folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = [f"{name}_temp_path {place.folder / name};" for name in folders]
    lines = [
        "user root;" if os.geteuid() == 0 else "",
        f"pid {place.folder / 'nginx.pid'};",
        "worker_processes 1;",
        "daemon off;",
        "events { worker_connections 256; }",
        f"http {{ {' '.join(temporary)} include {place.folder / 'site.conf'}; }}",
    ]
    main = place.folder / "nginx.conf"
    main.write_text("\n".join(lines))
    command = [program, "-e", str(place.folder / "nginx_errors"), "-c", str(main)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    with process(command, place.folder / "nginx", os.environ):
        until(lambda: ports.is_taken("127.0.0.1", place.https_port))
        yield


@contextmanager
def gunicorn(place: Place, listener: socket.socket, log: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the web process on a socket that is ours, as it would be systemd's."""
    command = [sys.executable, "-c", AS_SYSTEMD, str(listener.fileno())]
    command += ["-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
    descriptor = (listener.fileno(),)
    with process(command, place.folder / log, place.environment(), pass_fds=descriptor) as running:
        yield running


class Browser:
    """Somebody outside: cookies, redirects not followed, our certificate trusted."""

    def __init__(self, place: Place, **headers: str) -> None:
        self.address = place.address
        self.cookies = CookieJar()
        trusted = ssl.create_default_context(cafile=str(place.secrets / "certificate.pem"))
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies),
            urllib.request.HTTPSHandler(context=trusted),
            _Staying(),
        )
        self._headers = headers

    def ask(
        self,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        json_body: Any = None,
        **more: str,
    ) -> tuple[int, str, Mapping[str, str]]:
        """Send a request: status, body, headers."""
        headers = {"Referer": f"{self.address}/", **self._headers, **more}
        data = urlencode(form).encode() if form is not None else None
        if json_body is not None:
            data = json.dumps(json_body).encode()
            headers["Content-Type"] = "application/json"
        url = path if path.startswith("http") else self.address + path
        try:
            request = urllib.request.Request(url, data=data, headers=headers)
            with self._opener.open(request, timeout=40) as answer:
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)

    def sign_in(self, login: str, password: str) -> tuple[int, str]:
        """Fill in the form at the door."""
        _, page, _ = self.ask("/sign-in")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page
        form = {"csrf_token": found[1], "login": login, "password": password}
        status, body, _ = self.ask("/sign-in", form=form)
        return status, body


class _Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *given: Any) -> None:
        """Follow none."""


def metric(place: Place, name: str, **labels: str) -> float:
    """Ask the web process itself, from this machine, for one value; nought when there is none."""
    with urllib.request.urlopen(f"{place.behind}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    total = 0.0
    for line in text.splitlines():
        given = dict(re.findall(r'(\w+)="([^"]*)"', line))
        if re.match(rf"{name}(\{{|\s)", line) and labels.items() <= given.items():
            total += float(line.rpartition(" ")[2])
    return total


def end(running: subprocess.Popen[bytes], seconds: float = 40) -> int:
    """Tell a process to stop and wait for it."""
    running.send_signal(signal.SIGTERM)
    return running.wait(seconds)


def answers(url: str) -> Callable[[], bool]:
    """Give a question: does this address say 200?"""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except OSError:
            return False

    return ask
