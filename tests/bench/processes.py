"""The product's background processes as a server runs them, over RabbitMQ where there is one."""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit
from uuid import uuid4

import pika
import pika.exceptions

from deploy.local import children
from deploy.local.ports import free_port
from shared.config import settings
from tests.bench.servers import ROOT, PeerMissing
from tests.bench.sizes import Sizes
from workers.broker import QUEUES, queue_prefix

AMQP = os.environ.get("ROLLBOOK_TEST_AMQP", "amqp://guest:guest@127.0.0.1:5672/")
READY_SECONDS = 300
Settings = dict[str, str]


@contextmanager
def broker_settings(*, or_embedded: bool = True) -> Iterator[Settings]:
    """Give the settings of queues of our own, and delete these at the end.

    Without a broker: the embedded one's, or PeerMissing.
    """
    if not is_there():
        if not or_embedded:
            raise PeerMissing(f"no RabbitMQ at {urlsplit(AMQP).hostname}")
        yield {"ROLLBOOK_BROKER_URL": "stub://"}
        return
    prefix = f"bench_{uuid4().hex[:8]}_"
    try:
        yield {"ROLLBOOK_BROKER_URL": f"{AMQP}?queue_prefix={prefix}"}
    finally:
        delete([prefix + queue + end for queue in QUEUES for end in ("", ".DQ", ".XQ")])


def is_there() -> bool:
    """Say whether a RabbitMQ answers."""
    parameters = pika.URLParameters(AMQP)
    parameters.connection_attempts = 1
    parameters.socket_timeout = parameters.stack_timeout = 3
    try:
        pika.BlockingConnection(parameters).close()
    except (pika.exceptions.AMQPError, OSError):
        return False
    return True


def delete(queues: list[str]) -> None:
    """Delete queues."""
    _each(queues, "queue_delete")


def purge(queues: list[str]) -> None:
    """Empty queues."""
    _each(queues, "queue_purge")


def _each(queues: list[str], act: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(AMQP))
    for name in queues:
        with suppress(pika.exceptions.ChannelClosedByBroker):
            getattr(connection.channel(), act)(name)
    connection.close()


def name_of(given: Settings) -> str:
    """Name the broker."""
    return urlsplit(given["ROLLBOOK_BROKER_URL"]).scheme.replace("amqp", "RabbitMQ")


@contextmanager
def workers(sizes: Sizes, module: str = "workers.run") -> Iterator[None]:
    """Keep a dispatcher and two worker processes of eight threads running, and wait for them.

    `module` is what runs the parts: the product's own, or one that knows more kinds of jobs.
    """
    hands = ["worker"] if sizes.is_small else ["worker", "worker"]
    parts = ["all"] if settings().is_embedded else [*hands, "dispatcher"]
    with ExitStack() as running:
        for part in parts:
            port = free_port()
            env = {"ROLLBOOK_WORKER_LISTEN": f"127.0.0.1:{port}"}
            running.enter_context(kept([sys.executable, "-m", module, part], env))
            _await(f"http://127.0.0.1:{port}/readyz")
        yield


@contextmanager
def kept(command: list[str], env: Settings | None = None) -> Iterator[None]:
    """Keep a program running until the block ends; its words go nowhere."""
    with open(os.devnull, "wb") as nowhere:
        child = children.spawn(
            command,
            farewell=signal.SIGKILL,
            output=nowhere,
            env={**os.environ, **(env or {})},
            cwd=ROOT,
        )
    try:
        yield
        if child.poll() is not None:
            raise RuntimeError(f"ended by itself: {' '.join(command)}")
    finally:
        children.end(child, (signal.SIGTERM, 20))


def _await(address: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise TimeoutError(f"not ready: {address}")


def prefix() -> str:
    """Read what this run's queues begin with."""
    return queue_prefix(settings())
