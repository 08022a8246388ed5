"""Health and metrics of one worker process, on a port of this machine if a setting names one.

/healthz: the process is alive and none of its threads died. /readyz: the database lets it in and
is migrated, the broker answers, its loops go round. /metrics: for Prometheus. Whoever may reach
the port may read all of it; nothing there names a tenant or a person.
"""

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pika
import pika.exceptions
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from shared.config import Settings, settings
from tenants import pool_meter, readiness
from workers.loop import Loop

PORTS_TRIED = 16  # processes that share a setting take the next port each
LATE_SECONDS = 60.0
LARGEST_PORT = 65535

log = structlog.get_logger(__name__)


class Endpoint:
    """A small HTTP server in a thread of its own."""

    def __init__(self, *, loops: Sequence[Loop] = (), uses_broker: bool = True) -> None:
        self._loops = loops
        self._uses_broker = uses_broker and not settings().is_embedded
        self._server = _bound(settings().worker_listen, self)
        if self._server:
            host, port = self._server.server_address[:2]
            log.info("listening", host=str(host), port=port)
            threading.Thread(
                target=self._server.serve_forever, name="endpoint", daemon=True
            ).start()

    def close(self) -> None:
        """Listen no more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Answer a path: status, content type, body."""
        if path == "/metrics":
            pool_meter.sample()
            return 200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY)
        if path == "/healthz":
            return _told({loop.name: "ok" if loop.is_alive() else "dead" for loop in self._loops})
        if path == "/readyz":
            return _told(self._parts())
        return 404, "text/plain", b"not found\n"

    def _parts(self) -> readiness.Parts:
        parts = readiness.parts_as("app_dispatch")
        if self._uses_broker:
            parts["broker"] = "ok" if _broker_answers(settings()) else "away"
        for loop in self._loops:
            parts[loop.name] = "late" if loop.idle_seconds() > LATE_SECONDS else "ok"
        return parts


def _told(parts: readiness.Parts) -> tuple[int, str, bytes]:
    ready = readiness.is_ready(parts)
    body = {"status": "ok" if ready else "not ok", "parts": parts}
    return 200 if ready else 503, "application/json", json.dumps(body).encode() + b"\n"


def _bound(listen: str, endpoint: Endpoint) -> ThreadingHTTPServer | None:
    """Listen at the setting's port, or at the next free one above it."""
    if not listen:
        return None
    host, _, first = listen.rpartition(":")

    class Handler(_Handler):
        asked = endpoint

    refusal: str | None = "no such port"
    for port in range(int(first), min(int(first) + PORTS_TRIED, LARGEST_PORT + 1)):
        try:
            return ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            refusal = error.strerror
    log.warning("health and metrics are not served", listen=listen, reason=refusal)
    return None


class _Handler(BaseHTTPRequestHandler):
    asked: Endpoint
    timeout = 5
    server_version, sys_version = "rollbook", ""

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        status, content_type, body = self.asked.answer(urlsplit(self.path).path)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a monitor asks every few seconds."""


def _broker_answers(read: Settings) -> bool:
    parameters = pika.URLParameters(read.broker_url.split(";")[0].partition("?")[0])
    parameters.connection_attempts = 1
    parameters.socket_timeout = parameters.stack_timeout = 3
    try:
        pika.BlockingConnection(parameters).close()
    except (pika.exceptions.AMQPError, OSError):
        return False
    return True
